from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.waveform.columns import Columns
from ecg_digitize.digitizers.neural.waveform.row_reading import (
    CLOSE_MM,
    GEOMETRY,
    RowReading,
    read_rows,
    trace_stretches,
)

LATTICE = np.stack(np.meshgrid(np.arange(57.0), np.arange(44.0)), axis=-1)


def page(px_per_box: float = 20.0) -> FlatPage:
    trace = np.zeros((round(225 * PX_PER_MM), round(300 * PX_PER_MM)), np.float32)
    paper = np.zeros((*trace.shape, 3), np.uint8)
    return FlatPage(mesh=Mesh(LATTICE * px_per_box + 50), paper=paper, trace=trace, found=1.0)


def reading(start_mm: float, end_mm: float, row_px: np.ndarray | float = GEOMETRY.zero_px) -> RowReading:
    """A row whose strip begins at the left edge of the flat page, and whose trace goes from here to there."""
    count = round(300 * GEOMETRY.across_px_per_mm)
    at_mm = np.arange(count) / GEOMETRY.across_px_per_mm
    presence = ((at_mm >= start_mm) & (at_mm <= end_mm)).astype(float)
    columns = Columns(
        row_px=np.broadcast_to(row_px, count), presence=presence, certainty=np.ones(count), margin=np.ones(count)
    )
    strip = np.zeros((GEOMETRY.height_px, count, 3), np.uint8)
    return RowReading(
        zero_box=10.0,
        start_box=-2.0,
        columns=columns,
        level_px=GEOMETRY.zero_px,
        strip=strip,
        inside=np.ones(count, bool),
    )


@given(start_mm=st.floats(5, 45), width_mm=st.floats(30, 240))
def test_a_row_goes_from_where_its_trace_begins_to_where_it_ends(start_mm: float, width_mm: float) -> None:
    row = reading(start_mm, start_mm + width_mm)
    (span,) = trace_stretches(row)
    # the strip begins at lattice column -2, the left edge of the flat page
    assert [(box + 2) * 5 for box in span] == pytest.approx([start_mm, start_mm + width_mm], abs=0.1)


def test_what_stands_beside_a_row_is_a_stretch_of_its_own() -> None:
    row = reading(40, 200)
    presence = row.columns.presence.copy()
    presence[: round(3 * GEOMETRY.across_px_per_mm)] = 1  # 3 mm of ink at the left edge
    speck, span = trace_stretches(attrs.evolve(row, columns=attrs.evolve(row.columns, presence=presence)))
    assert [(box + 2) * 5 for box in speck] == pytest.approx([0, 3], abs=0.1)
    assert [(box + 2) * 5 for box in span] == pytest.approx([40, 200], abs=0.1)


def test_a_narrow_gap_parts_a_row_where_one_is_looked_for() -> None:
    row = reading(40, 200)
    at_mm = np.arange(len(row.columns.presence)) / GEOMETRY.across_px_per_mm
    presence = np.where((at_mm > 120) & (at_mm < 121.5), 0, row.columns.presence)
    torn = attrs.evolve(row, columns=attrs.evolve(row.columns, presence=presence))
    assert len(trace_stretches(torn)) == 1
    (first, second) = trace_stretches(torn, CLOSE_MM)
    assert [(box + 2) * 5 for box in (*first, *second)] == pytest.approx([40, 120, 121.5, 200], abs=0.1)


def test_a_row_without_a_trace_begins_nowhere() -> None:
    assert not trace_stretches(reading(0, -1))


def test_a_strip_is_cut_read_and_put_back_where_it_lay() -> None:
    """A straight trace 4 mm below the level line, through a network that finds what is dark."""
    image = np.full((1000, 1300, 3), 255, np.uint8)
    flat = page()
    level_mm = 100.0
    [[_, y_px]] = flat.mesh.to_picture(np.array([(10.0, flat.box_of_mm(level_mm + 4))]))
    image[round(y_px) - 1 : round(y_px) + 2] = 0

    def darkness(strips: np.ndarray) -> tuple[np.ndarray, ...]:
        dark = 255.0 - strips.mean(axis=1)
        absent = np.where(dark.max(axis=1, keepdims=True) > 100, -40.0, 40.0)
        return (np.concatenate((dark / 8, absent), axis=1).astype(np.float32),)

    [row] = read_rows(image, flat, darkness, zeros_mm=[level_mm], first_mm=40, last_mm=290)
    points = flat.mesh.to_picture(row.lattice_points(row.column_of(6.0), row.column_of(40.0)))
    assert np.abs(points[:, 1] - round(y_px)).max() < 0.3
    assert points[0, 0] == pytest.approx(50 + 6 * 20, abs=0.5)
    assert row.clarity(row.column_of(6.0), row.column_of(40.0)) > 0.9
    at_px = np.linspace(row.column_of(6.0), row.column_of(40.0), 50)
    np.testing.assert_allclose(row.height_mm(at_px, least_presence=0.5), 0, atol=0.1)


