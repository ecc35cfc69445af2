from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.errors import DataError
from ecg_core.leads import STANDARD_LEADS
from ecg_core.paper import LAYOUT_3X4_1R, Layout, PaperSpec, Segment, boxes_mm, fitting, px_per_mm

sizes = st.floats(0.1, 1000)


def test_standard_paper_is_25_mm_per_s_and_10_mm_per_mv() -> None:
    paper = PaperSpec()
    assert paper.width_mm(10) == 250
    assert paper.height_mm(1) == 10
    assert paper.large_box_mm == 5


def test_pixels_of_the_competitions_pages() -> None:
    """2200 x 1700 px at 200 dpi: 1 mm is 7.874 px, 1 mV 78.74 px, 1 s 196.85 px."""
    assert px_per_mm(200) == pytest.approx(7.874, abs=1e-3)
    assert px_per_mm(200) * PaperSpec().height_mm(1) == pytest.approx(78.74, abs=1e-2)
    assert px_per_mm(200) * PaperSpec().width_mm(1) == pytest.approx(196.85, abs=1e-2)
    assert px_per_mm(200) * LAYOUT_3X4_1R.page_width_mm == pytest.approx(2200)
    assert px_per_mm(200) * LAYOUT_3X4_1R.page_height_mm == pytest.approx(1700)


@given(speed=sizes, gain=sizes, value=st.floats(-1000, 1000))
def test_to_paper_and_back(speed: float, gain: float, value: float) -> None:
    paper = PaperSpec(speed_mm_per_s=speed, gain_mm_per_mv=gain)
    assert paper.duration_s(paper.width_mm(value)) == pytest.approx(value)
    assert paper.amplitude_mv(paper.height_mm(value)) == pytest.approx(value)


