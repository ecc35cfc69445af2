from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest

from ecg_core import synthesize_record
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_digitize import PagePicture
from ecg_digitize.evaluation.structure import (
    PrintedStructure,
    ReadStructure,
    rows_of,
    score_structure,
    structure_counts,
)
from ecg_digitize.record.digitization import build_digitization
from ecg_render import render_page

TWO_ROWS = (("I", "V1"), ("II", "V2"))
PRINTED = PrintedStructure(rows=TWO_ROWS, speed_mm_per_s=25.0, gain_mm_per_mv=10.0)
ALL_GOOD = {"I": "good", "II": "good", "V1": "good", "V2": "good"}


def read(**changes) -> ReadStructure:
    sound = {"verdict": "good", "rows": TWO_ROWS, "speed_mm_per_s": 25.0, "gain_mm_per_mv": 10.0}
    return ReadStructure(**{**sound, "lead_verdicts": ALL_GOOD, **changes})


def test_a_page_read_as_it_is_printed_is_right_whatever_its_verdict():
    for verdict in ("good", "doubtful"):
        score = score_structure(PRINTED, read(verdict=verdict))
        assert (score.outcome, score.faults, score.refused, score.wrongly_good) == ("right", (), False, ())


@pytest.mark.parametrize(
    ("rows", "wrongly_good"),
    [
        ((("I", "V1"), ("III", "V2")), ()),
        ((("II", "V1"), ("I", "V2")), ("II", "I")),
        ((("I", "V1"),), ()),
        ((("I", "V1"), ("II",)), ()),
        ((("I", "V1"), ("II", "V2"), ("V1",)), ("V1",)),
    ],
)
def test_other_rows_are_silent_where_the_page_is_called_good(rows, wrongly_good):
    score = score_structure(PRINTED, read(rows=rows))
    assert (score.outcome, score.wrongly_good) == ("silent", wrongly_good)
    assert score_structure(PRINTED, read(rows=rows, verdict="doubtful")).outcome == "told"


@pytest.mark.parametrize(("speed", "gain"), [(12.5, 10.0), (25.0, 20.0), (25.6, 10.0)])
def test_at_another_scale_every_good_lead_is_wrong(speed, gain):
    score = score_structure(PRINTED, read(speed_mm_per_s=speed, gain_mm_per_mv=gain, verdict="doubtful"))
    assert score.outcome == "told"
    assert set(score.wrongly_good) == set(ALL_GOOD)


def test_a_scale_within_two_percent_or_unknown_is_no_fault():
    assert score_structure(PRINTED, read(speed_mm_per_s=25.4)).outcome == "right"
    assert score_structure(PRINTED, read(gain_mm_per_mv=None)).outcome == "right"
    unknown = attrs.evolve(PRINTED, speed_mm_per_s=None)
    assert score_structure(unknown, read(speed_mm_per_s=50.0)).outcome == "right"


def test_names_count_without_case_and_sign_and_any_is_right_where_none_can_be_read():
    printed = PrintedStructure(rows=[["AVR", "?"]])
    assert score_structure(printed, read(rows=[["-aVR", "V9"]])).outcome == "right"
    assert score_structure(printed, read(rows=[["aVL", "V9"]])).outcome == "silent"


def test_a_refused_page_is_told_and_right_only_where_it_may_be_refused():
    for found in (None, read(verdict="refused")):
        score = score_structure(PRINTED, found)
        assert (score.outcome, score.refused, score.wrongly_good) == ("told", True, ())
        assert score_structure(attrs.evolve(PRINTED, may_be_refused=True), found).outcome == "right"


def test_leads_that_begin_at_another_time_are_a_fault():
    printed = attrs.evolve(PRINTED, starts_s=((0.0, 5.0), (0.0, 5.0)))
    assert score_structure(printed, read(starts_s=((0.1, 5.1), (0.0, 4.9)))).outcome == "right"
    simultaneous = score_structure(printed, read(starts_s=((0.0, 0.0), (0.0, 0.0))))
    assert (simultaneous.outcome, simultaneous.faults) == ("silent", ("V1 at 0.00 s for 5.00 and 1 more",))


def test_what_a_person_saw_is_read_from_its_file():
    plain = {"rows": [["II"]], "speed_mm_per_s": 50, "gain_mm_per_mv": None, "readable_by_human": False}
    expected = PrintedStructure(rows=[["II"]], speed_mm_per_s=50, may_be_refused=True)
    assert PrintedStructure.from_plain(plain) == expected
    assert not PrintedStructure.from_plain({"rows": [["II"]]}).may_be_refused
    assert PrintedStructure.from_plain({"rows": [["II"]], "refusal_ok": True}).may_be_refused


