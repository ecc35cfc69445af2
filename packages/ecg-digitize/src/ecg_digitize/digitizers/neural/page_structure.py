"""Structure of a page composed from its names, what its rows measure, its pulses and what is printed in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Self

import attrs
import numpy as np

from ecg_core.leads import UNKNOWN_LEAD
from ecg_core.paper import Layout
from ecg_digitize.digitizers.neural.findings import PageFindings
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.page_measures import PageMeasures, heights_mm
from ecg_digitize.digitizers.neural.waveform.pulse import find_pulse
from ecg_digitize.digitizers.neural.waveform.row_reading import (
    LEAST_PRESENCE,
    RowReading,
)
from ecg_digitize.digitizers.neural.waveform.whole_pulses import whole_pulses
from ecg_digitize.digitizers.print_scale import PrintScale, PrintSettings
from ecg_digitize.digitizers.structure.beats import beat_distance_mm, complex_width_mm
from ecg_digitize.digitizers.structure.compose import (
    clearly_named_rows,
    compose_layout,
    naming_doubts,
    unclearly_named_rows,
)
from ecg_digitize.digitizers.structure.evidence import PulseMark
from ecg_digitize.digitizers.structure.limb_timing import SHIFTS_MM, shift_by_limb_leads, slant_by_limb_leads
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.naming import Naming
from ecg_digitize.digitizers.structure.parted import (
    NARROW_MM,
    PartedColumns,
    columns_from,
    columns_of_usual_length,
)
from ecg_digitize.digitizers.structure.printed_pieces import (
    END_TO_END,
    OPEN_TIMING,
    TIME_GOES_ON,
    PrintedPiece,
    ToldLeads,
    are_columns_at_once,
    run_better_there,
    starts_by_beats_mm,
    tell_copies,
    tell_long_rows,
)
from ecg_digitize.digitizers.structure.pulses import (
    CLEARLY,
    are_at_rows,
    pulse_heights_mm,
    pulse_size_mm,
)
from ecg_digitize.digitizers.structure.scale import PulseKind, ScaleEvidence, weigh_scale
from ecg_digitize.digitizers.structure.straight_rows import FRAME, doubts_of_straight_rows, which_run_straight
from ecg_digitize.digitizers.structure.strangers import doubts_of_strangers, doubts_of_taken_places
from ecg_digitize.digitizers.structure.strips import as_strip
from ecg_digitize.digitizers.structure.time_axis import (
    doubts_of_columns,
    doubts_of_strip,
)
from ecg_digitize.digitizers.structure.two_gains import TwoGains, two_gains
from ecg_digitize.digitizers.structure.word_rows import WORDS, which_are_words

BESIDE_MM = 1.5 + float(SHIFTS_MM.max())
"""So much of the paper on either side of a lead is looked at for where its column begins."""

BY_NAMES = (
    "the columns are taken to be as long as their names stand apart, which is uneven: check where each lead begins, or "
    "give the rows by --layout"
)
"""What is told where nothing else says how long columns are that cannot be alike."""

NO_TRACE = (
    "ink {y_mm:.0f} mm from the upper edge of the paper reads like no trace: it was taken for words, or the line of a "
    "frame"
)

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
    rows = _Rows.of(page, readings)
    rows = rows if len(layouts) == 1 else rows.as_strip()
    measures = PageMeasures.of(rows.page, rows.readings, rows.heights)
    two = None if settings.gain_mm_per_mv is not None else two_gains(rows.page.printed)
    scale, pulse_mm = _scale_of(measures, rows, settings, two)
    timing = measures.timed(scale.speed_mm_per_s, settings.duration_s)
    compose = partial(
        compose_layout, rows=rows.page.rows, column=timing.column, known=layouts.values(), parted=measures.parted
    )
    found = PageFindings(
        image=image,
        page=rows.page,
        layout=compose(rows.naming),
        readings=rows.readings,
        scale=scale,
        axis=timing.axis,
        column=timing.column,
        packed=timing.apart_mm / timing.column.mm,
        row_mm=measures.row_mm,
        pulse_mm=pulse_mm,
        parted=measures.parted,
        chest_gain_mm_per_mv=two.chest.value if two is not None and two.limb.value == scale.gain_mm_per_mv else None,
        doubts=(*scale.doubts(), *([] if two is None else [two.doubt()])),
    )
    return _named_by_signals(found, rows, compose, are_free=len(layouts) > 1)


@attrs.frozen(eq=False)
class _Rows:
    """The rows of a page, and what they showed of themselves.

    Attributes:
        page: the page with the names of its rows.
        readings: the trace of each row.
        heights: as of `heights_mm`, of each of them.
        doubts: what makes their names uncertain.
        notes: what a user should know as well.
    """

    page: UprightPage
    readings: Sequence[RowReading]
    heights: Sequence[np.ndarray]
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def naming(self) -> Naming:
        """The names of the rows."""
        return self.page.named.naming

    @classmethod
    def of(cls, page: UprightPage, readings: Sequence[RowReading]) -> Self:
        """The rows of a page without those that have no name and are lines of frames, or words."""
        heights = [heights_mm(reading) for reading in readings]
        nameless = [set(row.leads) == {UNKNOWN_LEAD} for row in page.named.naming.rows]
        words = which_are_words([page.rows[row.row] for row in page.named.naming.rows], page.printed)
        told = {
            number: (WORDS if is_word else FRAME).format(y_mm=page.zeros_mm[number])
            for number, (is_line, is_word) in enumerate(zip(which_run_straight(heights, STEP_MM), words, strict=True))
            if nameless[number] and (is_line or is_word)
        }
        kept = [number for number in range(len(readings)) if number not in told]
        return cls(
            page.without_rows(list(told)),
            [readings[number] for number in kept],
            [heights[number] for number in kept],
            notes=(*(NO_TRACE.format(y_mm=y_mm) for y_mm in page.none_at_mm), *told.values()),
        )

    def as_strip(self) -> Self:
        """The rows, those without a name of the lead that goes on from row to row where that is seen."""
        unclear = unclearly_named_rows(self.page.named)
        naming, doubts = as_strip(self.naming, self.heights, STEP_MM, unclear=unclear)
        return attrs.evolve(self, page=self.page.renamed(naming), doubts=tuple(doubts))


def _scale_of(
    measures: PageMeasures, rows: _Rows, settings: PrintSettings, two: TwoGains | None
) -> tuple[PrintScale, tuple[float, float] | None]:
    """Speed and gain of a page, and the size of its pulses, which may be found where its rows begin.

    A page without a grid was made so large that its rows are as long as a layout has them: no length on it says
    anything against a speed that is printed.

    Args:
        measures: what its rows measure.
        rows: the rows.
        settings: what the user told.
        two: the gains of limb and chest leads, where each have their own; that of the chest leads is not the page's.
    """
    page, row_mm, columns = rows.page, measures.row_mm, measures.num_columns
    printed = [scale for scale in page.printed if two is None or scale is not two.chest]
    is_measured = page.flat.has_grid or all(scale.kind != "speed" for scale in printed)
    seen = ScaleEvidence(
        printed=printed,
        column_mm=(measures.pitch_mm or row_mm / columns) if columns > 1 and is_measured else None,
        row_mm=row_mm if is_measured else None,
        beat_mm=beat_distance_mm(rows.heights, STEP_MM) if is_measured else None,
        complex_mm=complex_width_mm(rows.heights, STEP_MM) if is_measured else None,
    )
    axis = measures.timed(weigh_scale(seen, settings).speed_mm_per_s, settings.duration_s).axis
    pulses = whole_pulses(measures.pulses, page.flat.trace)
    pulse_mm = pulse_size_mm(pulses) or find_pulse(page.flat.trace, page.zeros_mm, float(np.median(axis.zeros_mm)))
    heights = pulse_heights_mm(pulses)
    kind = _pulse_kind(measures.pulses, page)
    seen = attrs.evolve(seen, pulse_mm=pulse_mm, pulse_heights_mm=heights, pulse_kind=kind)
    return weigh_scale(seen, settings), pulse_mm


def _named_by_signals(
    found: PageFindings, rows: _Rows, compose: Callable[..., Layout], *, are_free: bool
) -> PageFindings:
    """A page with the times and names that its signals tell, and all that makes its structure uncertain.

    Args:
        found: the page, composed by its names.
        rows: its rows.
        compose: the layout by the names of the rows.
        are_free: whether the layout is not told by the user.
    """
    pitch_mm = rows.page.named.grid.pitch_mm if rows.naming.num_columns > 1 else None
    found = _parted_by_long_rows(found, partial(compose, rows.naming), pitch_mm)
    parted, compose = found.parted, partial(compose, parted=found.parted)
    found, open_gaps = _over_the_gaps(found, partial(compose, rows.naming))
    compose = partial(compose, end_to_end=found.layout.timing == "end to end")
    found = _timed_by_limb_leads(found)
    pieces = _printed_pieces(found)
    at_once = are_columns_at_once(pieces, apart=parted is not None and parted.have_pulses)
    if at_once and parted is None:
        found = attrs.evolve(found, parted=_parted_by_beats(found, pieces))
        parted, compose = found.parted, partial(compose, parted=found.parted)
    told = _told_by_signals(pieces, found.layout, clearly_named_rows(rows.page.named), at_once=bool(at_once))
    naming = rows.naming.with_leads(told.leads)
    return attrs.evolve(
        found,
        layout=compose(naming, at_once=bool(at_once)),
        doubts=(
            *naming_doubts(attrs.evolve(rows.page.named, naming=naming)),
            *(_doubts_of_strangers(naming) if are_free else []),
            *rows.doubts,
            *_left_out_doubts(rows.page),
            *doubts_of_straight_rows(which_run_straight(rows.heights, STEP_MM)),
            *told.doubts,
            *found.doubts,
            *([OPEN_TIMING] if at_once is None else []),
            *([] if at_once else open_gaps),
            *([] if parted is not None or pitch_mm is None else _columns_doubts(found, pitch_mm)),
            *([BY_NAMES] if parted is not None and parted.by_names else []),
            *_strip_doubts(found),
        ),
        notes=(*rows.notes, *told.notes),
    )


def _parted_by_beats(found: PageFindings, pieces: Sequence[PrintedPiece]) -> PartedColumns | None:
    """The columns of a page of the same seconds, where its beats say that these are not alike."""
    starts_mm = starts_by_beats_mm(pieces)
    return None if starts_mm is None else columns_from(starts_mm, found.row_mm)


def _doubts_of_strangers(naming: Naming) -> list[str]:
    """Leads of the right side and the back that stand in the place of others, or were read there."""
    return [*doubts_of_strangers([row.leads for row in naming.rows]), *doubts_of_taken_places(naming.misread)]


def _told_by_signals(
    pieces: Sequence[PrintedPiece], layout: Layout, clearly_named: Collection[int], *, at_once: bool
) -> ToldLeads:
    """What signals tell of the names of long rows, or, where each row has one lead, of copies of others."""
    if any(piece.is_long for piece in pieces):
        return tell_long_rows(pieces, at_once=at_once, clearly_named=clearly_named)
    is_list = layout.timing != "continued" and max(map(len, layout.rows)) == 1
    return tell_copies(pieces) if is_list else ToldLeads({})


def _pulse_kind(pulses: Sequence[PulseMark], page: UprightPage) -> PulseKind:
    """What the pulses of a page are taken for, those that were seen, or what is found by its shape where none was.

    Waves and names that happen to stand one below the other are seen less clearly.
    """
    if not pulses:
        return "by shape"
    is_one_of_many = len(pulses) == 1 < len(page.levels_mm)
    if len(pulses) > 1 and float(np.median([pulse.certainty for pulse in pulses])) < CLEARLY:
        return "unclear"
    return "at rows" if not is_one_of_many and are_at_rows(pulses, page.levels_mm) else "alone"


def _parted_by_long_rows(found: PageFindings, compose: Callable[..., Layout], pitch_mm: float | None) -> PageFindings:
    """A page whose columns touch in time, but not on paper, where only its long rows tell that."""
    has_long_row = any(segment.is_rhythm for segment in found.layout.segments)
    if found.parted is not None or found.column.is_usual or pitch_mm is None or not has_long_row:
        return found
    parted = columns_of_usual_length(
        found.row_mm,
        num_columns=max(map(len, found.layout.rows)),
        pitch_mm=pitch_mm,
        mm_per_s=found.column.mm / found.column.duration_s,
    )
    if parted is None:
        return found
    touching = attrs.evolve(found, parted=parted, layout=compose(parted=parted, end_to_end=True))
    return touching if run_better_there(_printed_pieces(touching), _printed_pieces(found)) else found


def _over_the_gaps(found: PageFindings, compose: Callable[..., Layout]) -> tuple[PageFindings, list[str]]:
    """A page whose columns do not touch, with time going on between them or not, as its signals have it; and what is
    left open where only the lengths of the columns say it."""
    parted, timing = found.parted, found.layout.timing
    if parted is None or parted.gap_mm < NARROW_MM or timing not in ("successive", "end to end"):
        return found, []
    along, touching = (attrs.evolve(found, layout=compose(end_to_end=each)) for each in (False, True))
    goes_on = run_better_there(_printed_pieces(along), _printed_pieces(touching))
    if goes_on is not None:
        return (along if goes_on else touching), []
    if timing == "end to end":
        return found, [END_TO_END]
    is_told = parted.stand_as_usual(found.column.mm / found.column.duration_s)
    return found, [] if is_told else [TIME_GOES_ON]


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


def _columns_doubts(found: PageFindings, pitch_mm: float) -> list[str]:
    """What makes it uncertain how long the columns of a page are, where nothing parts them."""
    num_columns = max(map(len, found.layout.rows))
    return doubts_of_columns(found.column, pitch_mm, found.row_mm / num_columns, num_columns)


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