@pytest.mark.parametrize("field", ["speed_mm_per_s", "gain_mm_per_mv", "small_box_mm", "large_box_mm"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_scale_must_be_above_0(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        PaperSpec(**{field: value})


def test_the_standard_page_shows_every_lead_for_2_5_s_and_lead_ii_for_10_s() -> None:
    assert LAYOUT_3X4_1R.num_rows == 4
    assert LAYOUT_3X4_1R.lead_names == STANDARD_LEADS
    assert LAYOUT_3X4_1R.baselines_mm == (90, 125, 160, 195)
    segments = LAYOUT_3X4_1R.segments
    assert len(segments) == 13
    assert segments[-1] == Segment(lead="II", row=3, start_s=0, duration_s=10, is_rhythm=True)
    assert Segment(lead="V5", row=1, start_s=7.5, duration_s=2.5, is_rhythm=False) in segments
    assert all(segment.duration_s == 2.5 for segment in segments[:-1])


@given(
    rows=st.lists(st.lists(st.sampled_from(STANDARD_LEADS), min_size=1, max_size=6), min_size=1, max_size=12),
    rhythm=st.lists(st.sampled_from(STANDARD_LEADS), max_size=3),
    duration_s=st.floats(1, 60),
)
def test_segments_of_a_row_share_its_time_without_gap(
    rows: list[list[str]], rhythm: list[str], duration_s: float
) -> None:
    baselines = tuple(range(10, 10 + len(rows) + len(rhythm)))
    layout = Layout(name="any", rows=rows, rhythm_leads=rhythm, baselines_mm=baselines, duration_s=duration_s)
    assert set(layout.lead_names) == {lead for row in [*rows, rhythm] for lead in row}
    for row in range(layout.num_rows):
        segments = [segment for segment in layout.segments if segment.row == row]
        ends = [segment.start_s + segment.duration_s for segment in segments]
        assert [segment.start_s for segment in segments] == pytest.approx([0, *ends[:-1]])
        assert ends[-1] == pytest.approx(duration_s)
        is_alone = len(segments) == 1 < max(map(len, rows))
        assert {segment.is_rhythm for segment in segments} == {row >= len(rows) or is_alone}


def test_lead_names_take_their_standard_spelling() -> None:
    layout = Layout(name="x", rows=[["AVR", "dii"]], rhythm_leads=["DII"], baselines_mm=boxes_mm(2, 4))
    assert layout.rows == (("aVR", "II"),)
    assert layout.rhythm_leads == ("II",)
    assert layout.baselines_mm == (10, 20)


@pytest.mark.parametrize("baselines_mm", [(), (10, 20, 30), (20, 10)])
def test_every_row_needs_a_baseline_below_the_last(baselines_mm: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="layout x"):
        Layout(name="x", rows=[["I"], ["II"]], baselines_mm=baselines_mm)


@pytest.mark.parametrize(("speed", "expected_s"), [(25.0, 10.0), (50.0, 5.0), (100.0, 2.0)])
def test_rows_are_cut_to_the_seconds_that_fit(speed: float, expected_s: float) -> None:
    """264.4 mm lie right of the signal's start: 10.6 s at 25 mm/s, 5.3 s at 50, 2.6 s at 100."""
    assert fitting(LAYOUT_3X4_1R, PaperSpec(speed_mm_per_s=speed)).duration_s == expected_s


def test_a_sheet_too_narrow_for_a_second_is_an_error() -> None:
    with pytest.raises(DataError, match="not even 1 s"):
        fitting(LAYOUT_3X4_1R, PaperSpec(speed_mm_per_s=300))


def test_columns_may_be_unlike_and_stand_apart() -> None:
    layout = Layout(
        name="x",
        rows=[["I", "V1"], ["II"]],
        baselines_mm=(10, 20),
        duration_s=8.0,
        column_s=(3.0, 4.0),
        column_gap_s=0.5,
    )
    assert [(each.lead, each.at_s, each.start_s, each.duration_s, each.is_rhythm) for each in layout.segments] == [
        ("I", 0.0, 0.0, 3.0, False),
        ("V1", 3.5, 3.5, 4.0, False),
        ("II", 0.0, 0.0, 8.0, True),
    ]
    assert layout.lasting(4.0).segments[1] == Segment(
        lead="V1", row=0, start_s=1.75, duration_s=2.0, is_rhythm=False, at_s=1.75
    )


def test_columns_may_show_the_same_seconds() -> None:
    layout = Layout(name="x", rows=[["I", "V1"]], baselines_mm=(10,), column_gap_s=1.0, timing="simultaneous")
    assert [(each.at_s, each.start_s, each.duration_s) for each in layout.segments] == [(0, 0, 4.5), (5.5, 0, 4.5)]
    assert layout.record_s == 4.5


def test_each_column_may_begin_when_the_one_before_ends_though_they_stand_apart() -> None:
    layout = Layout(
        name="x",
        rows=[["I", "V1"]],
        rhythm_leads=["II"],
        baselines_mm=(10, 20),
        duration_s=10.5,
        column_s=(5.0, 5.0),
        column_gap_s=0.5,
        timing="end to end",
    )
    assert [(each.lead, each.at_s, each.start_s, each.duration_s) for each in layout.segments] == [
        ("I", 0.0, 0.0, 5.0),
        ("V1", 5.5, 5.0, 5.0),
        ("II", 0.0, 0.0, 10.0),
    ]
    assert layout.record_s == 10


def test_a_strip_may_go_on_in_the_next_row() -> None:
    layout = Layout(name="x", rows=[["I"]] * 3, baselines_mm=(10, 20, 30), timing="continued")
    assert [(each.at_s, each.start_s, each.end_s) for each in layout.segments] == [(0, 0, 10), (0, 10, 20), (0, 20, 30)]
    assert layout.record_s == 30
    assert not any(each.is_rhythm for each in layout.segments)


@pytest.mark.parametrize(
    "wrong", [{"column_s": (6, 6)}, {"column_s": (1, 2, 3)}, {"column_gap_s": -1}, {"column_s": (0, 5)}]
)
def test_columns_must_fit_their_row(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="layout x"):
        Layout(name="x", rows=[["I", "V1"]], baselines_mm=(10,), **wrong)


@given(
    count=st.integers(1, 6),
    gap_s=st.floats(0, 1),
    timing=st.sampled_from(["successive", "end to end", "simultaneous", "continued"]),
)
def test_leads_of_a_row_never_overlap_on_paper(count: int, gap_s: float, timing: str) -> None:
    row = STANDARD_LEADS[:count]
    layout = Layout(name="x", rows=[row, row], baselines_mm=(10, 20), column_gap_s=gap_s, timing=timing)
    for number in (0, 1):
        own = [segment for segment in layout.segments if segment.row == number]
        assert own[0].at_s == 0
        assert own[-1].at_s + own[-1].duration_s == pytest.approx(10)
        for before, after in pairwise(own):
            assert after.at_s == pytest.approx(before.at_s + before.duration_s + gap_s)


def test_chest_leads_may_have_a_gain_of_their_own() -> None:
    paper = PaperSpec(gain_mm_per_mv=10, chest_gain_mm_per_mv=5)
    assert [paper.gain_of(lead) for lead in ("II", "aVR", "V1", "V6", "V4R", "V9")] == [10, 10, 5, 5, 5, 5]
    assert paper.has_two_gains
    assert PaperSpec().gain_of("V1") == 10
    assert not PaperSpec(chest_gain_mm_per_mv=10).has_two_gains
    with pytest.raises(ValueError, match="chest_gain_mm_per_mv"):
        PaperSpec(chest_gain_mm_per_mv=0)
