"""However a command ends, it says how to go on where it can, and nobody is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at /proc"),
]

PLUGIN = """
import ctypes, os, time
from functools import partial
from pathlib import Path
import attrs
from ecg_core.config import option, recipe_of
from ecg_core.context import TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution.batch import Batch, Item, Part, WatchedConfig
from ecg_core.plugins.spec import TaskSpec

batch_task = TaskSpec(implementation="acme_endings:run", config="acme_endings:Config", summary="Waits, item by item")
training_task = TaskSpec(
    implementation="acme_training:run", config="acme_training:Config", summary="Trains", uses_backend=True
)

@attrs.frozen(kw_only=True)
class Config(WatchedConfig):
    what: str = option("1.0", help="what items do: wait so many seconds, fail, or hang")
    count: int = option(40, help="how many", in_recipe=False)
    ready: bool = option(True, help="whether a process gets ready")

def run(config, context):
    with Batch(context, recipe_of(config)) as batch:
        items = [Item(source=str(number), key=str(number), files=()) for number in range(config.count)]
        work = partial(do, what=config.what)
        made = batch.run(
            work, items, executor=config.executor, limits=config.limits, warm_up=partial(get_ready, config.ready)
        )
        return made.task_result(dict(made.counts))

def get_ready(ready):
    if not ready:
        raise ConfigError("it is not ready")

def do(item, outputs, *, what):
    outputs.path(f"begun-{item.key}").touch()
    if what == "fail":
        raise DataError(f"{item.source}: it fails")
    if what == "hang":
        ctypes.PyDLL(None).sleep(600)
    time.sleep(float(what))
    outputs.path(f"made-{item.key}").touch()
    yield Part()
"""

TRAINING = """
import time
from functools import partial
import attrs, torch
from ecg_core.config import option
from ecg_core.context import TaskResult
from ecg_core.training.config import TrainingConfig
from ecg_core.training.loop import DefaultTrainer
from ecg_core.training.prefetch import made_ahead

@attrs.frozen(kw_only=True)
class Config(TrainingConfig):
    workers: int = option(2, help="data workers")
    hangs_at: int = option(1000, help="number of the first batch that takes ten minutes")

class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(3, 1)
    def training_step(self, batch):
        return {"loss": self.net(batch["x"]).square().mean()}
    def evaluation_step(self, batch):
        return {"error": self.net(batch["x"]).square().sum()}
    def figures(self, totals):
        return {"loss": float(totals["error"])}

def make(number, *, hangs_at):
    time.sleep(0.02 if number < hangs_at else 600)
    return {"x": torch.ones(4, 3)}

@attrs.frozen
class Data:
    workers: int
    hangs_at: int
    steps_per_epoch = 1000
    def batches(self, split, *, epoch, start_step=0):
        make_one = partial(make, hangs_at=self.hangs_at)
        yield from made_ahead(make_one, start=start_step, stop=1000, workers=self.workers)

def run(config, context):
    torch.set_num_threads(1)
    return TaskResult(summary=DefaultTrainer().fit(Model(), Data(config.workers, config.hangs_at), config, context))