def test_a_trace_is_read_beside_a_ruled_line_that_is_darker() -> None:
    """By a network that takes the darkest of what it sees in a column."""
    image = np.full((1000, 1300, 3), 255, np.uint8)
    flat = page()
    level_mm = 100.0
    (_, trace_px), (_, line_px) = flat.mesh.to_picture(
        np.array([(10.0, flat.box_of_mm(mm)) for mm in (level_mm, level_mm + 6)])
    )
    for y_px, value in ((trace_px, 90), (line_px, 0)):
        image[round(y_px) - 1 : round(y_px) + 2] = value

    def darkest(strips: np.ndarray) -> tuple[np.ndarray, ...]:
        dark = 255.0 - strips.mean(axis=1)
        absent = np.where(dark.max(axis=1, keepdims=True) > 100, -40.0, 40.0)
        return (np.concatenate((dark / 4, absent), axis=1).astype(np.float32),)

    [row] = read_rows(image, flat, darkest, zeros_mm=[level_mm], first_mm=40, last_mm=290)
    assert row.level_px == pytest.approx(GEOMETRY.zero_px, abs=2)
    image[round(trace_px) - 1 : round(trace_px) + 2] = 255
    [row] = read_rows(image, flat, darkest, zeros_mm=[level_mm], first_mm=40, last_mm=290)
    assert row.level_px == pytest.approx(GEOMETRY.zero_px + 36, abs=2), "a line alone is read as before"


@pytest.mark.parametrize("num_long", [1, 2])
def test_a_strip_is_as_long_as_the_traces_of_most_rows(num_long: int) -> None:
    """Ink that is faint at an end of the rows says too little of where they end."""
    image = np.full((1000, 1300, 3), 255, np.uint8)
    flat = page()
    zeros_mm = [60.0, 110.0, 160.0]
    lasts_mm = [230.0 if number < num_long else 150.0 for number in range(3)]
    for zero_mm, last_mm in zip(zeros_mm, lasts_mm, strict=True):
        ends = np.array([(flat.box_of_mm(at_mm), flat.box_of_mm(zero_mm)) for at_mm in (60.0, last_mm)])
        (left_px, y_px), (right_px, _) = flat.mesh.to_picture(ends)
        image[round(y_px) - 1 : round(y_px) + 2, round(left_px) : round(right_px)] = 0

    def darkness(strips: np.ndarray) -> tuple[np.ndarray, ...]:
        dark = 255.0 - strips.mean(axis=1)
        absent = np.where(dark.max(axis=1, keepdims=True) > 100, -40.0, 40.0)
        return (np.concatenate((dark / 8, absent), axis=1).astype(np.float32),)

    rows = read_rows(image, flat, darkness, zeros_mm=zeros_mm, first_mm=80, last_mm=200)
    (first_box, last_box) = trace_stretches(rows[0])[0]
    is_most = num_long > 1
    assert flat.mm_of_box(first_box) == pytest.approx(60.0, abs=0.5), "all rows begin before their ink seemed to"
    assert (flat.mm_of_box(last_box) == pytest.approx(230.0, abs=0.5)) == is_most


def test_beyond_the_picture_nothing_is_read() -> None:
    """By a network that takes whatever there is, white paper too, for a trace along the level line."""
    width_px = 900
    last_box = (width_px - 1 - 50) / 20

    def everywhere(strips: np.ndarray) -> tuple[np.ndarray, ...]:
        logits = np.full((1, strips.shape[2] + 1, strips.shape[3]), -20, np.float32)
        logits[:, round(GEOMETRY.zero_px)] = 20
        return (logits,)

    image = np.full((1000, width_px, 3), 255, np.uint8)
    [row] = read_rows(image, page(), everywhere, zeros_mm=[100.0], first_mm=40, last_mm=290)
    edge = row.column_of(last_box)
    for seen in (row.columns.presence > 0.5, row.inside):
        assert seen[: round(edge)].all()
        assert not seen[round(edge) + 1 :].any()
    assert row.beyond_mm(edge - 160, edge + 160) == pytest.approx(10, abs=0.1)
    assert np.isnan(row.height_mm(np.array([edge + 2]), least_presence=0.3)).all()
