"""Where a record's leads, pulses and names stand on a page: record, layout and style to a `Scene`."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import PULSE_MV, PULSE_S, Segment
from ecg_core.record import Record
from ecg_render.drawing.letters import letters
from ecg_render.geometry import PageScale
from ecg_render.scene import CalibrationPulse, LeadName, PrintedText, Scene, Separator, TracePiece
from ecg_render.style import Note, PageStyle

FOOTER_RISE_MM = 5.0
PLACEHOLDER = re.compile(r"\{(\w+)\}")

log = logging.getLogger(__name__)


def compose_scene(record: Record, scale: PageScale, style: PageStyle, rng: np.random.Generator) -> Scene:
    """Work out every coordinate of a page.

    Raises:
        DataError: the record has none of the layout's leads, or the rows do not fit on the sheet.
    """
    layout = scale.layout
    _check_fits(scale)
    _report_missing(record, scale)
    baselines_px = _baselines(scale, style, rng)
    return Scene(
        name=record.name,
        layout=layout.name,
        dots_per_inch=scale.dots_per_inch,
        width_px=scale.width_px,
        height_px=scale.height_px,
        px_per_mm=scale.px_per_mm,
        px_per_mv=scale.px_per_mv,
        px_per_s=scale.px_per_s,
        baselines_px=baselines_px,
        signal_start_px=scale.time_px(0.0),
        signal_end_px=scale.position_px(scale.signal_end_mm),
        pieces=_trace_pieces(record, scale, baselines_px),
        pulses=_pulses(scale, style, baselines_px) if style.pulse_width_mm else (),
        lead_names=tuple(_lead_name(scale, style, segment, baselines_px) for segment in layout.segments),
        texts=(*_footer(scale, style), *_notes(record, scale, style)),
        separators=_separators(scale, style, baselines_px) if style.separators else (),
        grid_points_px=_grid_points(scale),
    )


def _check_fits(scale: PageScale) -> None:
    layout, paper, end_mm = scale.layout, scale.paper, scale.signal_end_mm
    if end_mm > layout.page_width_mm:
        fitting_s = paper.duration_s(layout.page_width_mm - layout.signal_start_mm)
        raise DataError(
            f"layout {layout.name}: {layout.duration_s:g} s at {paper.speed_mm_per_s:g} mm/s end {end_mm:g} mm from "
            f"the left edge of a sheet {layout.page_width_mm:g} mm wide; use a layout of at most {fitting_s:.3g} s, "
            f"a wider sheet, or a lower paper speed"
        )


def _report_missing(record: Record, scale: PageScale) -> None:
    wanted = scale.layout.lead_names
    missing = [lead for lead in wanted if _source(record, lead) is None]
    if len(missing) == len(wanted):
        raise DataError(
            f"{record.name}: it has none of the leads of layout {scale.layout.name} ({', '.join(wanted)}); "
            f"found {', '.join(record.lead_names)}. Rename the leads or choose another layout"
        )
    if missing:
        log.warning("%s: no lead %s; their places stay empty", record.name, ", ".join(missing))


def _source(record: Record, lead: str) -> np.ndarray | None:
    """Millivolts of a lead as printed; ``-aVR`` is aVR upside down. None where the record lacks it."""
    if lead in record.lead_names:
        return record.lead_mv(lead)
    if lead.startswith("-") and lead[1:] in record.lead_names:
        return -record.lead_mv(lead[1:])
    return None


def _baselines(scale: PageScale, style: PageStyle, rng: np.random.Generator) -> tuple[float, ...]:
    reach_mm = style.baseline_jitter_boxes * scale.paper.large_box_mm
    jitter_mm = rng.uniform(-reach_mm, reach_mm, scale.layout.num_rows)
    return tuple(scale.position_px(np.asarray(scale.layout.baselines_mm) + jitter_mm).tolist())


def _trace_pieces(record: Record, scale: PageScale, baselines_px: tuple[float, ...]) -> tuple[TracePiece, ...]:
    pieces = [
        _trace_piece(signal_mv, record.sampling_rate_hz, segment, scale, baselines_px[segment.row])
        for segment in scale.layout.segments
        if (signal_mv := _source(record, segment.lead)) is not None
    ]
    with_gaps = dict.fromkeys(piece.lead for piece in pieces if np.isnan(piece.y_px).any())
    if with_gaps:
        log.warning("%s: gaps in %s; nothing is drawn there", record.name, ", ".join(with_gaps))
    return tuple(piece for piece in pieces if len(piece.x_px))


def _trace_piece(
    signal_mv: np.ndarray, sampling_rate_hz: float, segment: Segment, scale: PageScale, baseline_px: float
) -> TracePiece:
    """The samples from a segment's start up to, not including, its end or that of printing."""
    first = _sample_at_or_after(segment.start_s, sampling_rate_hz)
    printed_s = scale.printed_s - segment.at_s
    end_s = segment.start_s + min(segment.duration_s, printed_s)
    stop = max(first, _sample_at_or_after(end_s, sampling_rate_hz))
    window_mv = signal_mv[first:stop].astype(np.float64)
    time_s = (first + np.arange(len(window_mv))) / sampling_rate_hz
    return TracePiece(
        lead=segment.lead,
        row=segment.row,
        is_rhythm=segment.is_rhythm,
        start_s=first / sampling_rate_hz,
        sampling_rate_hz=sampling_rate_hz,
        x_px=scale.time_px(time_s + (segment.at_s - segment.start_s)),
        y_px=baseline_px - window_mv * scale.px_per_mv,
    )