"""


COMMAND = """
import signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # what starts the tests may ignore them
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
from ecg_core.cli.main import main
main()
"""


@attrs.define
class Command:
    """``ecg run TASK --out OUT`` at work, the leader of a process group as of a terminal."""

    process: subprocess.Popen[str]
    out: Path
    family: set[int] = attrs.field(factory=set)

    def look(self) -> set[int]:
        """Remember every process below it; gives those that there are now."""
        now = descendants(self.process.pid)
        self.family |= now
        return now

    def press(self, number: signal.Signals) -> None:
        """Send a signal to it and all below it, as a terminal does."""
        self.look()
        os.killpg(self.process.pid, number)

    def end(self, timeout_s: float = 60.0) -> str:
        """Wait for its end, and for that of all that were below it; gives what it wrote to standard error."""
        _, errors = self.process.communicate(timeout=timeout_s)
        wait_for(lambda: not any(map(is_running, self.family)), "a process is left", seconds=5)
        return errors


Start = Callable[..., Command]


@pytest.fixture
def start(distribution: Callable[..., Path], tmp_path: Path) -> Iterator[Start]:
    site = distribution(
        "acme-endings",
        entry_points={
            "ecg.tasks": {"acme.wait": "acme_endings:batch_task", "acme.train": "acme_endings:training_task"}
        },
        modules={"acme_endings": PLUGIN, "acme_training": TRAINING},
    )
    path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
    started: list[Command] = []

    def start(task: str, *words: str) -> Command:
        command = [sys.executable, "-c", COMMAND, "run", task, "--out", str(tmp_path / "out"), *words]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        )
        started.append(Command(process, tmp_path / "out"))
        return started[-1]

    yield start
    for each in started:
        for pid in {each.process.pid, *each.family, *descendants(each.process.pid)}:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        each.process.communicate()


def descendants(pid: int) -> set[int]:
    """Every process below one; those that a thread started stand under the thread."""
    below: set[int] = set()
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = {int(word) for word in listing.read_text().split()}
        except OSError:
            continue
        below |= children.union(*map(descendants, children))
    return below


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@contextmanager
def at_work(start: Start, *words: str, count: int) -> Iterator[Command]:
    """The batch with so many items under way."""
    command = start("acme.wait", *words)
    wait_for(lambda: len(list(command.out.glob("begun-*"))) >= count, "it does not begin")
    command.look()
    yield command


def words(what: str, workers: int, **more: str) -> list[str]:
    options = {"what": f"'{what}'", "executor.workers": workers, **more}
    return [word for name, value in options.items() for word in ("--set", f"{name}={value}")]


def numbers(command: Command, kind: str) -> set[str]:
    return {path.name.removeprefix(f"{kind}-") for path in command.out.glob(f"{kind}-*")}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_first_signal_ends_a_batch_after_what_is_under_way(start: Start, number: signal.Signals, workers: int):
    with at_work(start, *words("1.5", workers), count=workers) as command:
        command.press(number)
        begun = numbers(command, "begun")
        errors = command.end()
    assert command.process.returncode == 1
    assert f"acme.wait was stopped by {number.name}; what was finished stays in {command.out}." in errors
    assert f"Go on with: ecg run acme.wait --out {command.out} --resume\n" in errors
    assert "semaphore" not in errors
    assert "Traceback" not in errors
    assert numbers(command, "made") == begun, "what was under way is finished, and nothing more is begun"
    again = start("acme.wait", "--resume", "--set", "what='1.5'", "--set", f"count={len(begun)}")
    assert "Error" not in again.end()
    assert again.process.returncode == 0


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_second_one_ends_it_at_once(start: Start, number: signal.Signals, workers: int):
    """Also where native code holds the interpreters of the workers, which then hear nothing."""
    with at_work(start, *words("hang", workers), count=workers) as command:
        command.press(number)
        time.sleep(0.5)
        assert command.process.poll() is None
        command.press(number)
        start_s = time.monotonic()
        errors = command.end()
        assert time.monotonic() - start_s < 5  # two seconds where the machine has nothing else to do
    assert command.process.returncode == 1
    assert f"Go on with: ecg run acme.wait --out {command.out} --resume\n" in errors
    assert "semaphore" not in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_end_with_a_command_that_is_killed(start: Start, workers: int):
    """Also where native code holds their interpreters."""
    with at_work(start, *words("hang", workers), count=workers) as command:
        assert len(command.family) >= workers
        command.process.kill()
        assert "semaphore" not in command.end()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("what", "ready", "code"),
    [("0.0", "true", 0), ("fail", "true", 1), ("0.0", "false", 2)],
    ids=["all is done", "items fail", "it cannot begin"],
)
def test_nobody_is_left_of_what_ends_by_itself(start: Start, what: str, ready: str, code: int, workers: int):
    command = start("acme.wait", *words(what, workers, count="3", ready=ready))
    while command.process.poll() is None:
        command.look()
        time.sleep(0.01)
    errors = command.end()
    assert (command.process.returncode, "semaphore" in errors, "Traceback" in errors) == (code, False, False)
    assert command.family


@pytest.mark.parametrize(
    ("number", "devices"),
    [(signal.SIGTERM, 1), (signal.SIGHUP, 1), (signal.SIGINT, 2), (signal.SIGHUP, 2)],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_first_signal_ends_a_training_with_a_checkpoint(start: Start, number: signal.Signals, devices: int):
    command = training(start, devices)
    command.press(number)
    errors = command.end()
    assert command.process.returncode == 1
    assert f"Go on with: ecg run acme.train --out {command.out}" in errors
    assert "--resume\n" in errors
    assert "semaphore" not in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("number", "devices"), [(signal.SIGINT, 1), (signal.SIGTERM, 2)], ids=lambda value: getattr(value, "name", value)
)
def test_a_second_one_ends_a_training_at_once(start: Start, number: signal.Signals, devices: int):
    """In whatever step it is."""
    command = training(start, devices, "--set", f"hangs_at={STEPS_SEEN}")
    command.press(number)
    time.sleep(0.5)
    assert command.process.poll() is None, "the step is waited for"
    command.press(number)
    errors = command.end(20.0)
    assert command.process.returncode == 1
    assert f"acme.train was stopped by {number.name}; what was finished stays in {command.out}." in errors
    assert f"Go on with: ecg run acme.train --out {command.out} --resume\n" in errors
    assert "semaphore" not in errors


@pytest.mark.parametrize("devices", [1, 2])
def test_processes_of_a_training_end_with_a_command_that_is_killed(start: Start, devices: int):
    command = training(start, devices)
    assert len(command.family) >= 2 * devices
    command.process.kill()
    assert "semaphore" not in command.end()


STEPS_SEEN = 8


def training(start: Start, devices: int, *more: str) -> Command:
    """A training of two data workers a process that has made some steps."""
    pytest.importorskip("torch")
    options = ["--backend", "cpu", "--devices", str(devices), "--set", "epochs=50", "--set", "log_every_steps=1"]
    command = start("acme.train", *options, *more)
    metrics = command.out / "metrics.jsonl"
    wait_for(
        lambda: metrics.exists() and metrics.read_text().count('"loss"') >= STEPS_SEEN, "it does not begin", seconds=120
    )
    command.look()
    return command
