"""Structure of a page composed from its names, its rows as they were read, its pulses and what is printed in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import attrs
import numpy as np

from ecg_core.leads import UNKNOWN_LEAD
from ecg_core.paper import Layout
from ecg_digitize.digitizers.neural.findings import PageFindings
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.waveform.pulse import find_pulse
from ecg_digitize.digitizers.neural.waveform.row_reading import (
    CLOSE_MM,
    EDGE_MM,
    GEOMETRY,
    LEAST_PRESENCE,
    RowReading,
    trace_stretches,
)
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.digitizers.structure.beats import beat_distance_mm, complex_width_mm
from ecg_digitize.digitizers.structure.borders import BorderMarks, columns_between_marks
from ecg_digitize.digitizers.structure.compose import (
    clearly_named_rows,
    compose_layout,
    naming_doubts,
    unclearly_named_rows,
)
from ecg_digitize.digitizers.structure.evidence import PulseMark
from ecg_digitize.digitizers.structure.limb_timing import SHIFTS_MM, shift_by_limb_leads, slant_by_limb_leads
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.naming import Naming, RowNames
from ecg_digitize.digitizers.structure.packed import distance_of_columns_mm, unpacked
from ecg_digitize.digitizers.structure.parted import (
    PartedColumns,
    columns_between_bars,
    columns_between_gaps,
    columns_between_narrow_gaps,
    columns_between_pulses,
    columns_by_names,
)
from ecg_digitize.digitizers.structure.preprinted import as_printed
from ecg_digitize.digitizers.structure.printed_pieces import (
    END_TO_END,
    OPEN_TIMING,
    PrintedPiece,
    ToldLeads,
    are_columns_at_once,
    run_better_there,
    tell_copies,
    tell_long_rows,
)
from ecg_digitize.digitizers.structure.pulses import (
    are_at_rows,
    calibration_pulses,
    pulse_heights_mm,
    pulse_lines_mm,
    pulse_size_mm,
    without_pulses,
)
from ecg_digitize.digitizers.structure.scale import PulseKind, ScaleEvidence, weigh_scale
from ecg_digitize.digitizers.structure.straight_rows import FRAME, doubts_of_straight_rows, which_run_straight
from ecg_digitize.digitizers.structure.strangers import doubts_of_strangers
from ecg_digitize.digitizers.structure.strips import as_strip
from ecg_digitize.digitizers.structure.time_axis import (
    SAMPLE_INTERVAL_S,
    ColumnLength,
    Stretch,
    TimeAxis,
    TraceSpan,
    column_length,
    doubts_of_columns,
    doubts_of_strip,
    find_time_axis,
    usual_length_mm,
    whole_span,
)
from ecg_digitize.digitizers.structure.two_gains import two_gains

BESIDE_MM = 1.5 + float(SHIFTS_MM.max())
"""So much of the paper on either side of a lead is looked at for where its column begins."""

BY_NAMES = (
    "the columns are taken to be as long as their names stand apart, which is uneven: check where each lead begins, or "
    "give the rows by --layout"
)
"""What is told where nothing else says how long columns are that cannot be alike."""

PEN_MM = 0.2
"""A border is blurred by half a pen's width: limb leads that show it so near say nothing of where columns begin."""


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
    page, readings, lines = _without_frames(page, readings)
    heights = [_all_heights(reading) for reading in readings]
    naming = page.named.naming
    going_on: list[str] = []
    if len(layouts) > 1:
        naming, going_on = as_strip(naming, heights, STEP_MM, unclear=unclearly_named_rows(page.named))
    page, grid = page.renamed(naming), page.named.grid
    columns = naming.num_columns
    pitch_mm = grid.pitch_mm if columns > 1 else None
    pulses = calibration_pulses(page.pulses, page.levels_mm)
    stretches = [_stretches_mm(reading, page.flat) for reading in readings]
    spans = [whole_span(own, y_mm, pitch_mm) for own, y_mm in zip(stretches, page.levels_mm, strict=True)]
    known_spans = without_pulses([span for span in spans if span is not None], pulses)
    levels_mm = _levels_of_columns(page)
    named_mm = None if pitch_mm is None else columns * pitch_mm
    row_mm = (
        usual_length_mm([span for span in known_spans if span.y_mm in levels_mm], named_mm)
        or usual_length_mm(known_spans)
        or page.flat.width_mm
    )
    parted = _parted_columns(page, readings, pulses, known_spans, row_mm=row_mm)

    def axis_for(speed_mm_per_s: float) -> tuple[ColumnLength, float, TimeAxis]:
        column = column_length(columns, row_mm, pitch_mm, speed_mm_per_s=speed_mm_per_s, duration_s=settings.duration_s)
        if parted is None:
            column = as_printed(
                column, known_spans, num_columns=columns, pitch_mm=pitch_mm, speed_mm_per_s=speed_mm_per_s
            )
        row_of_columns_mm = columns * column.mm if parted is None else parted.row_mm
        apart_mm = column.mm
        if parted is None:
            apart_mm = distance_of_columns_mm(
                [span for span in known_spans if span.y_mm in levels_mm],
                [span for span in known_spans if span.y_mm not in levels_mm],
                column,
                num_columns=columns,
                pitch_mm=pitch_mm,
                speed_mm_per_s=speed_mm_per_s,
            )
        axis = find_time_axis(
            unpacked(known_spans, levels_mm, columns * (column.mm - apart_mm)),
            page.zeros_mm,
            traced_mm=row_of_columns_mm - SAMPLE_INTERVAL_S * speed_mm_per_s,
            names_mm=grid.columns_mm[0] if grid.columns_mm else None,
            pulse_lines_mm=pulse_lines_mm(pulses),
        )
        return column, apart_mm, axis

    printed = page.printed
    two = None if settings.gain_mm_per_mv is not None else two_gains(printed)
    seen = ScaleEvidence(
        printed=[scale for scale in printed if two is None or scale is not two.chest],
        column_mm=(pitch_mm or row_mm / columns) if columns > 1 else None,
        row_mm=row_mm,
        beat_mm=beat_distance_mm(heights, STEP_MM),
        complex_mm=complex_width_mm(heights, STEP_MM),
    )
    _, _, axis = axis_for(weigh_scale(seen, settings).speed_mm_per_s)
    pulse_mm = pulse_size_mm(pulses) or find_pulse(page.flat.trace, page.zeros_mm, float(np.median(axis.zeros_mm)))
    seen = attrs.evolve(
        seen, pulse_mm=pulse_mm, pulse_heights_mm=pulse_heights_mm(pulses), pulse_kind=_pulse_kind(pulses, page)
    )
    scale = weigh_scale(seen, settings)
    column, apart_mm, axis = axis_for(scale.speed_mm_per_s)
    compose = partial(compose_layout, rows=page.rows, column=column, known=layouts.values(), parted=parted)
    found = PageFindings(
        image=image,
        page=page,
        layout=compose(naming),
        readings=readings,
        scale=scale,
        axis=axis,
        column=column,
        packed=apart_mm / column.mm,
        row_mm=row_mm,
        pulse_mm=pulse_mm,
        parted=parted,
        chest_gain_mm_per_mv=two.chest.value if two is not None and two.limb.value == scale.gain_mm_per_mv else None,
    )
    found, open_gaps = _over_the_gaps(found, partial(compose, naming))
    compose = partial(compose, may_be_end_to_end=found.layout.timing == "end to end")
    found = _timed_by_limb_leads(found)
    pieces = _printed_pieces(found)
    at_once = are_columns_at_once(pieces, apart=parted is not None and parted.have_pulses)
    told = _told_by_signals(pieces, found.layout, clearly_named_rows(page.named), at_once=bool(at_once))
    naming = _renamed(naming, told.leads)
    return attrs.evolve(
        found,
        layout=compose(naming, at_once=bool(at_once)),
        doubts=(
            *naming_doubts(attrs.evolve(page.named, naming=naming)),
            *([] if len(layouts) == 1 else doubts_of_strangers([row.leads for row in naming.rows])),
            *going_on,
            *_left_out_doubts(page),
            *doubts_of_straight_rows(which_run_straight(heights, STEP_MM)),
            *told.doubts,
            *scale.doubts(),
            *([] if two is None else [two.doubt()]),
            *([OPEN_TIMING] if at_once is None else []),
            *([] if at_once else open_gaps),
            *([] if parted is not None or pitch_mm is None else doubts_of_columns(column, pitch_mm)),
            *([BY_NAMES] if parted is not None and parted.by_names else []),
            *_strip_doubts(found),
        ),
        notes=(*lines, *told.notes),
    )


