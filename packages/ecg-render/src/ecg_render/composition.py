"""Where a record's leads, pulses and names stand on a page: record, layout and style to a `Scene`."""

from __future__ import annotations

import logging

import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import Segment
from ecg_core.record import Record
from ecg_render.geometry import PageScale
from ecg_render.parts.names import place_names
from ecg_render.parts.pulses import place_pulses
from ecg_render.parts.seconds import place_seconds
from ecg_render.parts.separators import place_separators
from ecg_render.parts.texts import place_texts
from ecg_render.scene import Scene, TracePiece
from ecg_render.sheet import Sheet
from ecg_render.style import PageStyle

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
    lead_names, marks = place_names(scale, style, baselines_px, rng)
    texts, scale_texts = place_texts(record, scale, style, baselines_px, lead_names)
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
        pulses=place_pulses(scale, style, baselines_px),
        lead_names=lead_names,
        texts=(*texts, *marks, *place_seconds(scale, style, baselines_px, lead_names)),
        scale_texts=scale_texts,
        separators=place_separators(scale, style, baselines_px),
        grid_points_px=Sheet.of_style(scale, style).points_px(),
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
        px_per_mv=scale.px_per_mv_of(segment.lead.removeprefix("-")),
        x_px=scale.time_px(time_s + (segment.at_s - segment.start_s)),
        y_px=baseline_px - window_mv * scale.px_per_mv_of(segment.lead.removeprefix("-")),
    )


def _sample_at_or_after(time_s: float, sampling_rate_hz: float) -> int:
    """Number of the first sample not before an instant; rounding errors of the product do not skip one."""
    return int(np.ceil(time_s * sampling_rate_hz - 1e-6))
