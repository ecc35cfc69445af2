"""Whole runs in processes of their own: killed, replicated, started by torchrun. Their work lies in its own module."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from ecg_core.backends.cpu import CpuBackend  # noqa: E402
from ecg_core.training.checkpoint import find_checkpoint, read_checkpoint  # noqa: E402

pytestmark = pytest.mark.slow

WORK = '''
import os, signal, sys, time
from pathlib import Path

import torch
from safetensors.torch import save_file

from ecg_core.errors import EcgError
from ecg_core.context import RunContext
from ecg_core.training.config import EmaConfig, GuardConfig, OptimConfig, ScheduleConfig, TrainingConfig
from ecg_core.training.loop import DefaultTrainer, Run


class Model(torch.nn.Module):
    """No batch norm: that would measure each replica's share by itself."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.net = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
        self.register_buffer("own", torch.zeros(()))  # depends on the share of each replica, as batch norm's would

    def training_step(self, batch):
        self.own.copy_(batch["x"].mean())
        return {"loss": ((self.net(batch["x"]) - batch["y"]) ** 2).mean() + batch["spoil"].sum()}

    def evaluation_step(self, batch):
        errors = (self.net(batch["x"]) - batch["y"]) ** 2
        return {"error": errors.sum(), "count": torch.tensor(errors.numel()), "own": self.own * errors.numel()}

    def figures(self, totals):
        count = float(totals["count"])
        return {"loss": float(totals["error"]) / count, "count": count, "own": float(totals["own"]) / count}


class Data:
    steps_per_epoch = 8

    def __init__(self, pause_s=0.0, bad=()):
        self.pause_s, self.bad = pause_s, bad

    def batches(self, split, *, epoch, start_step=0):
        for step in range(start_step, self.steps_per_epoch if split == "train" else 2):
            time.sleep(self.pause_s)
            generator = torch.Generator().manual_seed(1000 * epoch + step + (split == "train") * 10**6)
            x = torch.randn(12, 6, generator=generator)
            y = x.sum(1, keepdim=True)
            spoil = torch.zeros(12)
            if split == "train" and (epoch, step) in self.bad:
                spoil[0] = float("inf")  # the share of one replica only, and no gradient shows it
            yield {"x": x, "y": y, "spoil": spoil}


EVERYTHING = dict(
    epochs=3, accumulate=2, clip_norm=1.0, ema=EmaConfig(decay=0.9), log_every_steps=1, evaluate_every_steps=3,
    checkpoint_every_steps=2, schedule=ScheduleConfig(name="plateau", patience=0, factor=0.7, warmup_steps=2),
)


def context(folder, **values):
    Path(folder).mkdir(exist_ok=True)
    return RunContext(task="toy.fit", out_dir=Path(folder), backend="cpu", **values)


def train(folder, **values):
    torch.set_num_threads(1)
    return DefaultTrainer().fit(Model(), Data(), TrainingConfig(**EVERYTHING), context(folder, **values))


def train_replica(backend, folder, bad=()):
    """Train, and keep the weights of every rank."""
    torch.set_num_threads(1)
    backend.setup(seed=0)
    config = TrainingConfig(epochs=3, clip_norm=1.0, optim=OptimConfig(name="sgd", lr=0.02), log_every_steps=1)
    model = Model()
    summary = Run(backend, model, Data(bad=bad), config, context(folder)).fit()
    save_file({name: each.clone() for name, each in model.state_dict().items()}, f"{folder}/rank{backend.rank}")
    backend.close()
    return summary


def threads_left(backend, folder):
    """How many threads joining the others starts in a rank, and how many of them are there after the training."""
    def threads():
        return {each.name for each in Path("/proc/self/task").iterdir()}

    torch.set_num_threads(1)
    before = threads()
    backend.setup(seed=0)
    of_group = threads() - before
    Run(backend, Model(), Data(), TrainingConfig(epochs=1), context(folder)).fit()
    backend.close()
    return len(of_group), len(of_group & threads())


def train_slowly(folder, **values):
    config = TrainingConfig(epochs=1000, log_every_steps=1)
    return DefaultTrainer().fit(Model(), Data(pause_s=0.02), config, context(folder, devices=2, **values))


def kill_at(target, call):
    """Make this process kill itself at a certain call of a function."""
    module, name = target
    original, calls = getattr(module, name), []

    def wrapped(*arguments, **options):
        calls.append(1)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)

    setattr(module, name, wrapped)


def be_killed(root):
    """Train again and again in forks of this process, each killed at another moment."""
    import shutil, json
    import safetensors.torch
    import torch._dynamo  # once, not in every fork
    from ecg_core.training import checkpoint, journal, learner
    moments = {
        "in-a-step": (learner, "get_total_norm", 6),
        "writing-a-file": (safetensors.torch, "save", 9),
        "before-the-listing": (checkpoint.json, "dumps", 3),
        "before-noting-the-best": (checkpoint.CheckpointFolder, "note_best", 2),
        "before-removing-old-ones": (shutil, "rmtree", 2),
        "before-a-line-of-metrics": (journal.os, "write", 8),
    }
    for name, (module, attribute, call) in moments.items():
        child = os.fork()
        if child == 0:
            kill_at((module, attribute), call)
            train(Path(root) / name)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (name, status)
    print(json.dumps(list(moments)))


