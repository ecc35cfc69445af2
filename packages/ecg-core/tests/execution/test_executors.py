from __future__ import annotations

import itertools
import logging
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ecg_core.config.choice import default_choice
from ecg_core.errors import PluginBroken, PluginNotFound
from ecg_core.execution import make_executor, map_items
from ecg_core.execution.processes import ProcessesConfig, ProcessesExecutor
from ecg_core.execution.serial import SerialExecutor
from ecg_core.processes import cores
from ecg_core.processes.child import WorkerDied

WORK = """
import logging, os, signal, time

class Stubborn(Exception):
    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")

class Unloadable:
    def __reduce__(self):
        return (int, ("not a number",))

def work(item):
    if item == "raise":
        raise ValueError("bad item")
    if item == "exit":
        os._exit(3)
    if item == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "leave":
        raise SystemExit(0)
    if item == "interrupt":
        raise KeyboardInterrupt
    if item == "stubborn":
        raise Stubborn(7, "cannot be copied")
    if item == "lambda":
        return lambda: None
    if item == "unloadable":
        return Unloadable()
    return item * 2

def log_twice(name):
    log = logging.getLogger(name)
    log.info("item %d is read", 1)
    log.warning("item %d is odd", 1)

def mark(item):
    folder, number = item
    open(f"{folder}/{os.getpid()}", "w").close()
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Any], Any]]:
    """A function that worker processes can import; some items make it misbehave."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "acme_work.py").write_text(WORK)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        import acme_work

        yield acme_work.work
        del sys.modules["acme_work"]


def several(workers: int) -> ProcessesExecutor:
    return ProcessesExecutor(ProcessesConfig(workers=workers))


class TestSerial:
    def test_outcomes_come_in_order_with_index_and_item(self):
        outcomes = list(SerialExecutor().map(math.sqrt, [4.0, 9.0]))
        assert [(each.index, each.item, each.value, each.error) for each in outcomes] == [
            (0, 4.0, 2.0, None),
            (1, 9.0, 3.0, None),
        ]

    def test_an_item_that_fails_does_not_stop_the_others(self):
        bad, good = SerialExecutor().map(math.sqrt, [-1.0, 1.0])
        assert isinstance(bad.error, ValueError)
        assert (bad.value, good.value) == (None, 1.0)

    def test_an_endless_iterable_is_drawn_as_needed(self):
        drawn = itertools.count()
        outcomes = SerialExecutor().map(math.sqrt, drawn)
        assert [next(outcomes).value for _ in range(3)] == [0.0, 1.0, math.sqrt(2)]
        assert next(drawn) == 3

    def test_an_interrupt_is_no_outcome(self):
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what starts the tests may ignore it
        with pytest.raises(KeyboardInterrupt):
            list(SerialExecutor().map(signal.raise_signal, [signal.SIGINT]))
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("ending", ["leave", "interrupt"])
def test_what_would_end_the_process_fails_its_item_alone(work: Callable[[Any], Any], workers: int, ending: str):
    outcomes = {each.item: each for each in several(workers).map(work, ["a", ending, "b"])}
    assert (outcomes["a"].value, outcomes["b"].value) == ("aa", "bb")
    assert isinstance(outcomes[ending].error, PluginBroken)
    assert "which ends the whole process" in str(outcomes[ending].error)


