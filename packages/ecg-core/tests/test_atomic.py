from __future__ import annotations

import errno
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ecg_core.atomic import atomic_path, atomic_write_text, name_aside, remove_leftovers, writing
from ecg_core.errors import EcgError, OutputError


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


FAULTS = [
    (errno.ENOSPC, "No space left on device; make some room"),
    (errno.EROFS, "Read-only file system; choose another place"),
    (errno.ENAMETOOLONG, "File name too long; most file systems take 255 bytes"),
]


@pytest.mark.parametrize(("number", "said"), FAULTS)
def test_a_place_that_takes_nothing_is_told_and_the_old_file_stays(tmp_path: Path, number: int, said: str) -> None:
    target = tmp_path / "out.txt"
    target.write_text("old")
    with pytest.raises(OutputError, match=said) as caught, atomic_path(target) as aside:
        aside.write_text("half")
        raise OSError(number, os.strerror(number))
    assert str(caught.value).startswith(f"{target} cannot be written: ")
    assert isinstance(caught.value, EcgError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_name_that_is_too_long_for_the_file_system(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="File name too long"):
        atomic_write_text(tmp_path / ("a" * 300), "text")
    assert not list(tmp_path.iterdir())


def test_a_name_of_something_else_is_told_as_that(tmp_path: Path) -> None:
    other = tmp_path / ("b" * 300)
    with pytest.raises(OutputError, match=f"^{other}: File name too long"), writing(tmp_path / "out"):
        other.read_text()


def test_any_other_error_of_the_block_is_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, atomic_path(tmp_path / "out.txt"):
        (tmp_path / "absent").read_text()
    assert caught.value.filename == str(tmp_path / "absent")


def test_what_is_being_written_is_no_leftover(tmp_path: Path, ended_process: Callable[[], int]) -> None:
    aside = name_aside(tmp_path / "out.txt")
    aside.write_text("being written")
    folder = tmp_path / f".0123456789ab.{ended_process()}.tmp"
    folder.mkdir()
    (folder / "model").write_text("left")
    (tmp_path / "mine").write_text("mine")
    link = tmp_path / f".ba9876543210.{ended_process()}.tmp"
    link.symlink_to(tmp_path / "mine")
    remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([aside, link, tmp_path / "mine"])


@pytest.mark.skipif(os.name == "nt", reason="there processes end otherwise")
def test_a_process_that_has_ended_and_that_nobody_asked_after_is_gone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read()  # to its end; nobody waits for the process itself
        (tmp_path / f".0123456789ab.{process.pid}.tmp").write_text("left")
        remove_leftovers(tmp_path, patience_s=5)
        assert not list(tmp_path.iterdir())


@pytest.fixture
def ended_process() -> Callable[[], int]:
    """Gives the number of a process that is gone."""

    def run() -> int:
        process = subprocess.Popen([sys.executable, "-c", ""])
        process.wait()
        return process.pid

    return run
