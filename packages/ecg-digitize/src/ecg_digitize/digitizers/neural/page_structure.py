"""Structure of a page composed from its names, its rows as they were read, its pulses and what is printed in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import attrs
import numpy as np

from ecg_core.leads import UNKNOWN_LEAD
from ecg_core.paper import Layout, Segment
from ecg_digitize.digitizers.neural.findings import PageFindings
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.waveform.pulse import find_pulse
from ecg_digitize.digitizers.neural.waveform.row_reading import GEOMETRY, LEAST_PRESENCE, RowReading, trace_stretches
from ecg_digitize.digitizers.print_scale import PrintScale, PrintSettings
from ecg_digitize.digitizers.structure.beats import beat_distance_mm, complex_width_mm, steepness
from ecg_digitize.digitizers.structure.compose import compose_layout, naming_doubts
from ecg_digitize.digitizers.structure.evidence import PulseMark
from ecg_digitize.digitizers.structure.long_rows import APART, OTHER, STEP_MM, ShortPrint, match_signal
from ecg_digitize.digitizers.structure.naming import Naming, RowNames
from ecg_digitize.digitizers.structure.orders import plain
from ecg_digitize.digitizers.structure.parted import (
    PartedColumns,
    columns_between_bars,
    columns_between_gaps,
    columns_between_pulses,
)
from ecg_digitize.digitizers.structure.pulse_rows import are_unclear
from ecg_digitize.digitizers.structure.pulses import calibration_pulses, pulse_heights_mm, pulse_size_mm, without_pulses
from ecg_digitize.digitizers.structure.same_seconds import show_beginning, show_same_seconds
from ecg_digitize.digitizers.structure.scale import ScaleEvidence, weigh_scale
from ecg_digitize.digitizers.structure.time_axis import (
    SAMPLE_INTERVAL_S,
    ColumnLength,
    Stretch,
    TimeAxis,
    TraceSpan,
    column_length,
    find_time_axis,
    usual_length_mm,
    whole_span,
)

OPEN_TIMING = (
    "the beats of all columns stand at the same places, and a regular rhythm does not tell whether the columns follow "
    "each other, as was taken for granted, or show the same seconds"
)


def compose_findings(
    image: np.ndarray,
    page: UprightPage,
    readings: Sequence[RowReading],
    layouts: Mapping[str, Layout],
    settings: PrintSettings,
) -> PageFindings:
    """The structure of a page of which names and traces were read.

    Args:
        image: the picture, uint8 RGB.
        page: the page laid flat and upright.
        readings: the trace of every row.
        layouts: layouts whose name it may bear, by name.
        settings: speed, gain and duration as far as they are known.
    """
    naming, grid = page.named.naming, page.named.grid
    columns = naming.num_columns
    pitch_mm = grid.pitch_mm if columns > 1 else None
    pulses = calibration_pulses(page.pulses, page.levels_mm)
    stretches = [_stretches_mm(reading, page.flat) for reading in readings]
    spans = [whole_span(own, y_mm, pitch_mm) for own, y_mm in zip(stretches, page.levels_mm, strict=True)]
    known_spans = without_pulses([span for span in spans if span is not None], pulses)
    levels_mm = _levels_of_columns(page)
    row_mm = (
        usual_length_mm([span for span in known_spans if span.y_mm in levels_mm])
        or usual_length_mm(known_spans)
        or page.flat.width_mm
    )
    parted = _parted_columns(page, pulses, stretches, known_spans, pitch_mm, row_mm=row_mm)

    def axis_for(speed_mm_per_s: float) -> tuple[ColumnLength, TimeAxis]:
        column = column_length(columns, row_mm, pitch_mm, speed_mm_per_s=speed_mm_per_s, duration_s=settings.duration_s)
        row_of_columns_mm = columns * column.mm if parted is None else parted.row_mm
        axis = find_time_axis(
            known_spans,
            page.zeros_mm,
            traced_mm=row_of_columns_mm - SAMPLE_INTERVAL_S * speed_mm_per_s,
            names_mm=grid.columns_mm[0] if grid.columns_mm else None,
        )
        return column, axis

    heights = [_all_heights(reading) for reading in readings]
    seen = ScaleEvidence(
        printed=page.printed,
        column_mm=(pitch_mm or row_mm / columns) if columns > 1 else None,
        row_mm=row_mm,
        beat_mm=beat_distance_mm(heights, STEP_MM),
        complex_mm=complex_width_mm(heights, STEP_MM),
    )
    _, axis = axis_for(weigh_scale(seen, settings).speed_mm_per_s)
    pulse_mm = pulse_size_mm(pulses) or find_pulse(page.flat.trace, page.zeros_mm, float(np.median(axis.zeros_mm)))
    seen = attrs.evolve(seen, pulse_mm=pulse_mm, pulse_heights_mm=pulse_heights_mm(pulses))
    scale = weigh_scale(seen, settings)
    column, axis = axis_for(scale.speed_mm_per_s)
    compose = partial(compose_layout, rows=page.rows, column=column, known=layouts.values(), parted=parted)
    found = PageFindings(
        image=image,
        page=page,
        layout=compose(naming),
        readings=readings,
        scale=scale,
        axis=axis,
        column=column,
        row_mm=row_mm,
        pulse_mm=pulse_mm,
        parted=parted,
    )
    at_once = _are_columns_at_once(found)
    told = tell_long_rows(naming, found, at_once=bool(at_once))
    return attrs.evolve(
        found,
        layout=compose(told.naming, at_once=bool(at_once)),
        doubts=(
            *naming_doubts(attrs.evolve(page.named, naming=told.naming)),
            *_left_out_doubts(page),
            *told.doubts,
            *scale.doubts(),
            *_words_unread(page, scale),
            *([OPEN_TIMING] if at_once is None else []),
        ),
        notes=told.notes,
    )


def _parted_columns(
    page: UprightPage,
    pulses: Sequence[PulseMark],
    stretches: Sequence[Sequence[Stretch]],
    spans: Sequence[TraceSpan],
    pitch_mm: float | None,
    *,
    row_mm: float,
) -> PartedColumns | None:
    """The columns of a page where pulses or gaps part them, or bars columns of unequal length; None where nothing does.

    Gaps tell better where a column ends: the name of the next one may stand between its end and the pulse.
    """
    naming = page.named.naming
    columns = naming.num_columns
    if pitch_mm is None or not spans:
        return None
    zero_mm = float(np.median([span.first_mm for span in spans]))
    by_pulses = columns_between_pulses(
        pulses, num_columns=columns, num_rows=len(stretches), zero_mm=zero_mm, row_mm=row_mm
    )
    of_columns = [own for row, own in zip(naming.rows, stretches, strict=True) if len(row.leads) == columns]
    levels_mm = _levels_of_columns(page)
    by_gaps = columns_between_gaps(of_columns, num_columns=columns, pitch_mm=pitch_mm, zero_mm=zero_mm)
    if by_gaps is not None:
        return attrs.evolve(by_gaps, have_pulses=by_pulses is not None)
    return by_pulses or columns_between_bars(
        page.bars, num_columns=columns, levels_mm=levels_mm, zero_mm=zero_mm, row_mm=row_mm
    )


def _levels_of_columns(page: UprightPage) -> list[float]:
    """Heights of the rows of a page with a lead in every column."""
    naming = page.named.naming
    rows = zip(page.levels_mm, naming.rows, strict=True)
    return [y_mm for y_mm, row in rows if len(row.leads) == naming.num_columns]


@attrs.frozen
class ToldRows:
    """The names of a page after the signals of its long rows were compared with the short ones.

    Attributes:
        naming: the names.
        doubts: what makes a name uncertain.
        notes: what a user should know as well.
    """

    naming: Naming
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def tell_long_rows(naming: Naming, found: PageFindings, *, at_once: bool = False) -> ToldRows:
    """Names of long rows that were not read, or misread, told by what their signal runs alike with.

    Args:
        naming: the names.
        found: the page.
        at_once: whether all columns show the first seconds of the long rows.
    """
    shorts = [_short_print(found, segment, at_once) for segment in found.layout.segments if not segment.is_rhythm]
    rows, doubts, notes = list(naming.rows), [], []
    for number, row in enumerate(naming.rows):
        if len(row.leads) > 1 or naming.num_columns == 1:
            continue
        match = match_signal(*_along_row(found, number), shorts)
        lead = row.leads[0]
        difference = match.differences.get(plain(lead), 0.0)
        where = f"row {number + 1} from the top"
        if match.lead is not None and match.lead != plain(lead) and (lead == UNKNOWN_LEAD or difference >= APART):
            rows[number] = RowNames(row.row, (match.lead,), (False,))
            how = "no name of it was read" if lead == UNKNOWN_LEAD else f"its name was read as {lead}"
            notes.append(f"{where} is lead {match.lead}, as its signal tells; {how}")
        elif difference > OTHER:
            doubts.append(f"{where} is named {lead}, but does not run like it")
    return ToldRows(attrs.evolve(naming, rows=tuple(rows)), tuple(doubts), tuple(notes))


def _are_columns_at_once(found: PageFindings) -> bool | None:
    """Whether the columns show the same seconds; None where nothing tells it."""
    columns: dict[float, list[np.ndarray]] = {}
    for segment in found.layout.segments:
        if not segment.is_rhythm:
            _, height_mm = _heights(found, segment.row, *found.span_mm(segment))
            columns.setdefault(segment.start_s, []).append(steepness(height_mm, STEP_MM))
    shortest = min(len(own) for rows in columns.values() for own in rows)
    start_s = sorted(columns)
    steep = [np.sum([own[:shortest] for own in columns[each]], axis=0) for each in start_s]
    long_rows = [
        steepness(_along_row(found, segment.row)[1], STEP_MM) for segment in found.layout.segments if segment.is_rhythm
    ]
    if long_rows:
        starts = [round(found.scale.paper.width_mm(each) / STEP_MM) for each in start_s]
        length = min(map(len, long_rows))
        return show_beginning(steep, starts, np.sum([row[:length] for row in long_rows], axis=0), STEP_MM)
    steep = [own / max(own.max(), 1e-9) for own in steep]
    return show_same_seconds(steep, STEP_MM, apart=found.parted is not None and found.parted.have_pulses)


def _short_print(found: PageFindings, segment: Segment, at_once: bool) -> ShortPrint:
    """A short lead by the places in a long row that show the same seconds."""
    first_mm, last_mm = found.span_mm(segment)
    x_mm, height_mm = _heights(found, segment.row, first_mm, last_mm)
    x_mm = x_mm - found.scale.paper.width_mm(segment.at_s - (0.0 if at_once else segment.start_s))
    return ShortPrint(plain(segment.lead), x_mm, -height_mm if segment.lead.startswith("-") else height_mm)


def _along_row(found: PageFindings, row: int) -> tuple[np.ndarray, np.ndarray]:
    start_mm = found.axis.zeros_mm[row]
    return _heights(found, row, start_mm, start_mm + found.width_mm)


def _heights(found: PageFindings, row: int, first_mm: float, last_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Places from the beginning of a row, and the height of its trace there in millimetres."""
    x_mm = np.arange(first_mm, last_mm, STEP_MM)
    reading, flat = found.readings[row], found.page.flat
    at_px = np.array([reading.column_of(flat.box_of_mm(place)) for place in x_mm])
    return x_mm - found.axis.zeros_mm[row], reading.height_mm(at_px, least_presence=LEAST_PRESENCE)


