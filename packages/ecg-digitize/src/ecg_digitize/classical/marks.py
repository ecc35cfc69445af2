"""Marks that fix scale and time on a page: calibration pulses, and the short thick bars where a new lead begins."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import cv2
import numpy as np

from ecg_core.paper import PaperSpec
from ecg_digitize.classical.rectify import PX_PER_MM
from ecg_digitize.classical.strokes import INK_THRESHOLD

PULSE_DURATION_S = 0.2
PULSE_AMPLITUDE_MV = 1.0
GAIN_RATIOS = (2.0, 1.0, 0.5)
"""Heights looked for, as multiples of the one that the gain says, so that a page may contradict it; the tallest first,
since the upper half of a pulse looks like a whole one."""
MIN_PULSE_SCORE = 0.6
SLANT_MM = 0.5
"""Half the width within which a pulse's edge may lean or lie."""
PULSE_SEARCH_MM = 8.0
"""How far a pulse's foot may lie from the row's baseline."""
PULSE_COLUMN_PX = 1.5 * PX_PER_MM
"""How far the pulses of two rows may stand apart sideways."""

MIN_BAR_HEIGHT_MM = 3.5
MAX_BAR_HEIGHT_MM = 12.0
MAX_BAR_WIDTH_MM = 1.6
BAR_THICKNESS_IN_PENS = 1.4
MIN_BAR_FILL = 0.85
BLUR_PX = 2.0
"""By how much the blurred edge of a bar reaches beyond its box."""
TWIN_PX = 0.4 * PX_PER_MM
TWIN_HEIGHT = 0.2
TWIN_RISE_PX = 1.5 * PX_PER_MM
"""How far two rows' bars may differ in place, share of height, and place above their baselines."""


@attrs.frozen(kw_only=True)
class Pulse:
    """A calibration pulse, in pixels of the flat page; edges and levels are middles of strokes.

    Attributes:
        gain_ratio: height over the height expected at the gain given; 1 unless the page contradicts it.
    """

    left_px: float
    right_px: float
    top_px: float
    foot_px: float
    score: float
    gain_ratio: float


@attrs.frozen(kw_only=True)
class Bar:
    """An upright thick stroke that may separate leads, in pixels of the flat page."""

    left_px: float
    right_px: float
    top_px: float
    bottom_px: float

    @property
    def centre_px(self) -> float:
        return (self.left_px + self.right_px) / 2

    @property
    def height_px(self) -> float:
        return self.bottom_px - self.top_px


