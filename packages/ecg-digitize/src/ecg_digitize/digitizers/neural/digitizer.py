"""The neural digitizer: a picture of a page to a record, in three stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import LARGE_BOX_MM, Layout, PaperSpec, Segment
from ecg_core.record import Record
from ecg_digitize.digitizers.neural.evidence import lead_evidence, relation_evidence
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage, lay_flat
from ecg_digitize.digitizers.neural.grid.gridless import see_plain
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.rows import PageRows, find_rows
from ecg_digitize.digitizers.neural.markers.upright import BEYOND_DOUBT, UprightPage, stand_upright
from ecg_digitize.digitizers.neural.networks import Network, NetworkSource, load_networks
from ecg_digitize.digitizers.neural.orientation import QUARTERS
from ecg_digitize.digitizers.neural.waveform.pulse import find_pulse
from ecg_digitize.digitizers.neural.waveform.row_reading import (
    GEOMETRY,
    LEAST_PRESENCE,
    RowReading,
    find_time_zero,
    read_rows,
    width_read_mm,
)
from ecg_digitize.digitizers.neural.waveform.unread import UnreadInk
from ecg_digitize.digitizers.print_scale import Known
from ecg_digitize.record.assemble import LeadPiece, assemble_clarity, assemble_record, samples_of
from ecg_digitize.record.calibration import load_calibration
from ecg_digitize.record.digitization import Digitization, LeadTrace, PageGeometry
from ecg_digitize.record.quality import RELATIONS, judge

METHOD = "neural"
LEAST_AGREEMENT = 0.5
"""Share of the rows below which the time frame is in doubt."""

SAMPLE_INTERVAL_S = 1 / 500
"""Of most recordings: a trace ends with its last sample, so much before the time that the layout gives it."""

MOST_LOOKS, SAME_WIDTH = 4, 5e-4
"""At a page without a grid, and how near to its layout's the width of its rows comes at the last one."""

LEAST_MISSING_S = 0.05
"""Of a lead beyond the picture, from which on it is told."""

TALL_UNREAD_MM, MOST_UNREAD_MM = 8.0, 30.0
"""Ink beside a trace that is so tall makes its lead doubtful; how tall it counts at most as evidence."""

UNREAD = "tall ink beside the trace was not read: a wave is cut short, or a spike is missing"

LEAST_FOUND = 0.7
"""Share of the crossings of a grid that must be seen, not inferred, for its shape not to be in doubt."""


@attrs.frozen(eq=False)
class SeenPage:
    """All that was found on a page, before its leads are cut.

    Attributes:
        image: the picture, uint8 RGB.
        page: laid flat and upright, with the names on it.
        rows: of its layout.
        readings: of the rows.
        width_mm: of a row, from the beginning of its first lead to the end of its last one.
        time_zero_mm: where the leads that begin at 0 s begin, from the left edge of the flat page.
        agreement: share of the rows that agree about it.
        pulse_mm: width and height of the calibration pulses; None where there are none.
    """

    image: np.ndarray
    page: UprightPage
    rows: PageRows
    readings: Sequence[RowReading]
    width_mm: float
    time_zero_mm: float
    agreement: float
    pulse_mm: tuple[float, float] | None

    @property
    def mesh(self) -> Mesh:
        """Of the grid, in pixels of the picture."""
        return self.page.flat.mesh


def digitize_neural(
    image_rgb: np.ndarray,
    *,
    layouts: Mapping[str, Layout],
    known: Known,
    sampling_rate_hz: float,
    networks: NetworkSource = NetworkSource(),  # noqa: B008 - frozen
) -> Digitization:
    """Read a page.

    Args:
        image_rgb: uint8, shape (height, width, 3), any way up.
        layouts: that it may have, by name; one alone is taken for granted.
        known: speed, gain and duration as far as they are known.
        sampling_rate_hz: of the record.
        networks: by default the shipped ones, in ONNX Runtime.

    Raises:
        ConfigError, PluginError: the engine is none, or is not installed.
        DataError: the picture shows no grid, or not the rows of a layout.
    """
    seen = look(image_rgb, layouts, known, load_networks(networks))
    return finish(seen, layouts[seen.rows.layout], known, sampling_rate_hz, networks)


