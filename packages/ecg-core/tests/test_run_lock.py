from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ecg_core import run_lock as module
from ecg_core.errors import DataError
from ecg_core.run_lock import LOCK_FILE, run_lock

HOLDER = """
import sys
from pathlib import Path
from ecg_core.run_lock import run_lock

with run_lock(Path(sys.argv[1]), "seg.train"):
    print("held", flush=True)
    sys.stdin.read()
"""

RANK = """
from pathlib import Path
from ecg_core.run_lock import run_lock

def entered(folder):
    with run_lock(Path(folder), "seg.train"):
        return "entered"
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are ended differently there")


@contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that is at work in a folder."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def note(folder: Path, **values: object) -> None:
    own = {"task": "seg.train", "process": os.getpid(), "host": socket.gethostname(), "since": "2026-01-01 10:00:00"}
    (folder / LOCK_FILE).write_text(json.dumps({**own, **values}))


def test_who_holds_a_folder_since_when_and_what_to_do_is_told(tmp_path: Path) -> None:
    with holder(tmp_path) as process, pytest.raises(DataError) as caught, run_lock(tmp_path, "render.pages"):
        pass
    said = str(caught.value)
    assert f"another run of seg.train is at work in this folder, process {process.pid} of this machine since 20" in said
    assert f"kill {process.pid}" in said
    assert "--out" in said


def test_nothing_is_left_of_a_lock_that_was_given_back(tmp_path: Path) -> None:
    with run_lock(tmp_path, "seg.train"):
        assert json.loads((tmp_path / LOCK_FILE).read_text())["process"] == os.getpid()
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="of the block"), run_lock(tmp_path, "seg.train"):
        raise ValueError("of the block")
    assert not list(tmp_path.iterdir())


def test_a_lock_of_a_killed_process_is_taken_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with holder(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (tmp_path / LOCK_FILE).exists()
        with caplog.at_level(logging.INFO), run_lock(tmp_path, "seg.train"):
            assert json.loads((tmp_path / LOCK_FILE).read_text())["process"] == os.getpid()
    assert f"taking over from process {process.pid} (seg.train since 20" in caplog.text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"task": "seg.train"}'])
def test_a_note_that_was_cut_short_holds_nobody_up(tmp_path: Path, text: str) -> None:
    (tmp_path / LOCK_FILE).write_text(text)
    with run_lock(tmp_path, "seg.train"):
        pass


def test_a_lock_of_another_machine_is_told_with_the_way_out(tmp_path: Path) -> None:
    note(tmp_path, host="elsewhere", process=7)
    with pytest.raises(DataError) as caught, run_lock(tmp_path, "seg.train"):
        pass
    assert "process 7 of elsewhere since 2026-01-01 10:00:00" in str(caught.value)
    assert f"remove {tmp_path.resolve() / LOCK_FILE}" in str(caught.value)
    (tmp_path / LOCK_FILE).unlink()
    with run_lock(tmp_path, "seg.train"):
        pass


def test_a_process_that_holds_a_folder_enters_again_and_gives_it_back_at_the_end(tmp_path: Path) -> None:
    with run_lock(tmp_path, "digitize.train_all"):
        with run_lock(tmp_path / ".", "digitize.train_stage0"):
            pass
        assert json.loads((tmp_path / LOCK_FILE).read_text())["task"] == "digitize.train_all"
    assert not list(tmp_path.iterdir())


def entered(folder: str) -> None:
    with run_lock(Path(folder), "seg.train"):
        pass


def test_a_process_that_the_holder_started_works_under_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecg_core.processes.ranks import run_ranks

    with run_lock(tmp_path, "seg.train"):
        monkeypatch.syspath_prepend(tmp_path / "code")
        (tmp_path / "code").mkdir()
        (tmp_path / "code" / "acme_rank.py").write_text(RANK)
        import acme_rank

        assert run_ranks(acme_rank.entered, (str(tmp_path),), 1) == "entered"
        assert json.loads((tmp_path / LOCK_FILE).read_text())["process"] == os.getpid()


def test_where_the_file_system_has_no_locks_the_note_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_try_lock", lambda _file: (True, False))
    with holder(tmp_path) as process:
        with pytest.raises(DataError, match=f"process {process.pid} of this machine"), run_lock(tmp_path, "seg.train"):
            pass
        process.kill()
        process.wait()
        with run_lock(tmp_path, "seg.train"):
            pass
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).mkdir()
    with pytest.raises(DataError, match=r"run folder .* cannot be written to: Is a directory. Choose another"):
        entered(str(tmp_path))
    (tmp_path / LOCK_FILE).rmdir()
    (tmp_path / LOCK_FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="cannot be written to"):
        entered(str(tmp_path))
    assert not (tmp_path / "elsewhere").exists()
