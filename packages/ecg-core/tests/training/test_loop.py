from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from ecg_core.context import RunContext  # noqa: E402
from ecg_core.errors import ConfigError, DataError, TrainingDiverged  # noqa: E402
from ecg_core.training import archive, loop  # noqa: E402
from ecg_core.training.checkpoint import find_checkpoint, read_checkpoint  # noqa: E402
from ecg_core.training.config import EmaConfig, GuardConfig, OptimConfig, ScheduleConfig  # noqa: E402


def lines_of(folder: Path, event: str | None = None) -> list[dict]:
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if event in (None, line["event"])]


def test_it_learns_what_is_certain_to_be_learned(train, toy, tmp_path: Path):
    optim = OptimConfig(lr=0.02, weight_decay=0)
    summary = train(model=toy(norm=False, dropout=0.0), epochs=60, optim=optim, log_every_steps=8)
    losses = [line["loss"] for line in lines_of(tmp_path / "run", "train")]
    assert losses[0] > 5  # the variance of y is 8.5
    assert summary["validation_loss"] < 0.5
    assert summary["steps"] == 60 * 8


def test_the_summary_tells_what_happened(train):
    summary = train(epochs=2)
    assert (summary["steps"], summary["epochs"], summary["skipped_steps"], summary["rollbacks"]) == (16, 2, 0, 0)
    assert summary["best_loss"] == min(summary["best_loss"], summary["validation_loss"])
    assert Path(summary["checkpoint"]).name == f"step-{summary['best_step']:07d}"
    assert (summary["hardware"], summary["replicas"]) == ("CPU", 1)


def test_every_line_of_metrics_is_where_the_plan_has_it(train, tmp_path: Path):
    train(epochs=2, log_every_steps=5)
    found = [(line["event"], line["step"], line["epoch"]) for line in lines_of(tmp_path / "run")]
    assert found == [
        *[("train", 5, 1), ("train", 8, 1), ("validation", 8, 1)],
        *[("train", 10, 2), ("train", 15, 2), ("train", 16, 2), ("validation", 16, 2)],
    ]


def test_the_checkpoint_says_what_it_is(train, tmp_path: Path):
    train(epochs=1, seed=3)
    meta = read_checkpoint(find_checkpoint(tmp_path / "run")).meta
    assert (meta["task"], meta["step"], meta["epoch"], meta["seed"]) == ("toy.fit", 8, 1, 3)
    assert (meta["precision"], meta["hardware"]) == ("fp32", "CPU")
    assert meta["loss"] == lines_of(tmp_path / "run", "train")[-1]["loss"]
    assert meta["metrics"]["loss"] == lines_of(tmp_path / "run", "validation")[-1]["loss"]
    assert meta["config"]["optim"]["name"] == "adamw"
    assert meta["versions"]["torch"] == torch.__version__


def test_the_signal_contract_of_a_model_travels_with_its_weights(train, toy, tmp_path: Path):
    model = toy()
    model.signal_contract = {"sampling_rate_hz": 500, "unit": "mV"}
    train(model=model, epochs=1)
    assert read_checkpoint(find_checkpoint(tmp_path / "run")).meta["signal_contract"] == model.signal_contract


def test_with_an_average_that_is_what_gets_evaluated(train, toy, toy_data, tmp_path: Path):
    summary = train(epochs=1, ema=EmaConfig(decay=0.9))
    model = toy()
    model.load_state_dict(read_checkpoint(find_checkpoint(tmp_path / "run")).parts["ema"])
    model.eval()
    batches = list(toy_data().batches("validation", epoch=0))
    with torch.no_grad():
        errors = torch.cat([((model.net(batch["x"]) - batch["y"]) ** 2).flatten() for batch in batches])
    assert summary["validation_loss"] == pytest.approx(float(errors.double().mean()), rel=1e-6)


