"""Processes that are started and watched. Their work lies in a module of its own, since they import it by name."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecg_core.errors import ConfigError, DataError
from ecg_core.processes import ranks
from ecg_core.processes.child import WorkerDied
from ecg_core.processes.ranks import run_ranks

WORK = """
import logging, os, signal, sys, time
from pathlib import Path
from ecg_core.errors import DataError

def place():
    return os.environ["RANK"], os.environ["LOCAL_RANK"], os.environ["WORLD_SIZE"]

def answer(offset):
    logging.getLogger("ecg_core.work").info("rank %s at work", os.environ["RANK"])
    logging.getLogger("ecg_core.work").warning("rank %s warns", os.environ["RANK"])
    return int(os.environ["RANK"]) + offset

def fail_in_rank_1(how):
    if os.environ["RANK"] == "1":
        if how == "data":
            raise DataError("page7.png: the file is empty")
        if how == "bug":
            raise ZeroDivisionError("division by zero")
        os.kill(os.getpid(), signal.SIGKILL) if how == "killed" else os._exit(0)
    time.sleep(600)

def note_and_wait(folder):
    (Path(folder) / os.environ["RANK"]).write_text(str(os.getpid()))
    time.sleep(600)

def stop_gracefully(folder):
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    (Path(folder) / os.environ["RANK"]).write_text("ready")
    while not stopped:
        time.sleep(0.02)
    return "saved"
"""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "work_for_ranks.py").write_text(WORK)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield __import__("work_for_ranks")
    del sys.modules["work_for_ranks"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "SECONDS_TO_REPORT", 0.5)


def wait_for(condition, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_every_process_knows_its_place_and_rank_0_answers(work):
    assert run_ranks(work.place, (), 2) == ("0", "0", "2")
    assert run_ranks(work.answer, (40,), 3) == 40


def test_the_parent_logs_for_rank_0_and_the_warnings_of_all(work, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, logger="ecg_core"):
        run_ranks(work.answer, (0,), 2)
    assert sorted(caplog.messages) == ["rank 0 at work", "rank 0 warns", "rank 1 warns"]


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ("data", DataError, "page7.png: the file is empty"),
        ("bug", Exception, "process 1 failed with ZeroDivisionError: division by zero"),
        ("killed", WorkerDied, r"process 1 was killed \(SIGKILL\).*memory.*--resume"),
        ("silent", WorkerDied, r"process 1 ended without a result \(exit code 0\)"),
    ],
)
def test_one_failure_ends_all_and_is_explained(work, how: str, error: type[Exception], message: str):
    start = time.monotonic()
    with pytest.raises(error, match=message):
        run_ranks(work.fail_in_rank_1, (how,), 2)
    assert time.monotonic() - start < 30


def test_where_it_failed_is_told_with_the_traceback(work):
    with pytest.raises(DataError) as caught:
        run_ranks(work.fail_in_rank_1, ("data",), 2)
    assert "In process 1:" in caught.value.__notes__[0]
    assert "fail_in_rank_1" in caught.value.__notes__[0]


def test_what_cannot_be_sent_is_explained():
    with pytest.raises(ConfigError, match="cannot be sent to several processes"):
        run_ranks(print, (lambda: None,), 2)


def test_a_stop_signal_is_passed_on_and_the_processes_may_save(work, tmp_path: Path):
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
import work_for_ranks
from ecg_core.processes.ranks import run_ranks
if __name__ == "__main__":
    print(run_ranks(work_for_ranks.stop_gracefully, ({str(tmp_path)!r},), 2))
"""
    (tmp_path / "main.py").write_text(code)
    parent = subprocess.Popen([sys.executable, str(tmp_path / "main.py")], stdout=subprocess.PIPE, text=True)
    wait_for(lambda: all((tmp_path / rank).exists() for rank in "01"))
    parent.send_signal(signal.SIGTERM)
    output, _ = parent.communicate(timeout=20)
    assert (parent.returncode, output) == (0, "saved\n")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")
def test_processes_die_with_their_parent_however_it_dies(work, tmp_path: Path):
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
import work_for_ranks
from ecg_core.processes.ranks import run_ranks
if __name__ == "__main__":
    run_ranks(work_for_ranks.note_and_wait, ({str(tmp_path)!r},), 2)
"""
    (tmp_path / "main.py").write_text(code)
    parent = subprocess.Popen([sys.executable, str(tmp_path / "main.py")])
    notes = [tmp_path / rank for rank in "01"]
    wait_for(lambda: all(note.exists() and note.read_text() for note in notes))
    children = [int(note.read_text()) for note in notes]
    assert all(is_running(pid) for pid in children)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    wait_for(lambda: not any(is_running(pid) for pid in children), seconds=5)