if __name__ == "__main__":
    function, *arguments = sys.argv[1:]
    try:
        globals()[function](*arguments)
    except EcgError as error:
        sys.exit(f"{type(error).__name__}: {error}")
'''


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "work_for_processes.py").write_text(WORK)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield __import__("work_for_processes")
    del sys.modules["work_for_processes"]


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, str(tmp_path / "work_for_processes.py"), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def tensors(folder: Path) -> dict[str, torch.Tensor]:
    parts = read_checkpoint(find_checkpoint(folder, "latest")).parts
    return {f"{part}/{name}": each for part, found in parts.items() for name, each in found.items()}


def figures(folder: Path) -> list[dict]:
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if not name.endswith("_per_s")} for line in lines]


def test_a_run_killed_at_any_moment_ends_with_the_same_bits(work, tmp_path: Path, assert_identical):
    victim = start(tmp_path, "be_killed", str(tmp_path))
    output, errors = victim.communicate(timeout=240)
    assert victim.returncode == 0, errors
    work.train(tmp_path / "whole")
    for moment in json.loads(output):
        folder = tmp_path / moment
        work.train(folder, resume=True)
        assert_identical(tensors(folder), tensors(tmp_path / "whole"))
        assert figures(folder) == figures(tmp_path / "whole"), moment
        assert not list(folder.glob("checkpoints/.*")), moment


def test_two_processes_are_one(work, tmp_path: Path, assert_identical):
    """Also with a batch whose loss is infinite in the share of one replica only: both skip the step."""
    bad = ((0, 3),)
    single = CpuBackend().launch(work.train_replica, tmp_path / "one", bad)
    double = CpuBackend().launch(work.train_replica, tmp_path / "two", bad, devices=2)
    assert double["replicas"] == 2
    assert single["skipped_steps"] == double["skipped_steps"] == 1

    from safetensors.torch import load_file

    ranks = [load_file(tmp_path / "two" / f"rank{rank}") for rank in (0, 1)]
    assert_identical(*ranks)
    whole = load_file(tmp_path / "one" / "rank0")
    assert whole.pop("own") != ranks[0]["own"]  # it has seen the whole batch
    for name, weight in whole.items():
        torch.testing.assert_close(ranks[0][name], weight, rtol=1e-5, atol=1e-6)
    one, two = figures(tmp_path / "one"), figures(tmp_path / "two")
    assert [line["event"] for line in one] == [line["event"] for line in two]
    losses = [[math.nan if line["loss"] is None else line["loss"] for line in lines] for lines in (one, two)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5, nan_ok=True)
    assert two[-1]["count"] == 24  # each validation item counted once
    assert two[-1]["own"] == pytest.approx(float(ranks[0]["own"]), rel=1e-6)  # all measure with what rank 0 saves


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")
def test_no_thread_of_the_collectives_outlives_the_training(work, tmp_path: Path):
    """One that lets go of a tensor while the interpreter ends aborts the process: seen at one exit in three."""
    started, left = CpuBackend().launch(work.threads_left, tmp_path / "run", devices=2)
    assert started > 0
    assert left == 0


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")
@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_a_run_of_two_processes_ends_whole(work, how: str, tmp_path: Path):
    """A killed rank ends the run with a message, one asked to stop with a checkpoint; nothing is left behind."""
    parent = start(tmp_path, "train_slowly", str(tmp_path / "run"))
    metrics = tmp_path / "run" / "metrics.jsonl"
    wait_for(lambda: metrics.exists() and len(metrics.read_text().splitlines()) > 3, seconds=120)
    children = children_of(parent.pid)
    ranks = [pid for pid in children if "spawn_main" in command_of(pid)]
    assert len(ranks) == 2
    start_s = time.monotonic()
    if how == "killed":
        os.kill(ranks[1], signal.SIGKILL)
    else:
        os.kill(ranks[1], signal.SIGTERM)  # both must stop at the same step, or they would wait for each other
    _, errors = parent.communicate(timeout=60)
    assert time.monotonic() - start_s < 30
    assert parent.returncode == 1
    if how == "killed":
        assert "process 1 was killed (SIGKILL)" in errors
    else:
        assert "RunInterrupted: toy.fit was stopped by" in errors
        assert (
            read_checkpoint(find_checkpoint(tmp_path / "run", "latest")).step == figures(tmp_path / "run")[-1]["step"]
        )
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), seconds=5)


def test_torchrun_starts_it_too(tmp_path: Path):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python"]
    command += ["--local-addr", "127.0.0.1"]  # torchrun waits for ever on a machine that cannot look up its own name
    command += [sys.executable, "-c", "from ecg_core.cli.main import main; main()"]
    command += ["run", "demo.fit", "--backend", "cpu", "--out", str(tmp_path / "run"), "--set", "epochs=1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    meta = read_checkpoint(find_checkpoint(tmp_path / "run", "latest")).meta
    assert meta["step"] == 25
    assert len([line for line in figures(tmp_path / "run") if line["event"] == "validation"]) == 1


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def wait_for(condition, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
