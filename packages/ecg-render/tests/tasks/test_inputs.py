from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ecg_core.errors import DataError
from ecg_render.tasks.inputs import RecordSource, find_sources


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_folder_gives_each_record_once_under_its_path(tmp_path: Path) -> None:
    touch(tmp_path, "a.hea", "a.dat", "sub/a.npz", "sub/deep/b.v2.csv", "notes.txt", ".hidden.csv")
    sources = {source.key: source.location for source in find_sources([str(tmp_path)])}
    assert sources == {
        "a": str(tmp_path / "a.hea"),
        "sub/a": str(tmp_path / "sub/a.npz"),
        "sub/deep/b.v2": str(tmp_path / "sub/deep/b.v2.csv"),
    }


def test_named_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = str(tmp_path / "gone.csv")
    assert list(find_sources([path])) == [RecordSource(path, "gone")]


def test_absent_record_is_named() -> None:
    with pytest.raises(DataError, match="recordz: there is no such file or folder"):
        RecordSource("recordz", "recordz").read()


def test_empty_folder_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "ecg_render"):
        assert list(find_sources([str(tmp_path)])) == []
    assert f"{tmp_path}: no record in this folder" in caplog.text


def test_url_of_a_folder_is_searched(tmp_path: Path) -> None:
    touch(tmp_path, "records/a.csv", "records/sub/b.csv")
    sources = list(find_sources([(tmp_path / "records").as_uri()]))
    assert [source.key for source in sources] == ["a", "sub/b"]
    assert all(source.location.startswith("file://") for source in sources)


def test_url_of_a_file_is_one_record() -> None:
    assert list(find_sources(["s3://bucket/folder/a.hea"])) == [RecordSource("s3://bucket/folder/a.hea", "a")]
