"""What the signals of printed leads tell, on a picture or drawn as lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import attrs
import numpy as np
import pytest

from ecg_core import Record, synthesize_record
from ecg_core.leads import LIMB_LEADS
from ecg_digitize.digitizers.structure.limb_relations import do_limb_leads_agree
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.printed_pieces import (
    PrintedPiece,
    are_columns_at_once,
    tell_copies,
    tell_long_rows,
)

RECORD = synthesize_record(seed=3, heart_rate_bpm=70)
COLUMNS = (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6"))


def regular(seed: int, per_minute: float) -> Record:
    """A recording of one beat, again and again."""
    record = synthesize_record(seed=seed, heart_rate_bpm=per_minute)
    beat = record.signal_mv[:, 500 : 500 + round(60 / per_minute * 500)]
    return attrs.evolve(record, signal_mv=np.tile(beat, 30)[:, :5000])


def height_mm(record: Record, lead: str, start_s: float, length_s: float) -> np.ndarray:
    at_s = start_s + np.arange(0, length_s * 25, STEP_MM) / 25
    return 10 * np.interp(at_s, np.arange(record.num_samples) / record.sampling_rate_hz, record.lead_mv(lead))


def piece(record: Record, lead: str, row: int, column: int, length_s: float, *, at_once: bool, name: str = ""):
    height = height_mm(record, lead, 0.0 if at_once else column * length_s, length_s)
    at_mm = column * length_s * 25
    x_mm = at_mm + STEP_MM * np.arange(len(height))
    long = length_s == 10
    return PrintedPiece(
        lead=name or lead, row=row, at_mm=at_mm, column=column, is_long=long, x_mm=x_mm, height_mm=height
    )


def page(record: Record, *, at_once: bool, columns: Sequence[Sequence[str]] = COLUMNS) -> list[PrintedPiece]:
    length_s = 10 / len(columns) * 0.999
    return [
        piece(record, lead, row, column, length_s, at_once=at_once)
        for column, leads in enumerate(columns)
        for row, lead in enumerate(leads)
    ]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("per_minute", [55, 70, 95])
def test_columns_show_the_same_seconds_or_follow_each_other(at_once: bool, per_minute: float) -> None:
    record = synthesize_record(seed=8, heart_rate_bpm=per_minute)
    assert are_columns_at_once(page(record, at_once=at_once)) is at_once


def test_limb_leads_tell_what_a_regular_rhythm_does_not() -> None:
    chest_apart = (COLUMNS[0] + COLUMNS[1], COLUMNS[2] + COLUMNS[3])
    paced = regular(4, 72)
    assert are_columns_at_once(page(paced, at_once=True)) is True
    assert are_columns_at_once(page(paced, at_once=True, columns=chest_apart)) is not True


def test_a_long_row_tells_by_single_beats_what_a_regular_rhythm_does_not() -> None:
    """Six beats take 1.1 mm more than a column: so much later than at its beginning the long row has them below it."""
    record = regular(4, 60 * 500 / 420)
    columns = (COLUMNS[0] + COLUMNS[1], COLUMNS[2] + COLUMNS[3])
    chest_again = [attrs.evolve(each, lead="V6") for each in page(record, at_once=True, columns=columns)]
    long_row = piece(record, "V5", 6, 0, 10, at_once=True)
    assert are_columns_at_once([*chest_again, long_row]) is True


def test_limb_leads_agree_by_any_two_of_them() -> None:
    """Cabrera's order has aVL, I and -aVR in one column, II, aVF and III in the next."""
    made = {lead: height_mm(RECORD, lead, 0.0, 2.5) for lead in RECORD.lead_names}
    for two in combinations(LIMB_LEADS, 2):
        first = {lead: made[lead] for lead in two}
        for lead in set(LIMB_LEADS) - set(two):
            assert do_limb_leads_agree([first, {lead: made[lead]}]) is True
            assert do_limb_leads_agree([{lead: made[lead]}, first]) is True
            assert do_limb_leads_agree([first, {lead: height_mm(RECORD, lead, 3.1, 2.5)}]) is not True
    assert do_limb_leads_agree([{"I": made["I"]}, {"aVR": made["aVR"]}]) is None
    assert do_limb_leads_agree([{"I": made["I"], "II": made["II"]}, {"V1": made["V1"]}]) is None