def _sample_at_or_after(time_s: float, sampling_rate_hz: float) -> int:
    """Number of the first sample not before an instant; rounding errors of the product do not skip one."""
    return int(np.ceil(time_s * sampling_rate_hz - 1e-6))


def _corners(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _pulses(scale: PageScale, style: PageStyle, baselines_px: tuple[float, ...]) -> tuple[CalibrationPulse, ...]:
    """A pulse before the signal of each row."""
    foot_px = style.pulse_foot_mm * scale.px_per_mm
    right_px = scale.time_px(0.0) - style.pulse_gap_mm * scale.px_per_mm - foot_px
    left_px = right_px - PULSE_S * scale.px_per_s
    height_px = PULSE_MV * scale.px_per_mv
    return tuple(
        CalibrationPulse(
            row=row, foot_px=foot_px, corners_px=_corners(left_px, baseline_px - height_px, right_px, baseline_px)
        )
        for row, baseline_px in enumerate(baselines_px)
    )


def _font_px(size_mm: float, scale: PageScale) -> int:
    return max(1, round(size_mm * scale.px_per_mm))


def _text_corners(text: str, size_px: int, font: str, start_px: float, baseline_px: float) -> np.ndarray:
    """Corners of the ink of a text that starts at a place, moved to whole pixels as letters are drawn."""
    ink = letters(text, size_px, font)
    left = round(start_px) + ink.left - 0.5
    top = round(baseline_px) + ink.top - 0.5
    height, width = ink.coverage.shape
    return _corners(left, top, left + width, top + height)


def _lead_name(scale: PageScale, style: PageStyle, segment: Segment, baselines_px: tuple[float, ...]) -> LeadName:
    size_px = _font_px(style.lead_name_size_mm, scale)
    start_px = scale.time_px(segment.at_s) + style.lead_name_indent_mm * scale.px_per_mm
    text_baseline_px = baselines_px[segment.row] - style.lead_name_rise_mm * scale.px_per_mm
    return LeadName(
        lead=segment.lead,
        row=segment.row,
        text=segment.lead,
        size_px=size_px,
        font=style.font,
        corners_px=_text_corners(segment.lead, size_px, style.font, start_px, text_baseline_px),
    )


def _footer(scale: PageScale, style: PageStyle) -> tuple[PrintedText, ...]:
    text = "{speed} mm/s   {gain} mm/mV" if style.footer is None else style.footer
    foot = Note(text=text, left_mm=scale.layout.signal_start_mm, foot_mm=-FOOTER_RISE_MM, size_mm=style.footer_size_mm)
    return _printed((foot,), _paper_words(scale), scale, style)


def _notes(record: Record, scale: PageScale, style: PageStyle) -> tuple[PrintedText, ...]:
    words = {str(key).casefold(): str(value) for key, value in record.metadata.items()}
    return _printed(style.notes, {"id": record.name, **words, **_paper_words(scale)}, scale, style)


def _paper_words(scale: PageScale) -> dict[str, str]:
    return {"speed": f"{scale.paper.speed_mm_per_s:g}", "gain": f"{scale.paper.gain_mm_per_mv:g}"}


def _printed(
    notes: tuple[Note, ...], words: Mapping[str, str], scale: PageScale, style: PageStyle
) -> tuple[PrintedText, ...]:
    """Notes as they stand on the page; empty ones are left out."""
    filled = ((note, PLACEHOLDER.sub(lambda match: words.get(match[1], ""), note.text).strip()) for note in notes)
    return tuple(_printed_text(note, text, scale, style.font) for note, text in filled if text)


def _printed_text(note: Note, text: str, scale: PageScale, font: str) -> PrintedText:
    size_px = _font_px(note.size_mm, scale)
    foot_mm = note.foot_mm if note.foot_mm >= 0 else scale.layout.page_height_mm + note.foot_mm
    corners_px = _text_corners(text, size_px, font, scale.position_px(note.left_mm), scale.position_px(foot_mm))
    return PrintedText(text=text, size_px=size_px, font=font, corners_px=corners_px)


def _separators(scale: PageScale, style: PageStyle, baselines_px: tuple[float, ...]) -> tuple[Separator, ...]:
    half_width_px = style.separator_width_mm * scale.px_per_mm / 2
    half_height_px = style.separator_height_mm * scale.px_per_mm / 2
    return tuple(
        Separator(corners_px=_corners(x - half_width_px, y - half_height_px, x + half_width_px, y + half_height_px))
        for segment in scale.layout.segments
        if segment.at_s > 0
        for x, y in [(scale.time_px(segment.at_s), baselines_px[segment.row])]
    )


def _grid_points(scale: PageScale) -> np.ndarray:
    box_mm = scale.paper.large_box_mm
    columns = scale.column_lines_px(box_mm)
    rows = scale.row_lines_px(box_mm)
    return np.stack(np.meshgrid(columns, rows), axis=-1)