def _told_by_signals(
    pieces: Sequence[PrintedPiece], layout: Layout, clearly_named: Collection[int], *, at_once: bool
) -> ToldLeads:
    """What signals tell of the names of long rows, or, where each row has one lead, of copies of others."""
    if any(piece.is_long for piece in pieces):
        return tell_long_rows(pieces, at_once=at_once, clearly_named=clearly_named)
    is_list = layout.timing != "continued" and max(map(len, layout.rows)) == 1
    return tell_copies(pieces) if is_list else ToldLeads({})


def _without_frames(
    page: UprightPage, readings: Sequence[RowReading]
) -> tuple[UprightPage, Sequence[RowReading], list[str]]:
    """A page without rows that run straight and have no name, its readings without theirs, and what is to be told."""
    straight = which_run_straight([_all_heights(reading) for reading in readings], STEP_MM)
    nameless = [set(row.leads) == {UNKNOWN_LEAD} for row in page.named.naming.rows]
    lines = [number for number, is_line in enumerate(map(all, zip(straight, nameless, strict=True))) if is_line]
    kept = [reading for number, reading in enumerate(readings) if number not in lines]
    return page.without_rows(lines), kept, [FRAME.format(y_mm=page.zeros_mm[number]) for number in lines]


def _pulse_kind(pulses: Sequence[PulseMark], page: UprightPage) -> PulseKind:
    """What the pulses of a page are taken for, those that were seen, or what is found by its shape where none was."""
    if not pulses:
        return "by shape"
    return "at rows" if are_at_rows(pulses, page.levels_mm) else "elsewhere"


