"""Rows by how they read: what reads like words or a line is none, and what reads like a trace is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np
import pytest

from ecg_core import synthesize_record
from ecg_core.paper import LARGE_BOX_MM, Layout
from ecg_core.plugins.registry import registry
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage, flatten_whole
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.marks import PageMarks
from ecg_digitize.digitizers.neural.markers.names import FoundName
from ecg_digitize.digitizers.neural.markers.upright import UprightPage, name_page, with_marks
from ecg_digitize.digitizers.neural.rows_as_read import rows_as_they_read
from ecg_digitize.digitizers.neural.waveform.columns import Columns
from ecg_digitize.digitizers.neural.waveform.row_reading import GEOMETRY, RowReading, is_one_trace
from ecg_digitize.digitizers.segments import printed_rows
from ecg_digitize.digitizers.structure.evidence import InkRow
from ecg_render import render_page
from ecg_render.labels import PULSE, TRACE, has_any

LAYOUTS: dict[str, Layout] = {
    entry.name: registry().load("layouts", entry.name) for entry in registry().entries("layouts")
}
SIX = LAYOUTS["6x2"]
BEAT_MM = 20.0


def laid_flat(layout: Layout) -> FlatPage:
    """The flat paper of a rendered page, with the ink of its traces."""
    page = render_page(synthesize_record(seed=3), layout=layout, dots_per_inch=120)
    mesh = Mesh(page.grid_points_px.astype(float))
    ink = 255 - 255 * has_any(page.labels, TRACE | PULSE)
    trace = 1 - flatten_whole(mesh, ink).astype(np.float32) / 255
    return FlatPage(mesh=mesh, paper=flatten_whole(mesh, page.image), trace=trace, found=1.0)


def named_above(flat: FlatPage, rows: Sequence[InkRow], layout: Layout) -> PageMarks:
    """The names of all leads half way between their row and the one above."""
    pitch_mm = float(np.median(np.diff([row.y_mm for row in rows])))
    column_mm = rows[0].length_mm / len(layout.rows[0])
    return PageMarks(
        names=tuple(
            FoundName(
                lead.removeprefix("-"),
                (
                    (row.first_mm + 5 + column * column_mm) * PX_PER_MM,
                    (row.y_mm - 0.5 * pitch_mm) * PX_PER_MM,
                ),
                0.95,
            )
            for row, leads in zip(rows, printed_rows(layout), strict=True)
            for column, lead in enumerate(leads)
        )
    )


def reading_of(page: UprightPage, row: InkRow, kind: str) -> RowReading:
    """How a row reads: a trace with beats, a straight line, or words, in which hardly any is seen."""
    start_box = page.flat.box_of_mm(0.0)
    count = round(page.flat.width_mm * GEOMETRY.across_px_per_mm)
    x_mm = np.arange(count) / GEOMETRY.across_px_per_mm
    beat_mm = np.where(x_mm % BEAT_MM < 2.0, 10.0, 0.0) if kind == "trace" else 0.0
    presence = np.full(count, 0.1 if kind == "words" else 1.0)
    return RowReading(
        zero_box=page.flat.box_of_mm(row.y_mm),
        start_box=start_box,
        columns=Columns(
            row_px=GEOMETRY.zero_px - np.broadcast_to(beat_mm, count) * GEOMETRY.down_px_per_mm,
            presence=presence,
            certainty=np.ones(count),
            margin=np.ones(count),
        ),
        level_px=GEOMETRY.zero_px,
        strip=np.zeros((GEOMETRY.height_px, count, 3), np.uint8),
        inside=np.ones(count, bool),
    )


def reader_of(traces_mm: Sequence[float], otherwise: str) -> Callable[..., list[RowReading]]:
    """Reads a trace where one is, and something else where none is."""

    def read(page: UprightPage, rows: Sequence[InkRow]) -> list[RowReading]:
        kinds = ["trace" if min(abs(row.y_mm - each) for each in traces_mm) < 3.0 else otherwise for row in rows]
        return [reading_of(page, row, kind) for row, kind in zip(rows, kinds, strict=True)]

    return read


def whole_page(layout: Layout) -> UprightPage:
    """A page whose names stand above their traces, as it is named where no other ink is taken for a row."""
    flat = laid_flat(layout)
    found = name_page(flat, 0, PageMarks, {layout.name: layout})
    assert found is not None
    return with_marks(found, named_above(flat, found.traces, layout), LAYOUTS)


def with_ink_above(page: UprightPage) -> UprightPage:
    """A page with a row of ink as far above the first row as the others lie apart."""
    first, pitch_mm = page.rows[0], float(np.median(np.diff(page.zeros_mm)))
    words = attrs.evolve(first, y_mm=first.y_mm - pitch_mm, joined=0.6)
    return with_marks(attrs.evolve(page, rows=(words, *page.rows)), page.marks, LAYOUTS)


def leads_of(page: UprightPage) -> tuple[tuple[str, ...], ...]:
    return tuple(row.leads for row in page.named.naming.rows)


@pytest.mark.parametrize("kind", ["words", "line"])
def test_names_above_their_traces_are_not_those_of_words_or_a_line_above_the_first(kind: str) -> None:
    whole = whole_page(SIX)
    page = with_ink_above(whole)
    assert len(page.traces) == 1 + len(whole.traces)
    found, readings = rows_as_they_read(page, LAYOUTS, reader_of(whole.zeros_mm, kind))
    assert leads_of(found) == printed_rows(SIX)
    assert found.zeros_mm == pytest.approx(whole.zeros_mm, abs=1.0)
    assert len(readings) == len(whole.traces)


def test_a_row_with_a_name_of_its_own_stays_however_it_reads() -> None:
    """A lead that was off runs straight: without its row its names would have none."""
    whole = whole_page(SIX)
    found, _ = rows_as_they_read(whole, LAYOUTS, reader_of(whole.zeros_mm[1:], "line"))
    assert leads_of(found) == printed_rows(SIX)
    assert found.zeros_mm == whole.zeros_mm


def test_a_row_that_was_taken_for_none_is_one_if_it_reads_like_a_trace() -> None:
    layout = LAYOUTS["3x4+1R"]
    whole = whole_page(layout)
    last = whole.traces[-1]
    marks = attrs.evolve(whole.marks, names=whole.marks.names[:-1])
    faint = attrs.evolve(last, strength=0.1 * last.strength)
    page = attrs.evolve(whole, rows=(*whole.rows[:-1], faint), inked=(*whole.inked[:-1], faint))
    page = with_marks(page, marks, LAYOUTS)
    assert len(page.traces) == len(whole.traces) - 1
    found, _ = rows_as_they_read(page, LAYOUTS, reader_of(whole.zeros_mm, "words"))
    assert found.zeros_mm == pytest.approx(whole.zeros_mm, abs=1.0)
    as_it_was, _ = rows_as_they_read(page, LAYOUTS, reader_of(whole.zeros_mm[:-1], "words"))
    assert as_it_was.zeros_mm == page.zeros_mm


def test_ink_that_reads_like_the_trace_of_another_row_is_no_row_of_its_own() -> None:
    whole = whole_page(LAYOUTS["3x4+1R"])
    marks = attrs.evolve(whole.marks, names=whole.marks.names[:-1])
    wave = attrs.evolve(whole.traces[-2], y_mm=whole.traces[-2].y_mm + 8.0, strength=0.02)
    page = with_marks(attrs.evolve(whole, inked=(*whole.inked, wave)), marks, LAYOUTS)
    read_trace = reader_of([*whole.zeros_mm, wave.y_mm], "words")

    def read(page: UprightPage, rows: Sequence[InkRow]) -> list[RowReading]:
        """The strip about the wave shows the trace of the row above it."""
        return [
            attrs.evolve(
                reading,
                columns=attrs.evolve(
                    reading.columns,
                    row_px=reading.columns.row_px - 8.0 * GEOMETRY.down_px_per_mm * (row.y_mm == wave.y_mm),
                ),
            )
            for row, reading in zip(rows, read_trace(page, rows), strict=True)
        ]

    assert page.unnamed == [wave]
    found, _ = rows_as_they_read(page, LAYOUTS, read)
    assert found.zeros_mm == page.zeros_mm
    taken, _ = rows_as_they_read(page, LAYOUTS, read_trace)
    assert len(taken.traces) == len(page.traces) + 1


def test_the_rows_of_a_layout_that_is_told_are_never_others() -> None:
    whole = whole_page(SIX)
    page = with_ink_above(whole)
    found, _ = rows_as_they_read(page, {"6x2": SIX}, reader_of(whole.zeros_mm, "words"))
    assert found is page


def test_strips_that_begin_elsewhere_show_one_trace() -> None:
    page = whole_page(SIX)
    row = page.traces[0]
    whole = reading_of(page, row, "trace")
    cut = round(12.5 * GEOMETRY.across_px_per_mm)
    later = attrs.evolve(
        whole,
        start_box=whole.start_box + 12.5 / LARGE_BOX_MM,
        columns=Columns(*(getattr(whole.columns, each.name)[cut:] for each in attrs.fields(Columns))),
    )
    assert is_one_trace(whole, later) and is_one_trace(later, whole)
    below = attrs.evolve(later, zero_box=later.zero_box + 1.0)
    assert not is_one_trace(whole, below)
