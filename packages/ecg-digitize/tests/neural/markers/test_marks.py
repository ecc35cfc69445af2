"""Marks are read off maps of classes that are made by hand, so that every expected value is known."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_core.leads import EXTRA_LEADS, STANDARD_LEADS
from ecg_digitize.digitizers.neural.markers.classes import (
    CLASSES,
    EARLIER_CLASSES,
    GAINS,
    NAMES,
    SPEEDS,
    class_of_gain,
    class_of_name,
    class_of_speed,
    why_unfit,
)
from ecg_digitize.digitizers.neural.markers.marks import PageMarks, find_marks
from ecg_digitize.digitizers.neural.markers.names import find_names

SURE, UNSURE = 12.0, 0.5
Box = tuple[str, int, int, int, int]
"""A class, and first column, first row, width and height of its pixels."""


def reader(*boxes: Box, height: float = SURE) -> object:
    """A network that sees classes in boxes, and background elsewhere."""

    def network(images: np.ndarray) -> tuple[np.ndarray, ...]:
        logits = np.zeros((1, len(CLASSES), *images.shape[2:]), np.float32)
        logits[:, 0] = height / 2
        for name, left, top, width, rows in boxes:
            logits[0, CLASSES.index(name), top : top + rows, left : left + width] = height
        return (logits,)

    return network


def marks(*boxes: Box) -> PageMarks:
    return find_marks(np.zeros((192, 320, 3), np.uint8), reader(*boxes))


def names(*boxes: Box) -> list[tuple[str, tuple[float, float]]]:
    return [(name.name, name.place_px) for name in marks(*boxes).names]


def test_the_classes_are_what_tells_a_page_apart() -> None:
    assert (*STANDARD_LEADS, *EXTRA_LEADS) == NAMES
    assert len(CLASSES) == len(set(CLASSES)) == 1 + 17 + 2 + 3 + 3
    assert CLASSES[0] == "background"
    assert all(text == f"{value:g} mm/s" for text, value in SPEEDS.items())
    assert all(text == f"{value:g} mm/mV" for text, value in GAINS.items())


def test_what_is_printed_has_a_class_or_none() -> None:
    assert CLASSES[class_of_name("V6")] == "V6"
    assert CLASSES[class_of_name("-aVR")] == "aVR"
    assert CLASSES[class_of_name("V3R")] == "V3R"
    assert class_of_name("pulse") == class_of_name("X") == 0
    assert CLASSES[class_of_speed(12.5)] == "12.5 mm/s"
    assert CLASSES[class_of_gain(5.0)] == "5 mm/mV"
    assert class_of_speed(10.0) == class_of_gain(25.0) == 0


def test_a_network_with_other_classes_says_what_it_has_and_what_is_needed() -> None:
    assert why_unfit(len(CLASSES)) == ""
    assert set(EARLIER_CLASSES) == {14}
    told = why_unfit(14)
    assert "14 classes apart (an earlier version trained it), and 26 are needed: background, I, II" in told
    assert "begin_with" in told and "--networks" in told
    assert "earlier version" not in why_unfit(5)


def test_a_name_is_found_in_its_middle_with_its_size() -> None:
    [name] = find_names(np.zeros((192, 320, 3), np.uint8), reader(("V4", 100, 50, 16, 12)))
    assert (name.name, name.place_px, name.size_px) == ("V4", (107.5, 55.5), (16, 12))
    assert name.certainty == pytest.approx(1, abs=0.01)


def test_letters_of_one_name_belong_together() -> None:
    """Each by itself would be too small, or would pull the middle to its side."""
    assert names(("aVR", 100, 50, 5, 7), ("aVR", 108, 50, 15, 7)) == [("aVR", (111.75, 53))]


def test_names_of_other_rows_and_leads_stay_apart() -> None:
    found = names(("V1", 20, 40, 14, 10), ("V2", 120, 40, 14, 10), ("V3", 20, 90, 14, 10), ("V1", 220, 90, 14, 10))
    assert sorted(name for name, _ in found) == ["V1", "V1", "V2", "V3"]


def test_of_two_names_in_one_place_the_larger_counts() -> None:
    assert names(("aVL", 100, 50, 8, 12), ("aVF", 110, 50, 20, 12)) == [("aVF", (119.5, 55.5))]


def test_a_blot_is_no_name() -> None:
    assert names(("V1", 100, 50, 6, 6)) == []


def hints(*places: tuple[str, int, int, int, int, float]) -> list[tuple[str, tuple[float, float], float]]:
    """Hints where names are likelier than background by so many nats in boxes: first column, row, width, height."""

    def network(images: np.ndarray) -> tuple[np.ndarray, ...]:
        logits = np.full((1, len(CLASSES), *images.shape[2:]), -9.0, np.float32)
        logits[:, 0] = 0
        for name, left, top, width, rows, nats in places:
            logits[0, CLASSES.index(name), top : top + rows, left : left + width] = nats
        return (logits,)

    found = find_marks(np.zeros((192, 320, 3), np.uint8), network).hints
    return [(hint.name, hint.place_px, round(hint.nats, 3)) for hint in found]


def test_what_may_be_a_name_is_told_the_likeliest_first() -> None:
    found = hints(("V5", 100, 50, 9, 7, -1.0), ("V9", 200, 90, 9, 7, 2.0))
    assert found == [("V9", (204, 93), 2.0), ("V5", (104, 53), -1.0)]


def test_what_is_hardly_a_name_is_no_hint() -> None:
    assert hints(("V5", 100, 50, 9, 7, -3.0), ("pulse", 200, 50, 9, 7, 3.0)) == []


def test_hints_at_one_name_are_one() -> None:
    assert hints(("V5", 100, 50, 5, 7, -1.0), ("V6", 110, 50, 5, 7, -0.5)) == [("V6", (107, 53), -0.5)]


def test_a_hint_is_as_large_as_what_hints_at_a_name() -> None:
    [hint] = find_marks(np.zeros((192, 320, 3), np.uint8), reader(("V4", 100, 50, 16, 12))).hints
    assert (hint.place_px, hint.size_px) == ((107.5, 55.5), (16, 12))


def test_strokes_side_by_side_are_two_or_three() -> None:
    stroke = (4, 14)
    assert names(("I", 100, 50, *stroke)) == [("I", (101.5, 56.5))]
    assert names(("I", 100, 50, *stroke), ("I", 107, 50, *stroke)) == [("II", (105, 56.5))]
    three = names(*(("I", 100 + 7 * each, 50, *stroke) for each in range(3)))
    assert three == [("III", (108.5, 56.5))]
    assert names(*(("I", 100 + 7 * each, 50, *stroke) for each in range(4))) == []


def test_strokes_that_are_not_side_by_side_are_names_of_their_own() -> None:
    far = names(("I", 100, 50, 4, 14), ("I", 140, 50, 4, 14))
    assert [name for name, _ in far] == ["I", "I"]
    below = names(("I", 100, 50, 4, 14), ("I", 100, 90, 4, 14))
    assert [name for name, _ in below] == ["I", "I"]


def test_a_pulse_is_measured_to_a_fraction_of_a_pixel() -> None:
    [pulse] = marks(("pulse", 30, 60, 13, 40)).pulses
    assert (pulse.x_px, pulse.y_px) == (pytest.approx(29.5, abs=0.1), pytest.approx(59.5, abs=0.1))
    assert (pulse.width_px, pulse.height_px) == (pytest.approx(13, abs=0.2), pytest.approx(40, abs=0.2))


def test_a_name_in_a_pulse_takes_nothing_from_its_size() -> None:
    [pulse] = marks(("pulse", 30, 60, 20, 40), ("V1", 34, 78, 10, 6)).pulses
    assert (pulse.width_px, pulse.height_px) == (pytest.approx(20, abs=0.3), pytest.approx(40, abs=0.3))


def test_a_pulse_at_the_edge_of_the_paper_is_measured_as_far_as_it_goes() -> None:
    [pulse] = marks(("pulse", 0, 60, 9, 40)).pulses
    assert (pulse.x_px, pulse.width_px) == (pytest.approx(-0.5, abs=0.1), pytest.approx(9, abs=0.2))


def test_a_pulse_in_every_row() -> None:
    assert len(marks(*(("pulse", 10, 10 + 60 * row, 20, 40) for row in range(3))).pulses) == 3


def test_a_dotted_line_is_one_separator_and_bars_are_several() -> None:
    dots = [("separator", 150, 10 + 8 * dot, 3, 3) for dot in range(20)]
    [line] = marks(*dots).separators
    assert (line.x_px, line.y_px, line.height_px) == (151, 9.5, 155)
    assert len(marks(("separator", 80, 20, 3, 20), ("separator", 160, 20, 3, 20)).separators) == 2


def test_printed_scales_are_told_with_their_value() -> None:
    found = marks(("25 mm/s", 20, 150, 40, 12), ("25 mm/s", 64, 150, 28, 12), ("10 mm/mV", 120, 150, 70, 12))
    assert [(scale.value, scale.place_px[1]) for scale in found.speeds] == [(25, 155.5)]
    assert [scale.value for scale in found.gains] == [10]


def test_of_two_speeds_in_one_place_the_larger_counts() -> None:
    found = marks(("25 mm/s", 20, 150, 50, 12), ("50 mm/s", 60, 150, 18, 12))
    assert [scale.value for scale in found.speeds] == [25]


def test_pixels_of_a_number_that_claim_another_one_count_against_it() -> None:
    whole, contested = (
        marks(*boxes).gains[0]
        for boxes in ([("20 mm/mV", 20, 150, 20, 12)], [("20 mm/mV", 20, 150, 20, 12), ("10 mm/mV", 30, 150, 6, 12)])
    )
    assert whole.value == contested.value == 20
    assert whole.certainty > 0.95
    assert contested.certainty == pytest.approx(0.7 + 0.3 / 2, abs=0.02)


def test_places_where_a_scale_may_be_printed_are_told_whatever_its_number() -> None:
    found = marks(("20 mm/mV", 20, 150, 5, 5), ("12.5 mm/s", 120, 150, 24, 12), ("V1", 60, 40, 14, 12))
    assert {(hint.name, hint.place_px) for hint in found.scale_hints} == {
        ("20 mm/mV", (22, 152)),
        ("12.5 mm/s", (131.5, 155.5)),
    }
    assert found.gains == ()


def test_what_the_network_is_unsure_of_is_not_told() -> None:
    boxes = [("pulse", 30, 60, 13, 40), ("25 mm/s", 20, 150, 60, 12), ("V1", 100, 50, 14, 12)]
    found = find_marks(np.zeros((192, 320, 3), np.uint8), reader(*boxes, height=UNSURE))
    assert found.pulses == found.speeds == found.names == ()


def test_an_empty_paper_has_no_marks() -> None:
    assert attrs.asdict(marks()) == attrs.asdict(PageMarks())