@pytest.mark.parametrize("name", ["II", "?"])
def test_a_long_row_has_the_lead_that_it_runs_like(name: str) -> None:
    long_row = piece(RECORD, "V1", 3, 0, 10.0, at_once=False, name=name)
    told = tell_long_rows([*page(RECORD, at_once=False), long_row])
    assert told.leads == {3: "V1"}
    assert len(told.notes) == 1
    assert told.doubts == ()


@pytest.mark.parametrize(("usual", "other", "lead"), [("V1", "V2", "V1"), ("V2", "V3", None), ("V1", "V5", None)])
def test_of_two_leads_that_a_row_without_a_name_runs_like_it_is_the_one_that_mostly_has_a_row(
    usual: str, other: str, lead: str | None
) -> None:
    """It is told which others it may be."""
    shorts = [
        attrs.evolve(run, lead=name, height_mm=share * run.height_mm)
        for run, name, share in (
            (piece(RECORD, "V1", 0, 2, 2.5, at_once=False), usual, 0.84),
            (piece(RECORD, "V1", 1, 2, 2.5, at_once=False), other, 0.82),
        )
    ]
    told = tell_long_rows([*shorts, piece(RECORD, "V1", 3, 0, 10.0, at_once=False, name="?")])
    assert told.leads == ({} if lead is None else {3: lead})
    assert [f"like {usual} and {other}" in doubt for doubt in told.doubts] == ([] if lead is None else [True])


def test_a_long_row_that_runs_more_like_another_lead_is_told() -> None:
    """Both are too much alike for its name to be wrong beyond doubt."""
    signal_mv = RECORD.signal_mv.copy()
    signal_mv[RECORD.lead_names.index("V4")] = 0.7 * RECORD.lead_mv("V4") + 0.3 * RECORD.lead_mv("V5")
    between = attrs.evolve(RECORD, signal_mv=signal_mv)
    told = tell_long_rows([*page(RECORD, at_once=False), piece(between, "V4", 3, 0, 10.0, at_once=False, name="V5")])
    assert told.leads == {}
    assert told.doubts == ("row 4 from the top is named V5, but runs more like V4",)
    named_so = piece(between, "V4", 3, 0, 10.0, at_once=False)
    assert tell_long_rows([*page(RECORD, at_once=False), named_so]).doubts == ()


def test_a_long_row_whose_name_is_beyond_doubt_keeps_it_and_tells_that_it_runs_otherwise() -> None:
    long_row = piece(RECORD, "V1", 3, 0, 10.0, at_once=False, name="V5")
    told = tell_long_rows([*page(RECORD, at_once=False), long_row], clearly_named=[3])
    assert told.leads == {}
    assert told.doubts == ("row 4 from the top is named V5, but runs like V1",)
    same = piece(RECORD, "V1", 3, 0, 10.0, at_once=False)
    assert not tell_long_rows([*page(RECORD, at_once=False), same], clearly_named=[3]).doubts


@pytest.mark.parametrize(("away", "leads"), [(0.3, {}), (0.8, {3: "V1"})])
def test_a_name_that_was_read_stays_where_the_row_runs_like_it_too(away: float, leads: dict[int, str]) -> None:
    """V2 is V1 but for a ripple of so much of its size: the long row of V1 is named V2."""
    pieces = {each.lead: each for each in page(RECORD, at_once=False)}
    first = pieces["V1"].height_mm
    ripple = np.sqrt(2) * first.std() * np.sin(2 * np.pi * np.arange(len(first)) * STEP_MM / 4)
    pieces["V2"] = attrs.evolve(pieces["V2"], height_mm=first + away * ripple)
    named = piece(RECORD, "V1", 3, 0, 10.0, at_once=False, name="V2")
    told = tell_long_rows([*pieces.values(), named])
    assert told.leads == leads
    assert bool(told.doubts) == (not leads)


def test_of_strokes_a_name_is_misread_as_one_of_strokes_whatever_else_the_row_runs_like() -> None:
    """The short aVF runs much like II, which the long row shows, and is no name of strokes."""
    pieces = {each.lead: each for each in page(RECORD, at_once=False)}
    pieces["aVF"] = attrs.evolve(pieces["II"], lead="aVF", height_mm=1.02 * pieces["II"].height_mm)
    named_iii = piece(RECORD, "II", 3, 0, 10.0, at_once=False, name="III")
    told = tell_long_rows([*pieces.values(), named_iii])
    assert told.leads == {3: "II"}
    assert len(told.notes) == 1
    named_v5 = attrs.evolve(named_iii, lead="V5")
    assert tell_long_rows([*pieces.values(), named_v5]).leads == {}