def find_pulses(evidence: np.ndarray, baselines_px: np.ndarray, paper: PaperSpec) -> list[Pulse | None]:
    """The calibration pulse of every row, None where it has none.

    Args:
        evidence: float32, shape (height, width), of a flat page.
        baselines_px: float, shape (rows,).
        paper: speed and gain, which fix the pulse's size.
    """
    left_half = np.ascontiguousarray(evidence[:, : evidence.shape[1] // 2])
    maps = [_pulse_scores(left_half, paper, ratio) for ratio in GAIN_RATIOS]
    return _agreeing([_pulse_of_row(maps, baseline) for baseline in baselines_px])


def _agreeing(pulses: list[Pulse | None]) -> list[Pulse | None]:
    """Only the pulses that stand above one another and are equally tall; none unless most rows have one."""
    found = [pulse for pulse in pulses if pulse is not None]
    columns = np.median([pulse.left_px for pulse in found]) if found else 0.0
    ratio = np.median([pulse.gain_ratio for pulse in found]) if found else 1.0
    kept = [
        pulse
        if pulse is not None and pulse.gain_ratio == ratio and abs(pulse.left_px - columns) <= PULSE_COLUMN_PX
        else None
        for pulse in pulses
    ]
    return kept if 2 * sum(pulse is not None for pulse in kept) > len(pulses) else [None] * len(pulses)


@attrs.frozen
class _PulseScores:
    """Score of a pulse by the place of its upper left corner."""

    score: np.ndarray
    width_px: int
    height_px: int
    gain_ratio: float


def _pulse_scores(evidence: np.ndarray, paper: PaperSpec, gain_ratio: float) -> _PulseScores:
    width = round(paper.width_mm(PULSE_DURATION_S) * PX_PER_MM)
    height = round(paper.height_mm(PULSE_AMPLITUDE_MV) * gain_ratio * PX_PER_MM)
    lean = 2 * round(SLANT_MM * PX_PER_MM) + 1
    edges = _mean_from(cv2.dilate(evidence, np.ones((1, lean), np.uint8)), height, axis=0)
    top = _mean_from(cv2.dilate(evidence, np.ones((lean, 1), np.uint8)), width, axis=1)
    score = np.zeros_like(evidence)
    if min(evidence.shape[0] - height, evidence.shape[1] - width) > 0:
        score[:, :-width] = np.minimum(np.minimum(edges[:, :-width], edges[:, width:]), top[:, :-width])
    return _PulseScores(score, width, height, gain_ratio)


def _mean_from(values: np.ndarray, length: int, axis: int) -> np.ndarray:
    """Mean of the ``length`` pixels that begin at each pixel, downwards (axis 0) or to the right (axis 1)."""
    size = (1, length) if axis == 0 else (length, 1)
    anchor = (0, 0)
    return cv2.blur(values, size, anchor=anchor, borderType=cv2.BORDER_CONSTANT)


def _pulse_of_row(maps: list[_PulseScores], baseline_px: float) -> Pulse | None:
    candidates = (_best_pulse(scores, baseline_px) for scores in maps)
    return next((pulse for pulse in candidates if pulse.score >= MIN_PULSE_SCORE), None)


def _best_pulse(scores: _PulseScores, baseline_px: float) -> Pulse:
    reach = PULSE_SEARCH_MM * PX_PER_MM
    first = max(0, round(baseline_px - scores.height_px - reach))
    window = scores.score[first : max(first + 1, round(baseline_px - scores.height_px + reach))]
    plateau = np.argwhere(window >= window.max() - 0.02)
    row, column = plateau.mean(axis=0)
    return Pulse(
        left_px=float(column),
        right_px=float(column + scores.width_px),
        top_px=float(first + row),
        foot_px=float(first + row + scores.height_px),
        score=float(window.max()),
        gain_ratio=scores.gain_ratio,
    )


def find_bars(evidence: np.ndarray, pen_px: float, baselines_px: np.ndarray) -> list[Bar]:
    """Upright strokes clearly thicker than the pen that stand in several rows alike; a few QRS complexes do too.

    Args:
        evidence: float32, shape (height, width), of a flat page.
        pen_px: thickness of the trace.
        baselines_px: float, shape (rows,).
    """
    bars = _thick_strokes(evidence, pen_px)
    return [bar for bar in bars if any(_are_twins(bar, other, baselines_px) for other in bars)]


def _are_twins(bar: Bar, other: Bar, baselines_px: np.ndarray) -> bool:
    """Whether two strokes look like the same mark of two rows."""
    rows = [int(np.abs(baselines_px - (one.top_px + one.bottom_px) / 2).argmin()) for one in (bar, other)]
    rises = [baselines_px[row] - one.top_px for row, one in zip(rows, (bar, other), strict=True)]
    return (
        rows[0] != rows[1]
        and abs(bar.centre_px - other.centre_px) <= TWIN_PX
        and abs(bar.height_px - other.height_px) <= TWIN_HEIGHT * bar.height_px
        and abs(rises[0] - rises[1]) <= TWIN_RISE_PX
    )


def _thick_strokes(evidence: np.ndarray, pen_px: float) -> list[Bar]:
    ink = (evidence > INK_THRESHOLD).astype(np.uint8)
    kernel = np.ones((_odd(MIN_BAR_HEIGHT_MM * PX_PER_MM), max(3, _odd(BAR_THICKNESS_IN_PENS * pen_px))), np.uint8)
    opened = cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel)
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened)
    return [
        Bar(left_px=left - 0.5, right_px=left + width - 0.5, top_px=top - 0.5, bottom_px=top + height - 0.5)
        for left, top, width, height, area in stats[1:].astype(float)
        if width <= MAX_BAR_WIDTH_MM * PX_PER_MM
        and height <= MAX_BAR_HEIGHT_MM * PX_PER_MM
        and area >= MIN_BAR_FILL * width * height
    ]


def without_marks(
    evidence: np.ndarray, pulses: Sequence[Pulse | None], bars: Sequence[Bar], start_px: float, pen_px: float
) -> np.ndarray:
    """Evidence of the traces alone: nothing before time 0, no pulses, no bars; what they hide is left empty.

    A pulse's foot stays, since the trace may begin on it.
    """
    signal = evidence.copy()
    signal[:, : max(0, round(start_px - pen_px / 2))] = 0
    for pulse in pulses:
        if pulse is not None:
            _blank(signal, pulse.left_px, pulse.right_px, pulse.top_px, pulse.foot_px - pen_px, pen_px)
    for bar in bars:
        _blank(signal, bar.left_px, bar.right_px, bar.top_px, bar.bottom_px, BLUR_PX)
    return signal


def _blank(signal: np.ndarray, left: float, right: float, top: float, bottom: float, margin: float) -> None:
    rows = slice(max(0, round(top - margin)), max(0, round(bottom + margin) + 1))
    signal[rows, max(0, round(left - margin)) : max(0, round(right + margin) + 1)] = 0


def _odd(length: float) -> int:
    """The nearest odd number: a kernel with a middle does not shift what it opens."""
    return 2 * int(length // 2) + 1