def finish(
    seen: SeenPage, layout: Layout, known: Known, sampling_rate_hz: float, networks: NetworkSource
) -> Digitization:
    """The leads of a page that was looked at, put together and judged."""
    scale = known.scale(pulse_mm=seen.pulse_mm)
    paper, layout = scale.paper, known.printed(layout, scale.paper)
    cut = [_cut(seen, segment, paper, sampling_rate_hz) for segment in layout.segments]
    pieces = [piece for piece, _ in cut]
    record = assemble_record(
        pieces,
        sampling_rate_hz=sampling_rate_hz,
        num_samples=round(layout.duration_s * sampling_rate_hz),
        name="page",
    )
    unread_mm = _unread_mm(seen, layout, paper)
    evidence = _evidence(seen, layout, paper, record, unread_mm)
    calibration = load_calibration(networks.folder)
    confidence = {lead: calibration.probability(own) for lead, own in evidence.items()} if calibration else None
    quality = judge(
        record,
        pieces,
        method=METHOD,
        warnings=list(_doubts(seen, is_calibrated=calibration is not None)),
        notes=[*scale.notes(), *_missing(seen, layout, paper)],
        details={**_details(seen, networks.engine), "paper": scale.details(), "evidence": _rounded(evidence)},
        confidence=confidence,
        doubts={lead: UNREAD for lead, tall_mm in unread_mm.items() if tall_mm >= TALL_UNREAD_MM},
    )
    geometry = _geometry(seen, [trace for _, trace in cut])
    return Digitization(
        image=seen.image,
        record=record,
        quality=quality,
        geometry=geometry,
        sample_clarity=assemble_clarity(pieces, num_samples=record.num_samples),
    )


def look(
    image_rgb: np.ndarray,
    layouts: Mapping[str, Layout],
    known: Known,
    networks: Mapping[str, Network],
    tell: Callable[[str, Any], None] = lambda _name, _found: None,
) -> SeenPage:
    """The three stages.

    Args:
        image_rgb: as it lay.
        layouts: that it may have, by name.
        known: speed, gain and duration as far as they are known.
        networks: of the stages, by name.
        tell: gets what every step found under its name in `SeenPage`, also where a later one fails; and
            ``flat``, the page as it lies.

    Raises:
        DataError: the picture shows no grid, or not the rows of a layout.
    """
    look_at = partial(_look_at, image_rgb, layouts=layouts, known=known, networks=networks, tell=tell)
    try:
        lying = lay_flat(image_rgb, networks["grid"])
    except DataError as complaint:
        return _look_without_grid(image_rgb, networks["grid"], look_at, complaint)
    return look_at(lying)


def _look_without_grid(
    image: np.ndarray, network: Network, look_at: Callable[..., SeenPage], complaint: DataError
) -> SeenPage:
    """A page without a grid, looked at until its rows are as wide as their layout has them.

    Which way up it lies is found at the first look: eight ways take longer than all the rest.

    Raises:
        DataError: ``complaint``, and what else was amiss where there are traces.
    """
    try:
        plain = see_plain(image, network)
    except DataError:
        raise complaint from None
    try:
        seen = look_at(plain.laid())
        for _ in range(MOST_LOOKS - 1):
            width_mm = width_read_mm(seen.readings)
            if width_mm is None or abs(width_mm / seen.width_mm - 1) < SAME_WIDTH:
                break
            plain = plain.stretched(seen.width_mm / width_mm)
            seen = look_at(plain.laid(), orientation=seen.page.orientation)
    except DataError as error:
        raise DataError(f"{complaint}; and were it a page without a grid: {error}") from error
    return seen


