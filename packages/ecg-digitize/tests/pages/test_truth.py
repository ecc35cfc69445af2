from __future__ import annotations

from pathlib import Path

import pytest

from ecg_core import Record, synthesize_record, write_record
from ecg_core.errors import DataError
from ecg_digitize.pages.truth import find_known_pages, match_truth


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


class TestKnownPages:
    def test_the_competitions_form(self, tmp_path: Path) -> None:
        table = "I,II\n" + "0.1,\n" * 2560
        for root in ("plain", "indexed"):
            folder = tmp_path / root / "train" / "123"
            folder.mkdir(parents=True)
            (folder / "123.csv").write_text(table)
            for number in ("0001", "0003"):
                (folder / f"123-{number}.png").write_bytes(b"")
        (tmp_path / "indexed" / "train.csv").write_text("id,fs,sig_len\n123,512,5120\n")
        for root, rate_hz in (("plain", 256.0), ("indexed", 512.0), ("indexed/train", 512.0)):
            pages = find_known_pages(tmp_path / root)
            assert [page.picture.name for page in pages] == ["123-0001.png", "123-0003.png"]
            assert {page.rate_hz for page in pages} == {rate_hz}
            assert pages[0].read_truth().sampling_rate_hz == rate_hz

    def test_pages_beside_their_recordings(self, tmp_path: Path, truth: Record) -> None:
        write_record(truth, tmp_path / "heart_hr.hea")
        (tmp_path / "heart_hr-0.jpg").write_bytes(b"")
        [page] = find_known_pages(tmp_path)
        assert page.truth.name == "heart_hr.hea"
        assert page.read_truth().num_samples == truth.num_samples

    def test_a_folder_that_is_not_there_says_where_it_looked_and_how_to_get_data(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"no such folder; looked in .*gone.*render\.kaggle_subset.*kaggle\.com"):
            find_known_pages(tmp_path / "gone")
        (tmp_path / "empty").mkdir()
        with pytest.raises(DataError, match=r"holds no page.*<id>/<id>\.csv.*render\.kaggle_subset"):
            find_known_pages(tmp_path / "empty")
        (tmp_path / "train.csv").write_text("name\nx\n")
        (tmp_path / "1").mkdir()
        (tmp_path / "1" / "1.csv").write_text("I\n0\n")
        with pytest.raises(DataError, match="no table with the columns id and fs"):
            find_known_pages(tmp_path)
