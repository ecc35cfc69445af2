from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from ecg_core.errors import CheckpointError, ConfigError, DataError, RunInterrupted  # noqa: E402
from ecg_core.training.checkpoint import CheckpointFolder  # noqa: E402
from ecg_core.training.config import EmaConfig, GuardConfig, OptimConfig, ScheduleConfig  # noqa: E402
from ecg_core.training.step_seeds import step_seed  # noqa: E402

SCENARIOS = {
    "plain": {},
    "average": {"ema": EmaConfig(decay=0.95)},
    "accumulated": {"accumulate": 2, "clip_norm": 0.5},
    "plateau": {  # with what falls called bad, every evaluation but the first is a disappointment
        "schedule": ScheduleConfig(name="plateau", patience=1, factor=0.5),
        "evaluate_every_steps": 3,
        "monitor_mode": "max",
    },
    "momentum": {"optim": OptimConfig(name="sgd", lr=0.01), "schedule": ScheduleConfig(warmup_steps=6)},
}


@pytest.fixture
def interrupted(train, toy_data):
    """Train in ``cut``, with SIGTERM while batch ``at`` is made, again and again until done."""

    def run(out: str, at: list[tuple[int, int]], **options) -> list[str]:
        pending = list(at)

        class Interrupting(toy_data):
            def batch(self, split, epoch, step):
                if split == "train" and (epoch, step) in pending:
                    pending.remove((epoch, step))
                    os.kill(os.getpid(), signal.SIGTERM)
                return super().batch(split, epoch, step)

        messages = []
        for attempt in range(len(at) + 1):
            try:
                train(out, data=Interrupting(), resume=attempt > 0, **options)
            except RunInterrupted as error:
                messages.append(str(error))
        return messages

    return run


def figures(folder: Path) -> list[dict]:
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if not name.endswith("_per_s")} for line in lines]


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_an_interrupted_run_ends_with_the_same_bits(
    name: str, train, interrupted, parts_of, assert_identical, tmp_path: Path
):
    options = {"epochs": 3, "log_every_steps": 2, **SCENARIOS[name]}
    train("whole", **options)
    messages = interrupted("cut", [(0, 4), (1, 7), (2, 1)], **options)
    assert len(messages) == 3
    assert_identical(parts_of("cut"), parts_of("whole"))
    assert figures(tmp_path / "cut") == figures(tmp_path / "whole")


def test_the_message_says_how_to_go_on(interrupted, tmp_path: Path):
    (message,) = interrupted("cut", [(0, 4)], epochs=2)
    folder = tmp_path / "cut"
    assert "stopped by SIGTERM at step 5 of 16; all is saved" in message
    assert f"ecg run toy.fit --out {folder} --resume" in message


def test_a_stop_before_an_evaluation_leaves_it_to_the_resumed_run(
    train, toy, interrupted, parts_of, assert_identical, tmp_path: Path
):
    options = {"epochs": 2, "schedule": ScheduleConfig(name="plateau", patience=0), "log_every_steps": 100}
    train("whole", **options)
    interrupted("cut", [(0, 7)], **options)  # the last batch of an epoch, after which there is an evaluation
    assert_identical(parts_of("cut"), parts_of("whole"))
    assert figures(tmp_path / "cut") == figures(tmp_path / "whole")


def test_a_stop_during_an_evaluation_leaves_it_to_the_resumed_run(
    train, toy_data, parts_of, assert_identical, tmp_path: Path
):
    class Interrupting(toy_data):
        pending = 1

        def batch(self, split, epoch, step):
            if split == "validation" and Interrupting.pending:
                Interrupting.pending = 0
                os.kill(os.getpid(), signal.SIGTERM)
            return super().batch(split, epoch, step)

    with pytest.raises(RunInterrupted, match="at step 8 of 16"):
        train("cut", data=Interrupting())
    train("cut", data=Interrupting(), resume=True)
    train("whole")
    assert_identical(parts_of("cut"), parts_of("whole"))
    assert figures(tmp_path / "cut") == figures(tmp_path / "whole")


