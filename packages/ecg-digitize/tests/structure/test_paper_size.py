"""How large paper without a grid is."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.structure.paper_size import paper_stretch
from ecg_digitize.digitizers.structure.scale import GAIN_PRIOR


def names(*pitches_mm: float) -> list[float]:
    return np.cumsum([20.0, *pitches_mm]).tolist()


@pytest.mark.parametrize(
    ("measured_s", "columns", "row_s"), [(2.57, 4, 10.0), (10.28, 1, 10.0), (4.8, 2, 10.0), (7.3, 1, 7.5)]
)
def test_paper_of_an_unknown_scale_has_rows_of_a_usual_duration(measured_s: float, columns: int, row_s: float) -> None:
    row_mm = 25 * measured_s * columns
    stretch, tolerance = paper_stretch(row_mm, names(*[row_mm / columns] * (columns - 1)), columns, speed_mm_per_s=25)
    assert stretch * row_mm == pytest.approx(25 * row_s)
    assert tolerance < 1e-3


@pytest.mark.parametrize(
    ("row_mm", "columns", "row_s"),
    [
        pytest.param(215.0, 1, 10.0, id="8 s are nearer, and rarer"),
        pytest.param(228.0, 3, 10.0, id="9 s are nearer, which no rows last"),
        pytest.param(187.0, 1, 7.5, id="10 s are too far"),
    ],
)
def test_words_beside_its_rows_make_a_page_seem_smaller(row_mm: float, columns: int, row_s: float) -> None:
    pitches_mm = [row_mm / columns] * (columns - 1)
    stretch, _ = paper_stretch(row_mm, names(*pitches_mm), columns, speed_mm_per_s=25)
    assert stretch * row_mm == pytest.approx(25 * row_s)


def test_names_tell_the_size_of_rows_that_are_cut_short() -> None:
    stretch, tolerance = paper_stretch(180.0, names(60, 60, 60), 4, speed_mm_per_s=25)
    assert stretch * 60.0 == pytest.approx(62.5)
    assert tolerance > 0.01
    assert paper_stretch(236.0, names(60, 60, 60), 4, speed_mm_per_s=25)[0] * 236.0 == pytest.approx(250.0)
    unequal = names(71, 68, 62)
    assert paper_stretch(248.0, unequal, 4, speed_mm_per_s=25)[0] * 248.0 == pytest.approx(250.0)


@pytest.mark.parametrize(
    ("row_mm", "by_pulse", "speed", "column_s"),
    [
        (216.0, 1.19, 25.0, 2.5),  # 2 s are nearer to what was thought
        (251.0, 1.19, 50.0, 1.25),  # no duration of usual columns comes near to it
        (250.0, 0.86, 25.0, 2.5),  # a pulse of which a part was not read
        (250.0, 1.16, 25.0, 2.5),
    ],
)
def test_pulses_tell_which_of_the_usual_durations_it_is(
    row_mm: float, by_pulse: float, speed: float, column_s: float
) -> None:
    stretch, _ = paper_stretch(row_mm, names(*[row_mm / 4] * 3), 4, speed_mm_per_s=speed, by_pulse={by_pulse: 0.0})
    assert stretch * row_mm == pytest.approx(4 * column_s * speed)


def test_pulses_count_alone_where_no_usual_duration_fits_them() -> None:
    stretch, tolerance = paper_stretch(250.0, (), 1, speed_mm_per_s=25.0, by_pulse={0.35: 0.0})
    assert stretch == pytest.approx(0.35)
    assert tolerance > 0.01


def test_pulses_of_twice_the_usual_height_are_those_of_a_rare_gain_on_rows_of_a_usual_duration() -> None:
    """Columns of 1.25 s on paper half as large would have pulses of the usual gain."""
    by_pulse = {each / 20.0: likely for each, likely in GAIN_PRIOR.items()}
    stretch, _ = paper_stretch(250.0, names(62, 62, 62), 4, speed_mm_per_s=25.0, by_pulse=by_pulse)
    assert stretch == pytest.approx(1.0, rel=0.02)
