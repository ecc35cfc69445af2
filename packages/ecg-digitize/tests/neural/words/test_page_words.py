"""What markers and reader say of the words of a page together; the reader is played by networks that are told."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_BOX, FlatPage, flatten_whole
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.marks import FoundScale, PageMarks
from ecg_digitize.digitizers.neural.markers.names import FoundName, NameHint
from ecg_digitize.digitizers.neural.words.alphabet import LONGEST, TOKENS, tokens_of_text
from ecg_digitize.digitizers.neural.words.crops import ANCHOR_PX, LETTER_PX, SIZE_PX, take_crop
from ecg_digitize.digitizers.neural.words.hinted_names import MOST_ALONE
from ecg_digitize.digitizers.neural.words.joint_names import NONE, joint_names
from ecg_digitize.digitizers.neural.words.page_words import MOST_SCALES, with_words
from ecg_digitize.digitizers.neural.words.reading import WordPlace, read_words, readings_of

NAME = FoundName("V6", (100.0, 60.0), 0.9, (20.0, 15.0))
NUMBER = NameHint((180.0, 100.0), (14.0, 12.0), "10 mm/mV", 0.5)


def says(text: str, share: float = 0.98) -> np.ndarray:
    """Logits of a crop in which a text is read with about a certainty, or else something else."""
    tokens = tokens_of_text(text)
    logits = np.full((len(TOKENS), LONGEST), -20.0)
    logits[[*tokens, *[0] * (LONGEST - len(tokens))], range(LONGEST)] = 0.0
    logits[0, len(tokens)], logits[TOKENS.index("?"), len(tokens)] = np.log(share), np.log(1 - share)
    return logits


def told(*texts: str, seen: list[np.ndarray] | None = None) -> Callable[[np.ndarray], tuple[np.ndarray, ...]]:
    """A reader that reads these texts, one after the other."""
    left = list(texts)

    def network(images: np.ndarray) -> tuple[np.ndarray, ...]:
        if seen is not None:
            seen.append(images)
        return (np.stack([says(left.pop(0)) for _ in images]),)

    return network


@pytest.fixture
def page() -> tuple[FlatPage, np.ndarray]:
    """White paper of 60 x 50 mm at 10 pixels a millimetre, with a black bar 1 x 3 mm about (30, 20) mm."""
    column, row = np.meshgrid(np.arange(13), np.arange(11))
    mesh = Mesh(np.stack((column, row), axis=-1) * 50.0)
    image = np.full((501, 601, 3), 255, np.uint8)
    cv2.rectangle(image, (295, 185), (304, 214), (0, 0, 0), -1)
    paper = flatten_whole(mesh, image)
    return FlatPage(mesh=mesh, paper=paper, trace=np.zeros(paper.shape[:2], np.float32), found=1.0), image


def test_a_crop_shows_the_word_at_its_place_and_size(page: tuple[FlatPage, np.ndarray]) -> None:
    flat, image = page
    crop = take_crop(image, flat.mesh, (6.0, 4.0), 3 / 5)
    assert crop.shape == (SIZE_PX[1], SIZE_PX[0], 3)
    rows, columns = np.nonzero(crop.mean(axis=2) < 128)
    assert columns.mean() == pytest.approx(ANCHOR_PX[0], abs=0.5)
    assert rows.mean() == pytest.approx(ANCHOR_PX[1], abs=0.5)
    assert rows.max() - rows.min() + 1 == pytest.approx(LETTER_PX, abs=1)


def test_the_place_on_flat_paper_is_found_in_the_picture(page: tuple[FlatPage, np.ndarray]) -> None:
    flat, image = page
    seen: list[np.ndarray] = []
    place = flat.px_of_lattice(np.array([6.0, 4.0]))
    [reading] = read_words(image, flat, [WordPlace(tuple(place), 3 / 5 * PX_PER_BOX)], told("V1", seen=seen))
    rows, columns = np.nonzero(seen[0][0].mean(axis=0) < 128)
    assert (columns.mean(), rows.mean()) == (pytest.approx(ANCHOR_PX[0], abs=0.5), pytest.approx(ANCHOR_PX[1], abs=0.5))
    assert reading.best("name") == ("V1", pytest.approx(0.98, abs=0.01))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [("aVR", "name", "aVR"), ("-aVR", "name", "aVR"), ("12.5 mm/s", "speed", "12.5"), ("10.0 mm/mV", "gain", "10")],
)
def test_a_word_is_told_in_every_writing(text: str, kind: str, value: str) -> None:
    [reading] = readings_of(says(text)[None])
    assert reading.best(kind) == (value, pytest.approx(0.98, abs=0.01))  # type: ignore[arg-type]
    assert reading.other == pytest.approx(0.02, abs=0.01)


@pytest.mark.parametrize("text", ["50 Hz", "25 years", "25", "25 mm", "150 Hz", "Sinus", ""])
def test_strays_are_no_words_that_matter(text: str) -> None:
    [reading] = readings_of(says(text)[None])
    assert reading.other > 0.95


def test_letters_that_are_read_well_overrule_what_the_markers_take_a_name_for() -> None:
    [reading] = readings_of(says("V9")[None])
    (name, certainty), *_ = joint_names(reading, "V6", 0.95).items()
    assert name == "V9"
    assert certainty > 0.7


def test_letters_that_are_read_badly_leave_the_name() -> None:
    [reading] = readings_of(says("V9", share=0.2)[None])
    assert next(iter(joint_names(reading, "V6", 0.95))) == "V6"


def test_a_wave_is_no_name() -> None:
    [reading] = readings_of(says("")[None])
    assert next(iter(joint_names(reading, "I", 0.6))) == NONE


def test_names_of_a_page_are_read_where_they_were_found(page: tuple[FlatPage, np.ndarray]) -> None:
    flat, image = page
    wave = FoundName("I", (60.0, 60.0), 0.6, (8.0, 15.0))
    marks = PageMarks(names=(NAME, wave), hints=(NUMBER,))
    found = with_words(marks, flat, image, told("V8", ""))
    assert [(name.name, name.place_px, name.size_px) for name in found.names] == [("V8", NAME.place_px, NAME.size_px)]
    assert found.hints == marks.hints


@pytest.mark.parametrize(
    ("text", "share", "nats", "x_px", "is_named"),
    [
        ("V9", 0.98, 6.0, 180.0, True),
        ("V9", 0.2, 6.0, 180.0, False),  # hardly legible
        ("II", 0.98, 6.0, 180.0, False),  # an edge, say
        ("", 0.98, 6.0, 180.0, False),
        ("V9", 0.98, 0.0, 180.0, False),  # no name more likely than some
        ("V9", 0.98, 6.0, 110.0, False),  # where one was found
    ],
)
def test_a_name_that_the_markers_see_and_cannot_tell_is_told_by_its_letters(
    page: tuple[FlatPage, np.ndarray], text: str, share: float, nats: float, x_px: float, *, is_named: bool
) -> None:
    flat, image = page
    hint = NameHint((x_px, 60.0), (24.0, 15.0), "V8", nats)

    def reader(images: np.ndarray) -> tuple[np.ndarray, ...]:
        return (np.stack([says("V6"), says(text, share)][: len(images)]),)

    found = with_words(PageMarks(names=(NAME,), hints=(hint,)), flat, image, reader)
    assert [name.name for name in found.names if name.place_px != NAME.place_px] == ["V9"] * is_named


@pytest.mark.parametrize(("hinted", "is_clear"), [("V9", True), ("V8", False)])
def test_a_name_is_clear_where_markers_and_letters_tell_the_same(
    page: tuple[FlatPage, np.ndarray], hinted: str, *, is_clear: bool
) -> None:
    flat, image = page
    hint = NameHint((180.0, 100.0), (24.0, 15.0), hinted, 6.0)
    [found] = with_words(PageMarks(hints=(hint,)), flat, image, told("V9")).names
    assert found.name == "V9"
    assert (found.certainty > MOST_ALONE) == is_clear


@pytest.mark.parametrize(("place_px", "is_named"), [((104.0, 100.0), True), ((180.0, 100.0), False)])
def test_what_is_hardly_a_name_is_one_below_another(
    page: tuple[FlatPage, np.ndarray], place_px: tuple[float, float], *, is_named: bool
) -> None:
    flat, image = page
    either = says("V9")
    either[TOKENS.index("8"), 1] = np.log(0.7)
    hint = NameHint(place_px, (24.0, 15.0), "V8", 6.0)

    def reader(images: np.ndarray) -> tuple[np.ndarray, ...]:
        return (np.stack([says("V6"), either]),)

    found = with_words(PageMarks(names=(NAME,), hints=(hint,)), flat, image, reader)
    assert [(name.name, [other for other, _ in name.others]) for name in found.names[1:]] == [("V9", ["V8"])] * is_named


@pytest.mark.parametrize(
    ("first", "hint_px", "is_read_again"),
    [("V9", (20.0, 20.0), True), ("V9", (20.0, 12.0), False), ("", (20.0, 20.0), False), ("V3", (20.0, 20.0), False)],
)
def test_a_part_of_a_name_is_read_once_more_as_high_as_all_of_it(
    page: tuple[FlatPage, np.ndarray], first: str, hint_px: tuple[float, float], *, is_read_again: bool
) -> None:
    flat, image = page
    hint = NameHint(NAME.place_px, hint_px, "V8", 6.0)
    left = [says(first, 0.98 if first != "V9" else 0.2), says("V9")]
    seen: list[np.ndarray] = []

    def reader(images: np.ndarray) -> tuple[np.ndarray, ...]:
        seen.append(images)
        return (np.stack([left.pop(0) for _ in images]),)

    found = with_words(PageMarks(names=(NAME,), hints=(hint,)), flat, image, reader)
    assert len(seen) == 1 + is_read_again
    if is_read_again:
        assert [name.name for name in found.names] == ["V9"]
        assert [name.place_px for name in found.names] == [NAME.place_px]


def test_strokes_become_no_more_certain_by_being_read_and_letters_do(page: tuple[FlatPage, np.ndarray]) -> None:
    flat, image = page
    stroke, letters = (
        FoundName("I", (60.0, 60.0), 0.55, (8.0, 15.0)),
        FoundName("V2", (160.0, 60.0), 0.55, (20.0, 15.0)),
    )
    found = with_words(PageMarks(names=(stroke, letters)), flat, image, told("I", "V2"))
    assert {name.name: name.certainty > 0.9 for name in found.names} == {"I": False, "V2": True}
    assert found.names[1].certainty == 0.55
    [other] = with_words(PageMarks(names=(stroke,)), flat, image, told("II")).names
    assert (other.name, other.certainty) == ("II", 0.55)


def test_a_hint_that_is_high_enough_for_two_lines_is_read_in_both(page: tuple[FlatPage, np.ndarray]) -> None:
    flat, image = page
    high = NameHint((180.0, 100.0), (24.0, 30.0), "50 mm/s", 0.5)
    found = with_words(PageMarks(scale_hints=(high,)), flat, image, told("Sinus", "50 mm/s", "10 mm/mV"))
    [speed], [gain] = found.speeds, found.gains
    assert (speed.value, gain.value) == (50, 10)
    assert speed.place_px[1] < high.place_px[1] < gain.place_px[1]


def test_a_number_is_read_where_one_may_be_printed_and_what_the_markers_took_it_for_does_not_count(
    page: tuple[FlatPage, np.ndarray],
) -> None:
    flat, image = page
    marks = PageMarks(gains=(FoundScale(10.0, NUMBER.place_px, 0.9),), scale_hints=(NUMBER,))
    found = with_words(marks, flat, image, told("20 mm/mV"))
    [gain] = found.gains
    assert (gain.value, gain.place_px, gain.certainty) == (20.0, NUMBER.place_px, pytest.approx(0.98, abs=0.01))
    assert found.speeds == ()


@pytest.mark.parametrize(
    ("share", "again", "certainty", "num_looks"),
    [
        (0.6, "5 mm/mV", 0.98, 2),
        (0.6, "50 mm/s", 0.6, 2),  # then it is no clearer
        (0.6, "", 0.6, 2),
        (0.98, "", 0.98, 1),
    ],
)
def test_a_number_that_is_not_read_clearly_is_read_once_more_with_lower_letters(
    page: tuple[FlatPage, np.ndarray], share: float, again: str, certainty: float, num_looks: int
) -> None:
    flat, image = page
    left = [says("5.0 mm/mV", share), says(again)]
    seen: list[np.ndarray] = []

    def reader(images: np.ndarray) -> tuple[np.ndarray, ...]:
        seen.append(images)
        return (np.stack([left.pop(0) for _ in images]),)

    found = with_words(PageMarks(scale_hints=(NUMBER,)), flat, image, reader)
    [gain] = found.gains
    assert (gain.value, gain.certainty) == (5.0, pytest.approx(certainty, abs=0.01))
    assert found.speeds == ()
    assert len(seen) == num_looks


def test_a_hint_so_high_may_be_at_one_number_in_large_letters(page: tuple[FlatPage, np.ndarray]) -> None:
    flat, image = page
    high = NameHint((180.0, 100.0), (40.0, 30.0), "50 mm/s", 0.5)
    found = with_words(PageMarks(scale_hints=(high,)), flat, image, told("50 mm/s", "", ""))
    assert [(speed.value, speed.place_px) for speed in found.speeds] == [(50, high.place_px)]


def test_a_filter_is_no_speed(page: tuple[FlatPage, np.ndarray]) -> None:
    flat, image = page
    marks = PageMarks(speeds=(FoundScale(50.0, NUMBER.place_px, 0.9),), scale_hints=(NUMBER,))
    found = with_words(marks, flat, image, told("50 Hz"))
    assert found.speeds == found.gains == ()


def test_gains_of_limb_and_chest_leads_are_both_told(page: tuple[FlatPage, np.ndarray]) -> None:
    flat, image = page
    other = NameHint((80.0, 100.0), (14.0, 12.0), "5 mm/mV", 0.3)
    found = with_words(PageMarks(scale_hints=(NUMBER, other)), flat, image, told("10 mm/mV", "5 mm/mV"))
    assert {(gain.value, gain.place_px) for gain in found.gains} == {(10.0, NUMBER.place_px), (5.0, other.place_px)}


def test_nothing_is_read_where_there_is_nothing_and_not_everything_where_much_may_be(
    page: tuple[FlatPage, np.ndarray],
) -> None:
    flat, image = page
    nothing = PageMarks()
    assert with_words(nothing, flat, image, told()) is nothing
    seen: list[np.ndarray] = []
    many = tuple(NameHint((40.0 + 3 * place, 80.0), (14.0, 12.0), "10 mm/mV", 0.1) for place in range(60))
    with_words(PageMarks(scale_hints=many), flat, image, told(*["50 Hz"] * 60, seen=seen))
    assert sum(len(images) for images in seen) == MOST_SCALES


def test_a_number_is_read_where_the_markers_tell_it_behind_other_words(page: tuple[FlatPage, np.ndarray]) -> None:
    flat, image = page
    wide = NameHint((150.0, 100.0), (65.0, 18.0), "50 mm/s", 6.0)
    marks = PageMarks(speeds=(FoundScale(25.0, (172.0, 101.0), 0.9),), scale_hints=(wide,))
    [speed] = with_words(marks, flat, image, told("Speed", "50 mm/s")).speeds
    assert (speed.value, speed.place_px) == (50.0, (172.0, 101.0))