def test_a_quality_without_rows_has_those_of_its_layout():
    plain = {"verdict": "good", "layout": "3x4+1R", "paper": {"speed_mm_per_s": 25.0}}
    assert ReadStructure.from_plain(plain).rows == rows_of(LAYOUT_3X4_1R)
    assert rows_of(LAYOUT_3X4_1R)[1:] == (("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"), ("II",))


def test_a_quality_without_rows_and_layout_is_never_right():
    assert score_structure(PRINTED, ReadStructure.from_plain({"verdict": "refused"})).outcome == "told"
    assert (
        score_structure(PRINTED, ReadStructure.from_plain({"verdict": "good", "layout": "no such"})).outcome == "silent"
    )


def test_of_a_digitization_it_tells_rows_scale_verdicts_and_times(make_reading: Callable):
    reading = make_reading()
    later = attrs.evolve(reading.traces[3], first_sample=1000, signal_mv=reading.traces[3].signal_mv[:4000])
    reading = attrs.evolve(reading, traces=(*reading.traces[:3], later, *reading.traces[4:]))
    page = PagePicture("page", np.zeros((300, 500, 3), np.uint8))
    found = ReadStructure.of(build_digitization(page, reading, method="any", sampling_rate_hz=500.0))
    assert found.rows == tuple((trace.lead,) for trace in reading.traces)
    assert (found.speed_mm_per_s, found.gain_mm_per_mv) == (25.0, 10.0)
    assert found.starts_s is not None
    assert list(found.starts_s) == [(0.0,)] * 3 + [(2.0,)] + [(0.0,)] * 8
    assert set(found.lead_verdicts) == {trace.lead for trace in reading.traces}


def test_pages_are_counted_by_what_became_of_them():
    wrong = read(rows=(("II", "V1"), ("I", "V2")))
    strip = PrintedStructure(rows=[["?"]], may_be_refused=True)
    scores = [score_structure(PRINTED, each) for each in (read(), wrong, None)] + [score_structure(strip, None)]
    assert structure_counts(scores) == {
        "pages": 4,
        "right": 2,
        "share": 0.5,
        "told": 1,
        "silent": 1,
        "refused": 2,
        "refused though readable": 1,
        "leads called good wrongly": 2,
    }
    assert structure_counts([])["share"] == 0.0


def test_what_a_rendered_page_shows_is_its_structure() -> None:
    record = synthesize_record(seed=3)
    page = render_page(record, layout=LAYOUT_3X4_1R, dots_per_inch=60.0)
    printed = PrintedStructure.of_page(page)
    assert printed.rows == (
        ("I", "aVR", "V1", "V4"),
        ("II", "aVL", "V2", "V5"),
        ("III", "aVF", "V3", "V6"),
        ("II",),
    )
    assert (printed.speed_mm_per_s, printed.gain_mm_per_mv) == pytest.approx((25.0, 10.0))
    assert printed.starts_s == ((0.0, 2.5, 5.0, 7.5),) * 3 + ((0.0,),)
    assert not printed.may_be_refused


def test_what_a_rendered_page_does_not_show_may_be_read_as_anything() -> None:
    bare = render_page(synthesize_record(seed=3), layout=LAYOUT_3X4_1R, dots_per_inch=60.0)
    bare = attrs.evolve(bare, labels=np.zeros_like(bare.labels), lead_names=(), scale_texts=())
    printed = PrintedStructure.of_page(bare)
    assert {name for row in printed.rows for name in row} == {"?"}
    assert (printed.speed_mm_per_s, printed.gain_mm_per_mv, printed.starts_s) == (None, None, None)
    assert printed.may_be_refused


@pytest.mark.parametrize(("cut_px", "is_cut"), [(0.4, False), (0.6, True)])
def test_what_the_picture_cuts_off_may_be_read_as_anything(*, cut_px: float, is_cut: bool) -> None:
    """A name and a speed, of which less than half is left on the picture; nothing else tells the speed."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUT_3X4_1R, dots_per_inch=60.0)
    page = attrs.evolve(page, labels=np.zeros_like(page.labels))

    def cut(word: Any) -> Any:
        """The word so far to the left that the left edge of the picture cuts off a part of it."""
        first, width = word.corners_px[:, 0].min(), np.ptp(word.corners_px[:, 0])
        return attrs.evolve(word, corners_px=word.corners_px - (first + cut_px * width, 0.0))

    names = [cut(name) if (name.lead, name.row) == ("II", 3) else name for name in page.lead_names]
    texts = [cut(text) if text.kind == "speed" else text for text in page.scale_texts]
    printed = PrintedStructure.of_page(attrs.evolve(page, lead_names=tuple(names), scale_texts=tuple(texts)))
    assert printed.rows[3] == ("?" if is_cut else "II",)
    assert printed.rows[1] == ("II", "aVL", "V2", "V5")
    assert (printed.speed_mm_per_s is None) == is_cut
    assert printed.gain_mm_per_mv == pytest.approx(10.0)