class TestProcesses:
    def test_every_item_has_one_outcome_made_in_another_process(self):
        outcomes = list(several(2).map(os.path.basename, [f"/a/{index}" for index in range(9)]))
        assert sorted(each.index for each in outcomes) == list(range(9))
        assert all(each.value == str(each.index) and each.error is None for each in outcomes)
        (pid,) = several(2).map(eval, ["__import__('os').getpid()"])
        assert pid.value not in (None, os.getpid())

    def test_the_processes_share_the_cores(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        monkeypatch.setattr(cores, "num_cores", lambda: 5)
        assert [cores.threads_each(workers) for workers in (1, 2, 4, 8)] == [5, 2, 1, 1]
        assert {each.value for each in several(2).map(os.getenv, ["OMP_NUM_THREADS"] * 2)} == {"2"}
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
        (told_by_user,) = several(2).map(os.getenv, ["OMP_NUM_THREADS"])
        assert told_by_user.value == "3"

    def test_an_item_that_fails_does_not_stop_the_others(self, work: Callable[[Any], Any]):
        outcomes = {each.item: each for each in several(2).map(work, ["a", "raise", "b"])}
        assert (outcomes["a"].value, outcomes["b"].value) == ("aa", "bb")
        assert isinstance(outcomes["raise"].error, ValueError)
        assert str(outcomes["raise"].error) == "bad item"

    @pytest.mark.parametrize("death", ["exit", "kill"])
    def test_a_worker_that_dies_takes_down_only_the_item_it_worked_on(self, work: Callable[[Any], Any], death: str):
        items = ["a", "b", death, "c", "d", "e", "f", death, "g"]
        outcomes = sorted(several(2).map(work, items), key=lambda each: each.index)
        assert [each.item for each in outcomes] == items
        for each in outcomes:
            if each.item == death:
                assert isinstance(each.error, WorkerDied)
                assert "died (killed, or out of memory)" in str(each.error)
            else:
                assert each.value == each.item * 2

    def test_an_endless_iterable_is_drawn_a_bounded_way_ahead(self):
        drawn = itertools.count()
        outcomes = several(2).map(math.sqrt, drawn)
        done = [next(outcomes) for _ in range(5)]
        outcomes.close()
        assert all(each.value == math.sqrt(each.item) for each in done)
        assert next(drawn) <= len(done) + 2

    def test_a_function_that_cannot_be_pickled_fails_item_by_item(self):
        outcomes = list(several(2).map(lambda item: item, [1, 2]))
        assert [each.index for each in outcomes] == [0, 1]
        assert all("pickle" in str(each.error) for each in outcomes)

    def test_an_item_that_cannot_be_pickled_fails_alone(self):
        bad, good = sorted(several(2).map(str, [lambda: None, 1]), key=lambda each: each.index)
        assert "pickle" in str(bad.error)
        assert good.value == "1"

    @pytest.mark.parametrize(
        ("item", "complaint"),
        [
            ("stubborn", "Stubborn: 7: cannot be copied"),
            ("lambda", "pickle"),
            ("unloadable", "invalid literal for int"),
        ],
    )
    def test_what_cannot_travel_back_costs_its_own_item_only(
        self, work: Callable[[Any], Any], item: str, complaint: str
    ):
        outcomes = {each.item: each for each in several(2).map(work, ["a", item, "b"])}
        assert complaint in str(outcomes[item].error)
        assert not isinstance(outcomes[item].error, WorkerDied)
        assert (outcomes["a"].value, outcomes["b"].value) == ("aa", "bb")

    def test_a_function_that_workers_cannot_import_is_said_so(self, monkeypatch: pytest.MonkeyPatch):
        def cell(item: int) -> int:
            return item

        cell.__module__, cell.__qualname__ = "__main__", "cell"
        monkeypatch.setattr(sys.modules["__main__"], "cell", cell, raising=False)
        (outcome,) = several(2).map(cell, [1])
        assert "Can't get attribute 'cell'" in str(outcome.error)

    @pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX signals")
    def test_workers_end_with_their_parent_even_if_it_is_killed(self, tmp_path: Path):
        with at_work(tmp_path) as parent:
            parent.kill()
        workers = [int(path.name) for path in (tmp_path / "pids").iterdir()]
        wait_until(lambda: not any(is_running(pid) for pid in workers))

    @pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX signals")
    def test_an_interrupt_does_not_wait_for_what_is_under_way(self, tmp_path: Path):
        with at_work(tmp_path) as parent:
            workers = [int(path.name) for path in (tmp_path / "pids").iterdir()]
            parent.send_signal(signal.SIGINT)
            wait_until(lambda: parent.poll() is not None)  # an item takes a minute
            wait_until(lambda: not any(map(is_running, workers)))


@contextmanager
def at_work(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process with two workers, each busy with an item; their numbers are names of files in ``pids``."""
    (folder / "acme_work.py").write_text(WORK)
    (folder / "script.py").write_text(
        "import signal\nfrom ecg_core.execution import map_items\nfrom acme_work import mark\n"
        "if __name__ == '__main__':\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # what starts the tests may ignore it
        f"    list(map_items(mark, [({str(folder / 'pids')!r}, n) for n in range(2)], workers=2))\n"
    )
    (folder / "pids").mkdir()
    parent = subprocess.Popen(
        [sys.executable, folder / "script.py"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: len(list((folder / "pids").iterdir())) == 2)
        yield parent
    finally:
        parent.kill()
        parent.wait()


def wait_until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Whether a process lives; one that has ended and that nobody has asked for yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


class TestChoice:
    def test_one_worker_works_here_several_elsewhere(self):
        (here,) = make_executor(workers=1).map(eval, ["__import__('os').getpid()"])
        assert here.value == os.getpid()
        several = make_executor(workers=3)
        assert isinstance(several, ProcessesExecutor)
        assert several.workers == 3
        assert isinstance(make_executor("serial"), SerialExecutor)

    def test_options_are_those_of_the_executor(self):
        with pytest.raises(TypeError, match="threads"):
            make_executor(threads=3)

    def test_an_unknown_one(self):
        with pytest.raises(PluginNotFound, match="executor 'cluster'"):
            make_executor("cluster")

    def test_a_third_partys(self, distribution: Callable[..., Path]):
        distribution(
            "acme-kit",
            entry_points={"ecg.executors": {"backwards": "acme_run:spec"}},
            modules={
                "acme_run": "from ecg_core.plugins.spec import ExecutorSpec\n"
                "from ecg_core.protocols import Outcome\n"
                "spec = ExecutorSpec(implementation='acme_run:Backwards', summary='last item first')\n"
                "class Backwards:\n"
                "    def map(self, function, items):\n"
                "        for index, item in reversed(list(enumerate(items))):\n"
                "            yield Outcome(index, item, function(item))\n"
            },
        )
        assert [
            each.value for each in map_items(math.sqrt, [1, 4, 9], executor=default_choice("executors", "backwards"))
        ] == [3, 2, 1]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_workers_log_reaches_the_log_of_the_run(
    work: Callable[[Any], Any], workers: int, caplog: pytest.LogCaptureFixture
):
    """The same lines as if this process did the work: no more, and no fewer."""
    for name, level in (("elsewhere", logging.WARNING), ("ecg_core.somewhere", logging.INFO)):
        caplog.set_level(level, logger=name)
    outcomes = list(map_items(sys.modules["acme_work"].log_twice, ["ecg_core.somewhere", "elsewhere"], workers=workers))
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert sorted((record.name, record.levelname, record.getMessage()) for record in caplog.records) == [
        ("ecg_core.somewhere", "INFO", "item 1 is read"),
        ("ecg_core.somewhere", "WARNING", "item 1 is odd"),
        ("elsewhere", "WARNING", "item 1 is odd"),
    ]