def _look_at(
    image: np.ndarray,
    lying: FlatPage,
    *,
    layouts: Mapping[str, Layout],
    known: Known,
    networks: Mapping[str, Network],
    tell: Callable[[str, Any], None],
    orientation: int | None = None,
) -> SeenPage:
    """Names, rows and traces of a page laid flat; the orientation is found where it is not known."""
    paper = known.scale().paper
    layouts = known.all_printed(layouts, paper)
    tell("flat", lying)
    page = stand_upright(
        lying, networks["markers"], layouts, speed_mm_per_s=paper.speed_mm_per_s, orientation=orientation
    )
    tell("page", page)
    rows = find_rows(page, layouts)
    tell("rows", rows)
    width_mm = paper.width_mm(layouts[rows.layout].duration_s)
    start_mm, read_mm = (0.0, page.flat.width_mm) if rows.time_zero_mm is None else (rows.time_zero_mm, width_mm)
    readings = read_rows(
        image, page.flat, networks["waveform"], zeros_mm=rows.zeros_mm, start_mm=start_mm, width_mm=read_mm
    )
    tell("readings", readings)
    traced_mm = width_mm - paper.width_mm(SAMPLE_INTERVAL_S)
    time_zero_mm, agreement = find_time_zero(readings, page.flat, traced_mm=traced_mm, expected_mm=rows.time_zero_mm)
    pulse_mm = find_pulse(page.flat.trace, rows.zeros_mm, time_zero_mm)
    return SeenPage(image, page, rows, readings, width_mm, time_zero_mm, agreement, pulse_mm)


def _cut(seen: SeenPage, segment: Segment, paper: PaperSpec, sampling_rate_hz: float) -> tuple[LeadPiece, LeadTrace]:
    """One lead of a row, as samples and as a curve on the picture."""
    reading = seen.readings[segment.row]
    first_px, last_px = _span_px(seen, segment, paper)
    first_sample, after_start = samples_of(segment, sampling_rate_hz)
    at_px = first_px + after_start * paper.width_mm(1 / sampling_rate_hz) * GEOMETRY.across_px_per_mm
    clarity = reading.clarity(first_px, last_px)
    piece = LeadPiece(
        lead=segment.lead,
        row=segment.row,
        is_rhythm=segment.is_rhythm,
        first_sample=first_sample,
        signal_mv=reading.height_mm(at_px, least_presence=LEAST_PRESENCE) / paper.gain_mm_per_mv,
        clarity=clarity,
        sample_clarity=reading.clarity_at(at_px),
    )
    trace = LeadTrace(
        lead=segment.lead,
        row=segment.row,
        is_rhythm=segment.is_rhythm,
        points_px=seen.mesh.to_picture(reading.lattice_points(first_px, last_px)),
        confidence=clarity,
    )
    return piece, trace


def _unread_mm(seen: SeenPage, layout: Layout, paper: PaperSpec) -> dict[str, float]:
    """The tallest ink beside the trace of each lead that was not read; of one that is printed twice, in both prints."""
    ink = UnreadInk(seen.page.flat, seen.readings)
    tallest: dict[str, float] = {}
    for segment in layout.segments:
        lead = segment.lead.removeprefix("-")
        own_mm = ink.tallest_mm(segment.row, *_span_mm(seen, segment, paper))
        tallest[lead] = min(max(own_mm, tallest.get(lead, 0.0)), MOST_UNREAD_MM)
    return tallest


