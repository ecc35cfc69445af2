from __future__ import annotations

from importlib.metadata import entry_points

import pytest

from ecg_core.layouts import down_the_columns
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry

EXPECTED = {
    "3x4+1R": (4, 2.5, 13),
    "3x4+1R-competition": (4, 2.5, 13),
    "3x4+1R-kit": (4, 2.5, 13),
    "3x4": (3, 2.5, 12),
    "3x4+3R": (6, 2.5, 15),
    "6x2": (6, 5.0, 12),
    "6x2+1R": (7, 5.0, 13),
    "12x1": (12, 10.0, 12),
    "4x3": (4, 10 / 3, 12),
    "3x4+1R-cabrera": (4, 2.5, 13),
    "6x2-cabrera": (6, 5.0, 12),
    "12x1-cabrera": (12, 10.0, 12),
}


def load(name: str) -> Layout:
    layout: Layout = registry().load("layouts", name)
    return layout


def test_every_layout_is_registered() -> None:
    points = entry_points(group="ecg.layouts")
    assert {point.name for point in points if point.value.startswith("ecg_core.")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_rows_durations_and_pieces(name: str) -> None:
    layout = load(name)
    num_rows, column_s, num_pieces = EXPECTED[name]
    assert layout.name == name
    assert layout.num_rows == num_rows
    assert len(layout.segments) == num_pieces
    durations_s = [segment.duration_s for segment in layout.segments if not segment.is_rhythm]
    assert durations_s == pytest.approx([column_s] * 12)


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"3x4+1R-competition", "3x4+1R-kit"}))
def test_baselines_lie_on_large_box_lines(name: str) -> None:
    assert all(height % 5 == 0 for height in load(name).baselines_mm)


def test_cabrera_walks_round_the_frontal_plane() -> None:
    left_column = [row[0] for row in load("6x2-cabrera").rows]
    assert left_column == ["aVL", "I", "-aVR", "II", "aVF", "III"]


def test_leads_run_down_the_columns() -> None:
    assert down_the_columns("ABCDEF", 2) == (("A", "C", "E"), ("B", "D", "F"))
    with pytest.raises(ValueError, match="shorter"):
        down_the_columns("ABCDE", 2)