def test_a_damaged_latest_checkpoint_costs_only_the_steps_since_the_one_before(
    train, interrupted, parts_of, assert_identical, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    options = {"epochs": 2, "checkpoint_every_steps": 3, "log_every_steps": 1}
    train("whole", **options)
    train("cut", **options)
    latest = CheckpointFolder(tmp_path / "cut" / "checkpoints").path(16)
    (latest / "optimizer.safetensors").write_bytes(b"torn")
    with caplog.at_level(logging.WARNING):
        train("cut", resume=True, **options)
    assert "step-0000016/optimizer.safetensors is damaged" in caplog.text
    assert_identical(parts_of("cut"), parts_of("whole"))
    assert figures(tmp_path / "cut") == figures(tmp_path / "whole")


def test_the_note_of_the_best_never_points_at_what_was_undone(train, toy_data, tmp_path: Path):
    class Absent(toy_data):
        def batch(self, split, epoch, step):
            raise DataError("the disk is gone")

    summary = train()
    checkpoints = CheckpointFolder(tmp_path / "run" / "checkpoints")
    assert checkpoints.best() == checkpoints.path(16) == Path(summary["checkpoint"])
    (checkpoints.path(16) / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(DataError):
        train(resume=True, data=Absent())
    assert checkpoints.best() == checkpoints.path(8)


def test_a_roll_back_passes_over_what_was_saved_among_bad_steps(train, toy_data, tmp_path: Path):
    bad_times = iter([True] * 3)

    class Interrupting(toy_data):
        pending = 1

        def batch(self, split, epoch, step):
            if (split, epoch, step) == ("train", 0, 5) and Interrupting.pending:
                Interrupting.pending = 0
                os.kill(os.getpid(), signal.SIGTERM)
            return super().batch(split, epoch, step)

    data = Interrupting(bad=lambda epoch, step: (epoch, step) in ((0, 4), (0, 5), (0, 6)) and next(bad_times, False))
    options = {"log_every_steps": 1, "checkpoint_every_steps": 4, "guard": GuardConfig(max_skips_in_a_row=3)}
    with pytest.raises(
        RunInterrupted, match="at step 6"
    ):  # two bad steps done, the third is the first after the resume
        train(data=data, **options)
    train(data=data, resume=True, **options)
    (rollback,) = [line for line in figures(tmp_path / "run") if line["event"] == "rollback"]
    assert (rollback["step"], rollback["to_step"]) == (7, 4)


def test_if_all_are_damaged_it_says_so(train, tmp_path: Path):
    train()
    for file in (tmp_path / "run").glob("checkpoints/*/model.safetensors"):
        file.write_bytes(b"torn")
    with pytest.raises(CheckpointError, match=r"no checkpoint in .* is whole"):
        train(resume=True)


def test_a_finished_run_may_be_prolonged(train):
    train(epochs=1)
    assert train(epochs=3, resume=True, log_every_steps=1)["steps"] == 24


def test_a_resume_of_a_finished_run_changes_nothing(train, parts_of, assert_identical):
    train()
    before = parts_of()
    assert train(resume=True)["steps"] == 16
    assert_identical(parts_of(), before)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"optim": OptimConfig(lr=0.5)}, r"optim\.lr was 0\.001 and is 0\.5 now"),
        ({"accumulate": 2}, "accumulate was 1 and is 2 now"),
        ({"seed": 4}, "seed was 0 and is 4 now"),
    ],
)
def test_a_resume_as_another_run_is_refused(train, change, complaint):
    train()
    with pytest.raises(ConfigError, match=complaint):
        train(resume=True, **change)


def test_a_new_run_never_writes_over_an_old_one(train):
    train()
    with pytest.raises(ConfigError, match="holds the checkpoints of an earlier run"):
        train()


def test_seeds_of_steps_are_those_of_no_other_run():
    seeds = {(seed, step): step_seed(seed, step) for seed in range(50) for step in range(200)}
    assert len(set(seeds.values())) == len(seeds)
    assert step_seed(3, 4) == step_seed(3, 4)
    assert all(0 <= each < 2**53 for each in seeds.values())


def test_runs_of_neighbouring_seeds_draw_other_numbers(train, toy, tmp_path: Path):
    drawn: dict[int, list[float]] = {0: [], 1: []}

    class Drawing(toy):
        def training_step(self, batch):
            drawn[self.seed].append(float(torch.rand(())))
            return super().training_step(batch)

    for seed in drawn:
        model = Drawing()
        model.seed = seed
        train(f"seed-{seed}", model=model, seed=seed, epochs=1)
    assert not set(drawn[0]) & set(drawn[1])


def test_a_run_of_an_earlier_release_goes_on_with_the_seeds_that_it_began_with(
    train, toy, parts_of, assert_identical, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    options = {"epochs": 2, "schedule": ScheduleConfig(name="constant")}
    with monkeypatch.context() as patch:
        patch.setattr("ecg_core.training.loop.step_seed", lambda seed, step, _scheme: seed + step)
        train("earlier", **options)
        train("begun", **{**options, "epochs": 1})
    for file in (tmp_path / "begun").glob("checkpoints/*/checkpoint.json"):
        meta = json.loads(file.read_text())
        del meta["training"]["state"]["step_seeds"]
        file.write_text(json.dumps(meta))
    train("begun", **options, resume=True)
    train("now", **options)
    assert_identical(parts_of("begun"), parts_of("earlier"))
    assert not torch.equal(parts_of("now")["model/net.0.weight"], parts_of("earlier")["model/net.0.weight"])


HOLDER = """
import sys
from pathlib import Path
from ecg_core.run_lock import run_lock

with run_lock(Path(sys.argv[1]), "seg.train"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_trainings_never_share_a_folder(train, tmp_path: Path):
    train(epochs=1)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(DataError, match=f"another run of seg.train is at work .* process {other.pid}"):
            train(epochs=2, resume=True)
        other.kill()
    left = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != ".run.lock"}
    assert left == before
    assert train(epochs=2, resume=True)["steps"] == 16


def test_a_run_that_never_took_a_step_leaves_nothing_in_the_way(train, toy_data, parts_of, assert_identical):
    class Absent(toy_data):
        def batch(self, split, epoch, step):
            raise DataError("the disk is gone")

    with pytest.raises(DataError):
        train(data=Absent())
    train()
    train("other")
    assert_identical(parts_of(), parts_of("other"))


def test_a_resume_of_nothing_starts_with_a_warning(train, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        assert train(resume=True)["steps"] == 16
    assert "holds no checkpoint yet" in caplog.text
