"""Pulses of which a part was marked, and what of their ink tells how high they are."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM
from ecg_digitize.digitizers.neural.waveform.whole_pulses import whole_pulses
from ecg_digitize.digitizers.structure.evidence import PulseMark
from ecg_digitize.digitizers.structure.pulses import pulse_heights_mm

HALF = PulseMark(left_mm=19.7, right_mm=25.3, top_mm=50.0, foot_mm=60.3)
"""The lower half of what `PULSE` draws."""

Line = tuple[float, float, float, float]
PULSE: Sequence[Line] = [(20, 60, 20, 40), (25, 60, 25, 40), (20, 40, 25, 40), (15, 60, 20, 60), (25, 60, 30, 60)]


def drawn(*lines_mm: Line) -> np.ndarray:
    """Ink of lines from (x, y) to (x, y), a pen of half a millimetre, on a sheet of 100 x 100 mm."""
    ink = np.zeros((round(100 * PX_PER_MM), round(100 * PX_PER_MM)), np.float32)
    for x_mm, y_mm, end_x_mm, end_y_mm in lines_mm:
        for x, y in zip(np.linspace(x_mm, end_x_mm, 200), np.linspace(y_mm, end_y_mm, 200), strict=True):
            column, row = round(x * PX_PER_MM), round(y * PX_PER_MM)
            ink[row - 1 : row + 1, column - 1 : column + 1] = 1
    return ink


def heights_of(pulses: Sequence[PulseMark], ink: np.ndarray) -> list[float]:
    return pulse_heights_mm(whole_pulses(pulses, ink))


def test_a_pulse_reaches_up_to_its_roof_whatever_its_mark_shows() -> None:
    assert heights_of([HALF], drawn(*PULSE)) == pytest.approx([20.0], abs=0.5)


def test_slanted_sides_are_followed() -> None:
    """Slow pens draw pulses that are narrower above."""
    slanted: list[Line] = [(20, 60, 21.5, 40), (25, 60, 23.5, 40), (21.5, 40, 23.5, 40)]
    assert heights_of([HALF], drawn(*slanted)) == pytest.approx([20.0], abs=0.5)


def test_the_trace_of_a_row_above_that_crosses_it_is_no_roof() -> None:
    assert heights_of([HALF], drawn(*PULSE, (10, 48, 60, 48))) == pytest.approx([20.0], abs=0.5)


def test_a_mark_is_left_as_it_is_where_no_roof_is_seen() -> None:
    """Two strokes of waves, one stroke, or nothing at all."""
    for lines in (PULSE[:2], PULSE[:1], []):
        assert whole_pulses([HALF], drawn(*lines)) == [HALF]


def test_a_mark_never_becomes_smaller() -> None:
    whole = attrs.evolve(HALF, top_mm=39.7)
    assert heights_of([whole], drawn(*PULSE, (20, 47, 25, 47))) == pytest.approx([20.0], abs=0.5)


def test_what_is_higher_than_any_pulse_is_the_line_of_a_frame() -> None:
    frame: list[Line] = [(20, 60, 20, 30), (25, 60, 25, 30), (20, 30, 25, 30)]
    assert whole_pulses([HALF], drawn(*frame)) == [HALF]


def test_marks_without_a_roof_say_nothing_beside_pulses_that_show_theirs() -> None:
    other = [(x + 40, y, end_x + 40, end_y) for x, y, end_x, end_y in PULSE]
    beside = attrs.evolve(HALF, left_mm=59.7, right_mm=65.3)
    bare = attrs.evolve(HALF, left_mm=79.7, right_mm=85.3)
    ink = drawn(*PULSE, *other)
    assert heights_of([HALF, beside, bare], ink) == pytest.approx([20.0, 20.0], abs=0.5)
    assert len(whole_pulses([HALF, bare], ink)) == 2