def test_a_name_that_was_read_is_never_changed_to_an_augmented_lead() -> None:
    """Hardly any page prints a long row of aVF, and aVF runs much like II."""
    long_row = piece(RECORD, "aVF", 3, 0, 10.0, at_once=False, name="V5")
    told = tell_long_rows([*page(RECORD, at_once=False), long_row])
    assert told.leads == {}
    assert told.doubts == ("row 4 from the top is named V5, but runs like aVF",)
    nameless = piece(RECORD, "aVF", 3, 0, 10.0, at_once=False, name="?")
    assert tell_long_rows([*page(RECORD, at_once=False), nameless]).leads == {3: "aVF"}


def test_a_row_without_a_name_is_a_copy_or_remains_without() -> None:
    rows = [piece(RECORD, lead, row, 0, 9.0, at_once=True) for row, lead in enumerate(("I", "II", "V5"))]
    copy = piece(RECORD, "V5", 3, 0, 9.0, at_once=True, name="?")
    other = piece(RECORD, "V6", 3, 0, 9.0, at_once=True, name="?")
    assert tell_copies([*rows, copy]).leads == {3: "V5"}
    assert tell_copies([*rows, other]).leads == {}


def test_rows_of_one_name_run_alike_or_one_of_the_names_is_in_doubt() -> None:
    """A rhythm row below rows of one lead, and aVF whose name was read as aVR."""
    rows = [piece(RECORD, lead, row, 0, 9.0, at_once=True) for row, lead in enumerate(("I", "II", "aVR"))]
    copy = piece(RECORD, "II", 3, 0, 9.0, at_once=True)
    misread = piece(RECORD, "aVF", 3, 0, 9.0, at_once=True, name="aVR")
    assert tell_copies([*rows, copy]).doubts == ()
    told = tell_copies([*rows, misread])
    assert [doubt[:32] for doubt in told.doubts] == ["row 4 from the top is named aVR,"]
    assert told.leads == {}


def limb_list(*leads: str, names: Sequence[str], away_mv: float = 0.0) -> list[PrintedPiece]:
    """Rows of one lead each, with their names; and how far the first one is from what it should be, as a slow wave."""
    rows = [
        piece(RECORD, lead, row, 0, 9.0, at_once=True, name=name)
        for row, (lead, name) in enumerate(zip(leads, names, strict=True))
    ]
    wave = 10 * away_mv * np.sin(rows[0].x_mm / 3)
    return [attrs.evolve(rows[0], height_mm=rows[0].height_mm + wave), *rows[1:]]


@pytest.mark.parametrize(
    ("lead", "others", "told"),
    [
        ("II", ("III", "aVL", "aVF"), "II"),
        ("I", ("aVF", "aVR"), "I"),
        ("aVR", ("I", "II", "III"), "aVR"),
        ("V4", ("III", "aVL", "aVF"), None),
        ("II", ("III",), None),
    ],
)
def test_a_row_without_a_name_is_the_limb_lead_that_the_others_make(
    lead: str, others: tuple[str, ...], told: str | None
) -> None:
    rows = limb_list(lead, *others, "V2", names=("?", *others, "V2"))
    assert tell_copies(rows).leads == ({} if told is None else {0: told})
    assert tell_copies(rows).doubts == ()


def test_a_row_is_no_limb_lead_that_it_runs_like_only_nearly() -> None:
    rows = limb_list("II", "III", "aVL", "aVF", names=("?", "III", "aVL", "aVF"), away_mv=0.3)
    assert tell_copies(rows).leads == {}


def test_limb_leads_that_are_named_one_row_off_do_not_fit_together_and_name_no_other() -> None:
    rows = limb_list("II", "III", "aVL", "aVF", names=("III", "aVL", "aVF", "?"))
    told = tell_copies(rows)
    assert told.leads == {}
    assert [doubt[:48] for doubt in told.doubts] == ["the limb leads III, aVL, aVF do not fit together"]


def test_limb_leads_of_columns_that_follow_each_other_need_not_fit_together() -> None:
    columns = (("I", "II", "III"), ("aVR", "aVL", "aVF"))
    assert tell_copies(page(RECORD, at_once=False, columns=columns)).doubts == ()
    nameless = [attrs.evolve(one, lead="?" if one.lead == "III" else one.lead) for one in page(RECORD, at_once=False)]
    assert tell_copies(nameless).leads == {}, "a row of several leads has no name for all of them"
