from __future__ import annotations

from pathlib import Path

import pytest

from ecg_core.atomic import atomic_path, atomic_write_text


@pytest.mark.parametrize("flush", [True, False])
def test_a_file_appears_only_at_the_end_and_nothing_else_is_left(tmp_path: Path, flush: bool) -> None:
    target = tmp_path / "new" / "out.tar.gz"
    with atomic_path(target, flush=flush) as aside:
        assert aside.parent == target.parent
        assert aside.name.endswith(".tar.gz")
        aside.write_bytes(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("flush", [True, False])
def test_an_error_leaves_the_old_file_and_no_rubbish(tmp_path: Path, flush: bool) -> None:
    target = tmp_path / "out.txt"
    target.write_text("old")
    with pytest.raises(KeyError), atomic_path(target, flush=flush) as aside:
        aside.write_text("half")
        raise KeyError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "checkpoint"
    target.mkdir()
    (target / "stale").write_text("old")
    with atomic_path(target) as aside:
        aside.mkdir()
        (aside / "fresh").write_text("new")
    assert [path.name for path in target.iterdir()] == ["fresh"]
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("flush", [True, False])
def test_a_block_that_writes_nothing_is_an_error_and_keeps_the_old_file(tmp_path: Path, flush: bool) -> None:
    target = tmp_path / "out.txt"
    target.write_text("old")
    with pytest.raises(FileNotFoundError), atomic_path(target, flush=flush):
        pass
    assert target.read_text() == "old"


def test_text_keeps_its_line_ends(tmp_path: Path) -> None:
    atomic_write_text(tmp_path / "a.txt", "é\r\nb\n")
    assert (tmp_path / "a.txt").read_bytes() == "é\r\nb\n".encode()