def test_the_rate_falls_on_a_plateau(train, toy, tmp_path: Path):
    class Stuck(toy):
        def figures(self, totals):
            return {"loss": 1.0}

    schedule = ScheduleConfig(name="plateau", factor=0.5, patience=0)
    train(model=Stuck(), epochs=4, schedule=schedule, optim=OptimConfig(lr=0.1), log_every_steps=8)
    assert [line["lr"] for line in lines_of(tmp_path / "run", "train")] == [0.1, 0.1, 0.05, 0.025]


def test_a_bad_batch_now_and_then_is_skipped_and_counted(train, toy_data, tmp_path: Path):
    summary = train(epochs=2, data=toy_data(bad=lambda _epoch, step: step in (2, 5)))
    assert (summary["skipped_steps"], summary["rollbacks"]) == (4, 0)
    assert lines_of(tmp_path / "run", "train")[-1]["skipped"] == 4


def test_many_bad_steps_in_a_row_roll_back_with_a_lower_rate(train, toy_data, tmp_path: Path, caplog):
    bad_times = iter([True] * 3)  # the second epoch begins with three bad batches, once

    def bad(epoch: int, step: int) -> bool:
        return epoch == 1 and step < 3 and next(bad_times, False)

    guard = GuardConfig(max_skips_in_a_row=3, rate_factor=0.5)
    constant = ScheduleConfig(name="constant")
    with caplog.at_level(logging.WARNING):
        summary = train(epochs=3, data=toy_data(bad=bad), guard=guard, schedule=constant, log_every_steps=1)
    assert summary["rollbacks"] == 1
    (line,) = lines_of(tmp_path / "run", "rollback")
    assert (line["step"], line["to_step"], line["rate_factor"]) == (11, 8, 0.5)
    after = [(line["step"], line["lr"]) for line in lines_of(tmp_path / "run", "train")]
    assert after[11] == (9, 0.0005)  # eleven lines before the roll-back; the default rate is 0.001
    assert after[-1] == (24, 0.0005)
    assert "3 steps in a row had a loss or gradient that is not finite; back to step 8" in caplog.text


def test_a_roll_back_starts_from_exactly_what_was_saved(train, toy_data, parts_of, assert_identical):
    bad_times = iter([True] * 3)
    options = {"epochs": 2, "schedule": ScheduleConfig(name="constant"), "log_every_steps": 1, "clip_norm": 1.0}
    guard = GuardConfig(max_skips_in_a_row=3, rate_factor=1.0)
    data = toy_data(bad=lambda epoch, step: epoch == 1 and step < 3 and next(bad_times, False))
    train("rolled", data=data, guard=guard, **options)
    train("smooth", **options)
    assert_identical(parts_of("rolled"), parts_of("smooth"))


def test_a_run_that_cannot_be_saved_stops_with_a_diagnosis(train, toy_data, tmp_path: Path):
    data = toy_data(bad=lambda epoch, _step: epoch == 1)
    guard = GuardConfig(max_skips_in_a_row=3, max_rollbacks=2)
    with pytest.raises(TrainingDiverged) as caught:
        train(epochs=3, data=data, guard=guard, log_every_steps=1)
    message = str(caught.value)
    assert "(roll-backs: 2)" in message
    assert "The data are not finite: look at how x of a batch is made." in message
    assert "step-0000008" in message
    assert [line["rate_factor"] for line in lines_of(tmp_path / "run", "rollback")] == [0.5, 0.25]
    weights = read_checkpoint(find_checkpoint(tmp_path / "run", "latest")).parts["model"]
    assert all(bool(torch.isfinite(each).all()) for each in weights.values())


def test_a_loss_that_overflows_is_told_from_bad_data(train, toy):
    class Overflowing(toy):
        def training_step(self, batch):
            return {"loss": super().training_step(batch)["loss"] * float("inf")}

    with pytest.raises(TrainingDiverged, match=r"lower optim\.lr .*, and clip the gradient \(clip_norm=1\)"):
        train(model=Overflowing(), guard=GuardConfig(max_skips_in_a_row=2, max_rollbacks=0), log_every_steps=1)


