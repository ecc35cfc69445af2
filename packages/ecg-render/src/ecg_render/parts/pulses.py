"""Calibration pulses."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from ecg_core.paper import PULSE_MV, PULSE_S, Segment
from ecg_render.geometry import PageScale
from ecg_render.parts.words import corners
from ecg_render.scene import NO_ROW, CalibrationPulse
from ecg_render.style import PageStyle, PulseStyle

BELOW_MM = 20.0
"""How far below the last row's baseline the one pulse of a page stands; its roof clears the waves of that row."""


def place_pulses(scale: PageScale, style: PageStyle, baselines_px: tuple[float, ...]) -> tuple[CalibrationPulse, ...]:
    """All pulses of a page, from the top."""
    pulse = style.pulse
    of_rows = [_pulse(scale, pulse, row, foot_px, lead) for row, foot_px, lead in _places(scale, pulse, baselines_px)]
    return (*of_rows, *(_of_columns(scale, pulse, baselines_px) if pulse.every_column else ()))


def _places(scale: PageScale, style: PulseStyle, baselines_px: tuple[float, ...]) -> Iterator[tuple[int, float, str]]:
    """Row, height of the foot, and lead whose gain holds."""
    first_leads = {segment.row: segment.lead for segment in reversed(scale.layout.segments)}
    last_row = len(baselines_px) - 1
    if style.rows == "middle" and last_row > 0:
        above = last_row // 2
        yield NO_ROW, (baselines_px[above] + baselines_px[above + 1]) / 2, first_leads[above]
    elif style.rows == "below":
        yield NO_ROW, baselines_px[last_row] + BELOW_MM * scale.px_per_mm, first_leads[last_row]
    else:
        rows = {"every": range(last_row + 1), "none": ()}.get(style.rows, (last_row if style.rows == "last" else 0,))
        yield from ((row, baselines_px[row], first_leads[row]) for row in rows)


def _width_px(scale: PageScale, style: PulseStyle) -> float:
    return PULSE_S * scale.px_per_s if style.width_mm is None else style.width_mm * scale.px_per_mm


def _pulse(scale: PageScale, style: PulseStyle, row: int, base_px: float, lead: str) -> CalibrationPulse:
    foot_px, gap_px = style.foot_mm * scale.px_per_mm, style.gap_mm * scale.px_per_mm
    width_px = _width_px(scale, style)
    if style.left_mm is not None:
        right_px = scale.position_px(style.left_mm) + width_px
    elif style.side == "right":
        right_px = scale.position_px(scale.signal_end_mm) + gap_px + foot_px + width_px
    else:
        right_px = scale.time_px(0.0) - gap_px - foot_px
    return _standing(scale, style, row, (right_px - width_px, right_px), base_px, lead)


def _standing(
    scale: PageScale, style: PulseStyle, row: int, sides_px: tuple[float, float], base_px: float, lead: str
) -> CalibrationPulse:
    left_px, right_px = sides_px
    base_px = base_px - style.rise_mm * scale.px_per_mm
    outline = corners(left_px, base_px - PULSE_MV * scale.px_per_mv_of(lead), right_px, base_px)
    if style.form == "trapezoid":
        slope_px = min(style.slope_mm * scale.px_per_mm, (right_px - left_px) / 3)
        outline = outline + np.array([(slope_px, 0.0), (-slope_px, 0.0), (0.0, 0.0), (0.0, 0.0)])
    return CalibrationPulse(
        row=row,
        foot_px=style.foot_mm * scale.px_per_mm,
        form=style.form,
        tick_px=style.tick_mm * scale.px_per_mm,
        rgb=style.rgb,
        corners_px=outline,
    )


def _of_columns(scale: PageScale, style: PulseStyle, baselines_px: tuple[float, ...]) -> Iterator[CalibrationPulse]:
    """A pulse in the gap before each later lead of a row, where it has room."""
    ends_s: dict[int, float] = {}
    for segment in scale.layout.segments:
        bare_px = (segment.at_s - ends_s.get(segment.row, segment.at_s)) * scale.px_per_s
        ends_s[segment.row] = segment.at_s + segment.duration_s
        slim = _fitted(scale, style, bare_px)
        if slim is not None:
            yield _before(scale, slim, segment, baselines_px[segment.row])


def _fitted(scale: PageScale, style: PulseStyle, bare_px: float) -> PulseStyle | None:
    """The style, its feet and gap made shorter where the gap is narrow; None where the pulse itself has no room."""
    spare_mm = (bare_px - _width_px(scale, style)) / scale.px_per_mm - style.line_mm
    if spare_mm < 0:
        return None
    needed_mm = 2 * style.foot_mm + style.gap_mm
    share = min(1.0, spare_mm / needed_mm) if needed_mm > 0 else 1.0
    return attrs.evolve(style, foot_mm=style.foot_mm * share, gap_mm=style.gap_mm * share)


def _before(scale: PageScale, style: PulseStyle, segment: Segment, base_px: float) -> CalibrationPulse:
    right_px = scale.time_px(segment.at_s) - (style.gap_mm + style.foot_mm) * scale.px_per_mm
    sides_px = right_px - _width_px(scale, style), right_px
    return _standing(scale, style, segment.row, sides_px, base_px, segment.lead)