def _over_the_gaps(found: PageFindings, compose: Callable[..., Layout]) -> tuple[PageFindings, list[str]]:
    """A page whose columns seem to follow end to end, with time as its long rows have it; and what is left open."""
    if found.layout.timing != "end to end":
        return found, []
    along = attrs.evolve(found, layout=compose(may_be_end_to_end=False))
    goes_on = run_better_there(_printed_pieces(along), _printed_pieces(found))
    return (along if goes_on else found), ([END_TO_END] if goes_on is None else [])


def _timed_by_limb_leads(found: PageFindings) -> PageFindings:
    """A page whose rows begin, and whose columns border on each other, where its limb leads tell, as far as they do."""
    y_mm = np.asarray(found.page.zeros_mm, float)
    slant = slant_by_limb_leads(_printed_pieces(found), y_mm.tolist())
    found = _moved(found, slant * (y_mm - y_mm.mean()), slant)
    shift_mm = shift_by_limb_leads(_printed_pieces(found, BESIDE_MM), BESIDE_MM)
    if abs(shift_mm) <= PEN_MM:
        return attrs.evolve(found, border_shift_mm=shift_mm)
    return _moved(found, np.full(len(y_mm), shift_mm))


def _moved(found: PageFindings, by_mm: np.ndarray, slant: float = 0.0) -> PageFindings:
    """A page whose rows begin so much farther right, each by its own, and lean so much more."""
    axis = found.axis
    zeros_mm = tuple((axis.zeros_mm + by_mm).tolist())
    return attrs.evolve(found, axis=attrs.evolve(axis, zeros_mm=zeros_mm, slant=axis.slant + slant))