def _all_heights(reading: RowReading) -> np.ndarray:
    """Height of a row's trace all along its strip in millimetres, `STEP_MM` apart."""
    at_px = np.arange(0, len(reading.columns.row_px), STEP_MM * GEOMETRY.across_px_per_mm)
    return reading.height_mm(at_px, least_presence=LEAST_PRESENCE)


def _left_out_doubts(page: UprightPage) -> list[str]:
    """What makes it uncertain that all rows were found."""
    return [
        f"ink {row.y_mm:.0f} mm from the upper edge of the paper looks like a row of its own, but was taken for none: "
        "check the rows, or give them by --layout"
        for row in page.left_out
    ]


def _words_unread(page: UprightPage, scale: PrintScale) -> list[str]:
    """What makes a scale uncertain that was taken for granted although words or pulses on the page tell it."""
    marks = page.marks
    tells_gain = bool(marks.gains) or are_unclear(page.pulses, page.rows)
    return [
        f"{what} is printed, but not legibly enough; {value} is taken for granted ({option} tells it)"
        for source, found, what, value, option in (
            (scale.speed_from, bool(marks.speeds), "the paper speed", f"{scale.speed_mm_per_s:g} mm/s", "--speed"),
            (scale.gain_from, tells_gain, "the gain", f"{scale.gain_mm_per_mv:g} mm/mV", "--gain"),
        )
        if source == "assumed" and found
    ]


def _stretches_mm(reading: RowReading, flat: FlatPage) -> list[tuple[float, float]]:
    """Where a row has a trace, from the left edge of the flat page."""
    return [(flat.mm_of_box(first), flat.mm_of_box(last)) for first, last in trace_stretches(reading)]
