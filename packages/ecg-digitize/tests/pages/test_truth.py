from __future__ import annotations

from pathlib import Path

import pytest

from ecg_core import synthesize_record, write_record
from ecg_core.errors import DataError
from ecg_digitize.pages.truth import match_truth


@pytest.fixture
def folder(tmp_path) -> Path:
    record = synthesize_record(duration_s=1.0)
    for stem in ("00012_hr", "02132_lr", "plain"):
        write_record(record, tmp_path / f"{stem}.hea")
    return tmp_path


@pytest.mark.parametrize(
    ("page", "truth"),
    [
        ("plain.png", "plain"),
        ("plain-3.jpg", "plain"),
        ("00012_hr.pdf", "00012_hr"),
        ("00012_hr-0.jpg", "00012_hr"),
        ("00012.png", "00012_hr"),
        ("00012-0.png", "00012_hr"),
        ("02132.png", "02132_lr"),
    ],
)
def test_a_page_finds_its_recording_by_name(folder, page, truth):
    assert match_truth([Path(page)], folder)[Path(page)].stem == truth


def test_a_list_of_pairs_overrules_the_name(folder):
    pairs = folder / "pairs.csv"
    pairs.write_text("page,truth\n90037.png,02132_lr\nplain,00012_hr.hea\n")
    matched = match_truth([Path("90037.png"), Path("plain.png")], folder, pairs)
    assert [path.stem for path in matched.values()] == ["02132_lr", "00012_hr"]


def test_a_page_without_recording_is_named_with_what_was_looked_for(folder):
    with pytest.raises(DataError, match=r"90037\.png: no recording .* 90037, 90037_hr, 90037_lr.*pairs=FILE"):
        match_truth([Path("90037.png")], folder)


def test_a_list_of_pairs_with_other_columns_is_refused_by_line(folder):
    pairs = folder / "pairs.csv"
    pairs.write_text("picture,record\n90037,02132_lr\n")
    with pytest.raises(DataError, match=r"pairs\.csv, line 2: expected the columns page and truth"):
        match_truth([Path("90037.png")], folder, pairs)