def _parted_columns(
    page: UprightPage,
    readings: Sequence[RowReading],
    pulses: Sequence[PulseMark],
    spans: Sequence[TraceSpan],
    *,
    row_mm: float,
) -> PartedColumns | None:
    """The columns of a page where pulses or gaps part them, or bars, breaks or names unequal ones; None elsewhere.

    Gaps tell better where a column ends: the name of the next one may stand between its end and the pulse. Where the
    names of all columns stand evenly, what looks like bars between columns of unequal length is none.
    """
    naming, grid = page.named.naming, page.named.grid
    columns, pitch_mm = naming.num_columns, grid.pitch_mm
    if columns < 2 or pitch_mm is None or not spans:
        return None
    zero_mm = float(np.median([span.first_mm for span in spans]))
    of_columns = [reading for row, reading in zip(naming.rows, readings, strict=True) if len(row.leads) == columns]
    by_pulses = columns_between_pulses(
        pulses, num_columns=columns, num_rows=len(readings), zero_mm=zero_mm, row_mm=row_mm
    )
    wide, close = (
        [_stretches_mm(reading, page.flat, within_mm) for reading in of_columns] for within_mm in (EDGE_MM, CLOSE_MM)
    )
    by_gaps = columns_between_gaps(wide, num_columns=columns, pitch_mm=pitch_mm, zero_mm=zero_mm)
    if by_gaps is not None:
        return attrs.evolve(by_gaps, have_pulses=by_pulses is not None)
    by_narrow_gaps = columns_between_narrow_gaps(close, num_columns=columns, pitch_mm=pitch_mm, zero_mm=zero_mm)
    if by_pulses is not None or by_narrow_gaps is not None:
        return by_pulses or by_narrow_gaps
    names_mm, levels_mm = grid.lefts_mm, _levels_of_columns(page)
    if grid.is_even or len(names_mm) != columns:
        return None
    marks = BorderMarks.of(
        [_all_heights(reading) for reading in of_columns],
        page.flat.mm_of_box(readings[0].start_box),
        page.bars,
        levels_mm,
    )
    return (
        columns_between_bars(page.bars, names_mm=names_mm, levels_mm=levels_mm, zero_mm=zero_mm, row_mm=row_mm)
        or columns_between_marks(marks, names_mm, zero_mm=zero_mm, row_mm=row_mm)
        or columns_by_names(names_mm, row_mm)
    )


def _levels_of_columns(page: UprightPage) -> list[float]:
    """Heights of the rows of a page with a lead in every column."""
    naming = page.named.naming
    rows = zip(page.levels_mm, naming.rows, strict=True)
    return [y_mm for y_mm, row in rows if len(row.leads) == naming.num_columns]


def _renamed(naming: Naming, leads: Mapping[int, str]) -> Naming:
    """The names with those of some rows of a single lead, by their numbers, that their signals tell."""
    rows = [
        RowNames(row.row, (leads[number],), (False,)) if number in leads else row
        for number, row in enumerate(naming.rows)
    ]
    return attrs.evolve(naming, rows=tuple(rows))


def _printed_pieces(found: PageFindings, beside_mm: float = 0.0) -> list[PrintedPiece]:
    """The leads of a page as they are printed; those of columns with so much of the paper before and behind them."""
    pieces = []
    at_s = sorted({segment.at_s for segment in found.layout.segments if not segment.is_rhythm})
    for segment in found.layout.segments:
        first_mm, last_mm = found.span_mm(segment)
        x_mm, height_mm = (
            _along_row(found, segment.row)
            if segment.is_rhythm
            else _heights(found, segment.row, first_mm - beside_mm, last_mm + beside_mm)
        )
        pieces.append(
            PrintedPiece(
                lead=segment.lead,
                row=segment.row,
                at_mm=found.mm_of(segment.start_s),
                column=0 if segment.is_rhythm else at_s.index(segment.at_s),
                is_long=segment.is_rhythm,
                x_mm=x_mm - found.at_mm(segment) + found.mm_of(segment.start_s),
                height_mm=height_mm,
            )
        )
    return pieces


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


def _strip_doubts(found: PageFindings) -> list[str]:
    """What makes it uncertain when the rows of a strip begin, if the page is one."""
    if found.layout.timing != "continued":
        return []
    measured_s = found.row_mm / found.scale.speed_mm_per_s
    return doubts_of_strip(found.column, len(found.layout.rows), slant=found.axis.slant, measured_s=measured_s)


def _left_out_doubts(page: UprightPage) -> list[str]:
    """What makes it uncertain that all rows were found, and no others."""
    by_names = [number for number, each in enumerate(page.named.naming.rows, start=1) if page.rows[each.row].by_names]
    return [
        *(
            f"row {number} from the top is told by its names alone, for its ink is scattered: check the rows, or give "
            "them by --layout"
            for number in by_names
        ),
        *(
            f"ink {row.y_mm:.0f} mm from the upper edge of the paper looks like a row of its own, but was taken for "
            "none: check the rows, or give them by --layout"
            for row in page.left_out
        ),
    ]


def _stretches_mm(reading: RowReading, flat: FlatPage, within_mm: float = EDGE_MM) -> list[Stretch]:
    """Where a row has a trace, from the left edge of the flat page; arguments as of `trace_stretches`."""
    return [(flat.mm_of_box(first), flat.mm_of_box(last)) for first, last in trace_stretches(reading, within_mm)]