def test_no_checkpoint_is_made_while_steps_are_bad(train, toy_data, tmp_path: Path):
    data = toy_data(bad=lambda epoch, step: epoch == 0 and step >= 2)
    train(data=data, epochs=2, checkpoint_every_steps=2, evaluate_every_steps=16, keep=99)
    names = [path.name for path in (tmp_path / "run" / "checkpoints").glob("step-*")]
    assert sorted(names) == [f"step-{step:07d}" for step in (0, 2, 10, 12, 14, 16)]


def test_weights_that_overflow_are_never_saved(train, toy, tmp_path: Path):
    class Exploding(toy):
        """Its buffer becomes infinite at the fifth step, which no loss and no gradient shows."""

        def __init__(self):
            super().__init__()
            self.register_buffer("total", torch.tensor(1e38))

        def training_step(self, batch):
            self.total.mul_(1.3)
            return super().training_step(batch)

    with pytest.raises(TrainingDiverged, match=r"at step 6 \(roll-backs: 1\): total is not finite"):
        train(model=Exploding(), guard=GuardConfig(max_rollbacks=1), checkpoint_every_steps=2)
    latest = read_checkpoint(find_checkpoint(tmp_path / "run", "latest"))
    assert latest.step == 4
    assert bool(torch.isfinite(latest.parts["model"]["total"]))


def test_weights_that_are_bad_from_the_start_are_named(train, toy):
    model = toy()
    model.net[4].bias.data.fill_(float("nan"))
    with pytest.raises(TrainingDiverged, match=r"before the first step: net\.4\.bias"):
        train(model=model)


def test_an_unknown_monitor_is_explained(train):
    with pytest.raises(ConfigError, match="monitor: the evaluation gives no figure 'auroc'; it gives loss"):
        train(monitor="auroc")


def test_data_without_validation_give_the_latest_checkpoint(train, toy_data):
    class Unvalidated(toy_data):
        def batches(self, split, *, epoch, start_step=0):
            return super().batches(split, epoch=epoch, start_step=start_step) if split == "train" else iter(())

    summary = train(data=Unvalidated(), epochs=1)
    assert "best_step" not in summary
    assert Path(summary["checkpoint"]).name == "step-0000008"


def test_data_that_end_too_soon_are_named(train, toy_data):
    class Short(toy_data):
        def batches(self, split, *, epoch, start_step=0):
            for number, batch in enumerate(super().batches(split, epoch=epoch, start_step=start_step)):
                if number < 5:
                    yield batch

    with pytest.raises(DataError, match="promised 8 batches and gave 5"):
        train(data=Short())


def test_endless_data_are_trained_on_by_steps(train, toy_data):
    data = toy_data(steps_per_epoch=None)
    assert train(data=data, steps=7)["steps"] == 7
    assert [each for each in data.asked if each[0] == "train"] == [("train", 0, 0)]


def test_each_epoch_has_its_own_batches(train, toy_data):
    data = toy_data()
    train(data=data, epochs=3, accumulate=3)  # two steps of three batches, two batches left over
    assert [each for each in data.asked if each[0] == "train"] == [("train", epoch, 0) for epoch in range(3)]


def test_hooks_hear_of_everything_in_order(train, monkeypatch: pytest.MonkeyPatch):
    heard: list[tuple] = []

    def hear(event: str, _context: RunContext, **values: Any) -> None:
        heard.append((event, values.get("step", values.get("epoch"))))

    for module in (loop, archive):
        monkeypatch.setattr(module, "fire", hear)
    train(epochs=2, log_every_steps=4)
    assert heard == [
        ("checkpoint_saved", 0),
        *[("step_end", 4), ("step_end", 8), ("epoch_end", 1), ("evaluation_end", 8), ("checkpoint_saved", 8)],
        *[("step_end", 12), ("step_end", 16), ("epoch_end", 2), ("evaluation_end", 16), ("checkpoint_saved", 16)],
    ]
