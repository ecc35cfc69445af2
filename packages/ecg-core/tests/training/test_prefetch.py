from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from ecg_core.errors import DataError  # noqa: E402
from ecg_core.processes.child import WorkerDied  # noqa: E402
from ecg_core.training.prefetch import MOST_IDLE, made_ahead  # noqa: E402

MAKERS = """
import logging, os, signal, torch
from ecg_core.errors import DataError

def make(number):
    return {"x": torch.full((2,), float(number)), "pid": torch.tensor(os.getpid())}

def make_shifted(by, number):
    return make(by + number)

def fail_at_3(number):
    if number == 3:
        raise DataError("crop 3: the file is damaged")
    return make(number)

def warn_at_3(number):
    if number == 3:
        logging.getLogger("acme").warning("crop %s is pale", number)
    return make(number)

class NeedsTwo(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} is not {second}")

def break_at_3(number):
    if number == 3:
        raise NeedsTwo("this", "that")
    return make(number)

def die_at_3(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return make(number)
"""


@pytest.fixture
def makers(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Functions that worker processes can import."""
    folder = tmp_path_factory.mktemp("makers")
    (folder / "acme_makers.py").write_text(MAKERS)
    monkeypatch.syspath_prepend(folder)
    import acme_makers

    yield acme_makers
    del sys.modules["acme_makers"]


def numbers(batches: Iterator[Any]) -> list[int]:
    return [int(batch["x"][0]) for batch in batches]


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_come_in_order_from_any_start(makers: Any, workers: int) -> None:
    assert numbers(made_ahead(makers.make, start=4, stop=9, workers=workers)) == [4, 5, 6, 7, 8]


@pytest.mark.parametrize("workers", [0, 2])
def test_without_an_end_as_many_as_are_taken(makers: Any, workers: int) -> None:
    assert numbers(islice(made_ahead(makers.make, start=0, stop=None, workers=workers), 5)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("workers", [0, 1])
def test_what_a_worker_warns_of_is_logged_here(makers: Any, workers: int, caplog: pytest.LogCaptureFixture) -> None:
    list(made_ahead(makers.warn_at_3, start=0, stop=5, workers=workers))
    assert [(record.name, record.getMessage()) for record in caplog.records] == [("acme", "crop 3 is pale")]


@pytest.mark.timeout(60)
def test_workers_are_other_processes(makers: Any) -> None:
    pids: set[int] = set()
    for batch in made_ahead(makers.make, start=0, stop=None, workers=2):
        pids.add(int(batch["pid"]))
        if len(pids) == 2:
            break
    assert os.getpid() not in pids


@pytest.mark.parametrize("workers", [0, 1])
def test_an_expected_error_comes_through_in_its_own_words(makers: Any, workers: int) -> None:
    with pytest.raises(DataError) as caught:
        list(made_ahead(makers.fail_at_3, start=0, stop=6, workers=workers))
    assert str(caught.value) == "crop 3: the file is damaged"


def test_any_other_error_comes_through_too(makers: Any) -> None:
    with pytest.raises(RuntimeError, match=r"this is not that") as caught:
        list(made_ahead(makers.break_at_3, start=0, stop=6, workers=1))
    assert "break_at_3" in caught.value.__notes__[0]  # where it happened in the worker


def test_workers_of_a_whole_pass_work_for_the_next_one(makers: Any) -> None:
    def pids(make: Any) -> set[int]:
        return {int(batch["pid"]) for batch in made_ahead(make, start=0, stop=4, workers=1)}

    first = pids(makers.make)
    assert pids(makers.make) == first
    assert pids(makers.warn_at_3) != first
    [pid] = first
    os.kill(pid, signal.SIGKILL)
    while process_is_there(pid):
        time.sleep(0.05)
    time.sleep(0.5)
    assert pids(makers.make) != first


def test_only_so_many_workers_wait(makers: Any) -> None:
    others = [partial(makers.make_shifted, by) for by in range(MOST_IDLE + 2)]
    pids = [int(next(iter(list(made_ahead(make, start=0, stop=1, workers=1))))["pid"]) for make in others]
    assert [process_is_there(pid) for pid in pids] == [False, False] + [True] * MOST_IDLE


def process_is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_end_when_no_more_is_wanted(makers: Any) -> None:
    batches = made_ahead(makers.make, start=0, stop=None, workers=1)
    pid = int(next(batches)["pid"])
    batches.close()
    assert not process_is_there(pid)


@pytest.mark.timeout(60)
def test_a_killed_worker_ends_the_run_with_a_clear_message(makers: Any) -> None:
    with pytest.raises(WorkerDied, match=r"was killed.*--resume and fewer of them \(--set workers=1"):
        list(made_ahead(makers.die_at_3, start=0, stop=20, workers=1))


def test_nothing_is_made_before_it_is_asked_for() -> None:
    made: list[int] = []
    make: Callable[[int], Any] = made.append
    batches = made_ahead(make, start=0, stop=3, workers=0)
    assert made == []
    next(batches)
    assert made == [0]