def _evidence(
    seen: SeenPage, layout: Layout, paper: PaperSpec, record: Record, unread_mm: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """What speaks for and against each lead; of one that is printed twice, in its longer print."""
    disagreement = {relation.leads: relation.disagreement(record) for relation in RELATIONS}
    of_page = {
        "crossings": seen.page.flat.found,
        "agreement": seen.agreement,
        "layout": seen.rows.score,
        "box": float(np.log10(seen.mesh.box_px)),
    }
    found = {}
    for segment in sorted(layout.segments, key=lambda segment: segment.duration_s):
        lead = segment.lead.removeprefix("-")
        reading = seen.readings[segment.row]
        own = lead_evidence(reading.columns, *_span_px(seen, segment, paper), GEOMETRY.down_px_per_mm)
        found[lead] = {**own, "unread": unread_mm[lead], **relation_evidence(lead, disagreement), **of_page}
    return found


def _span_px(seen: SeenPage, segment: Segment, paper: PaperSpec) -> tuple[float, float]:
    """Columns of its row's strip between which a segment is printed."""
    reading, flat = seen.readings[segment.row], seen.page.flat
    first, last = (flat.box_of_mm(place) for place in _span_mm(seen, segment, paper))
    return reading.column_of(first), reading.column_of(last)


def _span_mm(seen: SeenPage, segment: Segment, paper: PaperSpec) -> tuple[float, float]:
    """The same from the left edge of the flat page."""
    start_mm = seen.time_zero_mm + paper.width_mm(segment.start_s)
    return start_mm, start_mm + paper.width_mm(segment.duration_s)


def _rounded(evidence: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {lead: {name: round(value, 4) for name, value in own.items()} for lead, own in evidence.items()}


def _doubts(seen: SeenPage, *, is_calibrated: bool) -> Iterator[str]:
    """What makes layout, shape or time of a page uncertain."""
    if not is_calibrated:
        yield "the confidence of these networks is not calibrated (digitize.calibrate): look at the overlay"
    found = seen.page.flat.found
    if not seen.page.flat.has_grid:
        yield "the page has no grid: its scale is that of rows as long as the layout has them"
    elif found < LEAST_FOUND:
        yield f"only {found:.0%} of the crossings of the grid were seen; the others were inferred"
    if seen.agreement < LEAST_AGREEMENT:
        yield "the rows do not agree on where time 0 is"
    if 0 < seen.rows.score < BEYOND_DOUBT:
        yield f"the names of the leads fit the layout {seen.rows.layout} by {seen.rows.score:.0%} only"
    if seen.page.orientation >= QUARTERS:
        yield "the picture was mirrored"


def _missing(seen: SeenPage, layout: Layout, paper: PaperSpec) -> Iterator[str]:
    """What of the leads lies beyond the picture."""
    for segment in layout.segments:
        beyond_s = seen.readings[segment.row].beyond_mm(*_span_px(seen, segment, paper)) / paper.speed_mm_per_s
        if beyond_s >= LEAST_MISSING_S:
            which = f"{segment.lead} (long row)" if segment.is_rhythm else segment.lead
            yield f"{beyond_s:.1f} s of {which} lie beyond the picture and are missing"


def _details(seen: SeenPage, engine: str) -> dict[str, object]:
    return {
        "layout": seen.rows.layout,
        "engine": engine,
        "geometry": {
            "orientation": seen.page.orientation,
            "layout_score": round(seen.rows.score, 3),
            "crossings_found": round(seen.page.flat.found, 3),
            "rows_mm": [round(float(zero_mm), 2) for zero_mm in seen.rows.zeros_mm],
            "time_zero_mm": round(seen.time_zero_mm, 2),
            "time_agreement": round(seen.agreement, 3),
        },
    }


def _geometry(seen: SeenPage, traces: Sequence[LeadTrace]) -> PageGeometry:
    """Everything found, in pixels of the picture."""
    zero_box = seen.page.flat.box_of_mm(seen.time_zero_mm)
    levels = np.array([(zero_box, reading.level_box) for reading in seen.readings])
    rows, columns = seen.mesh.points_px.shape[:2]
    middle = np.array([columns / 2, rows / 2])
    here, right, below = seen.mesh.to_picture(middle + np.array([(0, 0), (1, 0), (0, 1)]))
    across = right - here
    return PageGeometry(
        px_per_mm_x=float(np.hypot(*across)) / LARGE_BOX_MM,
        px_per_mm_y=float(np.hypot(*(below - here))) / LARGE_BOX_MM,
        rotation_deg=float(np.degrees(np.arctan2(across[1], across[0]))),
        baselines_px=tuple((float(x), float(y)) for x, y in seen.mesh.to_picture(levels)),
        traces=tuple(traces),
    )
