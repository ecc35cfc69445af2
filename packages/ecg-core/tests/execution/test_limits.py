"""An item that takes too long, or too much memory, is stopped and told; the others, and its other parts, are made."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from ecg_core.config.choice import default_choice
from ecg_core.context import RunContext
from ecg_core.errors import ConfigError
from ecg_core.execution.batch import Batch, BatchResult, Item, WatchedConfig
from ecg_core.execution.processes import ProcessesConfig, ProcessesExecutor
from ecg_core.processes import memory
from ecg_core.processes.child import WorkerDied, WorkerStopped
from ecg_core.processes.pool import WorkerPool
from ecg_core.protocols import NO_LIMITS, Limits

WORK = '''
import ctypes, os, signal, time
from pathlib import Path
from ecg_core.atomic import atomic_path
from ecg_core.errors import ConfigError
from ecg_core.execution.batch import Part
from ecg_core.protocols import Limits

def hold_the_interpreter():
    """Native code that never lets go of the interpreter: no thread of this process runs, and no signal is heard."""
    ctypes.PyDLL(None).sleep(600)

def eat():
    eaten = []
    while True:
        eaten.append(b"x" * 10_000_000)

def do(what):
    if what == "sleep":
        time.sleep(600)
    if what == "native":
        hold_the_interpreter()
    if what == "eat":
        eat()
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what.startswith("s"):
        time.sleep(float(what[1:]))

class Timed:
    """A function with limits, for executors."""
    limits = Limits(seconds=1.0, memory_bytes=4e8)
    def __call__(self, what):
        do(what)
        return os.getpid()

class SlowToBegin(Timed):
    def get_ready(self):
        time.sleep(1.5)

class Untimed(Timed):
    limits = Limits(memory_bytes=4e8)
    def __call__(self, what):
        if what == "grow":
            globals()["left"] = b"x" * 250_000_000
        return os.getpid()

def read(item, outputs):
    """A document whose pages do what its lines say, and are then written."""
    pages = Path(item.source).read_text().split()
    for number, what in enumerate(pages, start=1):
        name = f"page {number}" if len(pages) > 1 else ""
        if outputs.is_done(name):
            continue
        path = outputs.path(f"{item.key}-{number}.txt")
        with atomic_path(path) as aside:
            aside.write_text(what)
            do(what)
        yield Part(name=name, outcome="good")

def refuse():
    raise ConfigError("networks: there are none")
'''


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Functions that worker processes can import."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "acme_limits.py").write_text(WORK)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        import acme_limits

        yield acme_limits
        del sys.modules["acme_limits"]


@attrs.define
class Desk:
    """A folder of documents and a run folder."""

    work: Any
    folder: Path

    def write(self, **documents: str) -> None:
        for name, pages in documents.items():
            (self.folder / f"{name}.doc").write_text(pages)

    def run(self, *, workers: int = 1, limits: Limits, warm_up: Callable[[], object] | None = None) -> BatchResult:
        items = [Item(source=str(path), key=path.stem) for path in sorted(self.folder.glob("*.doc"))]
        executor = default_choice("executors", "processes", {"workers": workers})
        with Batch(RunContext(task="read", out_dir=self.folder / "out"), {}) as batch:
            result = batch.run(self.work.read, items, executor=executor, limits=limits, warm_up=warm_up)
            return attrs.evolve(result, ledger=list(result.entries()))

    def made(self) -> list[str]:
        """Every file in the run folder but the ledger, hidden ones too."""
        return sorted(path.name for path in (self.folder / "out").iterdir() if path.suffix != ".jsonl")


@pytest.fixture
def desk(work: Any, tmp_path: Path) -> Desk:
    return Desk(work, tmp_path)


def reasons(result: BatchResult) -> dict[str, str]:
    return {Path(each.item).stem: each.reason for each in result.failures}


needs_proc = pytest.mark.skipif(not memory.can_be_watched(), reason="the system does not tell what a process holds")


class TestExecutor:
    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("what", ["sleep", "native"])
    def test_an_item_that_takes_too_long_is_stopped(self, work: Any, workers: int, what: str):
        start_s = time.monotonic()
        outcomes = {each.item: each for each in several(workers).map(work.Timed(), ["s0", what, "s0.1", "s0.2"])}
        assert str(outcomes[what].error) == "stopped after 1 s; --timeout (timeout_s) allows more"
        assert isinstance(outcomes[what].error, WorkerStopped)
        assert [outcomes[each].error for each in ("s0", "s0.1", "s0.2")] == [None] * 3
        assert time.monotonic() - start_s < 60  # nobody waited for the ten minutes that it would have taken

    @needs_proc
    @pytest.mark.parametrize("workers", [1, 2])
    def test_an_item_that_takes_too_much_memory_is_stopped(self, work: Any, workers: int):
        outcomes = {each.item: each for each in several(workers).map(work.Timed(), ["s0", "eat", "s0.1"])}
        assert str(outcomes["eat"].error) == "stopped at 0.4 GB of memory; --memory (memory_gb) allows more"
        assert [outcomes[each].error for each in ("s0", "s0.1")] == [None] * 2

    def test_a_worker_that_dies_costs_its_item_alone_where_it_works_by_itself(self, work: Any):
        outcomes = {each.item: each for each in several(1).map(work.Timed(), ["s0", "die", "s0.1"])}
        assert isinstance(outcomes["die"].error, WorkerDied)
        assert [outcomes[each].error for each in ("s0", "s0.1")] == [None] * 2

    def test_getting_ready_does_not_count(self, work: Any):
        assert work.SlowToBegin.limits.seconds < 1.5
        [outcome] = several(1).map(work.SlowToBegin(), ["s0"])
        assert outcome.error is None

    @needs_proc
    def test_no_item_is_blamed_for_what_those_before_it_left(self, work: Any):
        outcomes = list(several(1).map(work.Untimed(), ["grow", "s0", "s0.0"]))
        assert [each.error for each in outcomes] == [None] * 3
        first, *others = [each.value for each in outcomes]
        assert first not in others
        assert len(set(others)) == 1

    def test_without_limits_one_worker_is_this_process(self, work: Any):
        assert [each.value for each in several(1).map(eval, ["__import__('os').getpid()"])] == [os.getpid()]

    def test_a_system_that_does_not_tell_memory_limits_time_alone(self, work: Any, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(memory, "PROC", Path("/no/such/folder"))
        assert not memory.can_be_watched()
        assert memory.resident_bytes(os.getpid()) == 0
        tight = type("Tight", (work.Untimed,), {"limits": Limits(memory_bytes=1), "__module__": work.__name__})
        monkeypatch.setattr(work, "Tight", tight, raising=False)
        with WorkerPool(1) as pool:
            assert pool.ask(os.path.basename, "/a/b", limits=tight.limits).result(60).value == "b"


def several(workers: int) -> ProcessesExecutor:
    return ProcessesExecutor(ProcessesConfig(workers=workers))


class TestBatch:
    @pytest.mark.parametrize("workers", [1, 2])
    def test_a_batch_goes_on(self, desk: Desk, workers: int):
        desk.write(a="s0", b="native", c="s0", d="die", e="s0")
        result = desk.run(workers=workers, limits=Limits(seconds=1))
        assert reasons(result) == {
            "b": "stopped after 1 s; --timeout (timeout_s) allows more",
            "d": "the process working on it died (killed, or out of memory)",
        }
        assert result.counts == {"good": 3, "failed": 2}
        assert desk.made() == ["a-1.txt", "c-1.txt", "e-1.txt"], "no half file stays"

    def test_the_other_pages_of_a_document_are_made(self, desk: Desk):
        """The limit is of a page: six that take half of it each are fine."""
        desk.write(a="s0.4 s0.4 native s0.4 s0.4 s0.4 die s0.4", b="s0")
        result = desk.run(limits=Limits(seconds=1))
        assert reasons(result) == {
            "a": "page 3 was stopped after 1 s; --timeout (timeout_s) allows more; "
            "page 7: the process working on it died (killed, or out of memory)"
        }
        assert result.counts == {"good": 7, "failed": 1}
        assert desk.made() == [*(f"a-{page}.txt" for page in (1, 2, 4, 5, 6, 8)), "b-1.txt"]

    def test_a_stopped_page_is_tried_again_and_the_others_are_not(self, desk: Desk):
        desk.write(a="s0 s1.5 s0")
        assert reasons(desk.run(limits=Limits(seconds=1)))["a"].startswith("page 2 was stopped after 1 s")
        before = (desk.folder / "out/a-3.txt").stat().st_mtime_ns
        result = desk.run(limits=Limits(seconds=30))
        assert (result.counts, reasons(result)) == ({"good": 3}, {})
        assert (desk.folder / "out/a-3.txt").stat().st_mtime_ns == before

    @pytest.mark.parametrize("workers", [1, 2])
    def test_what_is_missing_for_all_is_the_error_of_the_run(self, desk: Desk, workers: int):
        desk.write(a="s0", b="s0", c="s0")
        with pytest.raises(ConfigError, match=r"^networks: there are none"):
            desk.run(workers=workers, limits=Limits(seconds=30), warm_up=desk.work.refuse)
        assert desk.made() == []

    def test_an_executor_that_cannot_stop_anything_works_as_ever(self, desk: Desk):
        desk.write(a="s0")
        with Batch(RunContext(task="read", out_dir=desk.folder / "out"), {}) as batch:
            items = [Item(source=str(desk.folder / "a.doc"), key="a")]
            serial = default_choice("executors", "serial")
            result = batch.run(desk.work.read, items, executor=serial, limits=Limits(seconds=0.001))
        assert result.counts == {"good": 1}


class TestOptions:
    def test_a_minute_and_two_gigabytes_by_default(self):
        assert WatchedConfig().limits == Limits(seconds=60, memory_bytes=2e9)

    def test_each_can_be_lifted(self):
        assert WatchedConfig(timeout_s=None).limits == Limits(memory_bytes=2e9)
        assert WatchedConfig(timeout_s=None, memory_gb=None).limits == NO_LIMITS


SCRIPT = """
from functools import partial
from ecg_core.config.choice import default_choice
from ecg_core.context import RunContext
from ecg_core.execution.batch import Batch, Item
from ecg_core.protocols import Limits
import acme_limits, sys

print("begins", flush=True)
with Batch(RunContext(task="read", out_dir=sys.argv[2]), {}) as batch:
    items = [Item(source=sys.argv[1], key="a")]
    executor = default_choice("executors", "processes")
    print(batch.run(acme_limits.read, items, executor=executor, limits=Limits(seconds=60)).counts)
"""


def test_a_script_that_guards_nothing_does_not_start_itself_again(work: Any, tmp_path: Path):
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "a.doc").write_text("s0")
    command = [sys.executable, tmp_path / "script.py", tmp_path / "a.doc", tmp_path / "out"]
    path = os.pathsep.join([str(Path(work.__file__).parent), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)
    assert (done.stdout, done.stderr) == ("begins\nCounter({'good': 1})\n", "")
