from __future__ import annotations

from pathlib import Path

import pytest

from ecg_core.errors import DataError
from ecg_core.paths import is_remote, local_copy, remote_name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("s3://bucket/a/b.hea", "b.hea"),
        ("https://host/a/b.mat?token=x/y", "b.mat"),
        ("gs://bucket/what?.csv", "what?.csv"),
        ("zip://inner/rec.hea::s3://bucket/all.zip", "rec.hea"),
        ("https://host/folder/", ""),
    ],
)
def test_the_file_name_of_a_url(url: str, name: str) -> None:
    assert is_remote(url)
    assert remote_name(url) == name


def test_a_local_path_is_used_as_it_is(tmp_path: Path) -> None:
    assert not is_remote(tmp_path / "a.hea")
    with local_copy(str(tmp_path / "a.hea")) as path:
        assert path == tmp_path / "a.hea"


def test_companions_are_followed_and_the_copy_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "copies").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "copies"))
    for name, text in {"a": "b ../outside.txt gone", "b": "a d", "d": ""}.items():
        (tmp_path / name).write_text(text)
    (tmp_path.parent / "outside.txt").write_text("outside")
    with local_copy(f"file://{tmp_path}/a", lambda path: path.read_text().split()) as path:
        assert sorted(file.name for file in path.parent.iterdir()) == ["a", "b", "d"]
        assert list((tmp_path / "copies").iterdir()) == [path.parent]
    assert not path.parent.exists()


def test_a_url_without_a_file_name_is_refused() -> None:
    with pytest.raises(DataError, match="ends in no file name"), local_copy("https://host/folder/"):
        pass
