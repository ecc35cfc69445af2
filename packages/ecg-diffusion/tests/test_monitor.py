"""Planted runs, healthy and with each of the known faults."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecg_core.context import RunContext
from ecg_core.errors import ConfigError, DataError
from ecg_diffusion.monitoring.diagnosis import diagnose
from ecg_diffusion.monitoring.history import read_history
from ecg_diffusion.monitoring.ranges import STAGES, pictures_reference
from ecg_diffusion.monitoring.report import stage_figures
from ecg_diffusion.tasks import monitor
from ecg_diffusion.tasks.monitor import MonitorConfig

TOTAL = 10_000
Figures = Callable[[float], Mapping[str, Any]]


def healthy(share: float) -> dict[str, float]:
    """Falls from 1, what predicting zeros has, to 0.3."""
    mse = 0.3 + 0.7 * np.exp(-share / 0.05)
    return {"loss": mse, "mse": mse, "skipped": 0, "lr": 1e-4}


def healthy_validation(share: float) -> dict[str, float]:
    mse = healthy(share)["mse"] + 0.01
    return {"loss": mse, "mse": mse, "mse_without_class": mse + 0.02, "mse_wrong_class": mse + 0.05 * share}


@pytest.fixture
def planted(tmp_path: Path) -> Callable[..., Path]:
    """Writes a run folder as the trainer leaves it."""

    def write(
        train: Figures = healthy,
        validation: Figures = healthy_validation,
        *,
        until: float = 1.0,
        config: str = f"steps: {TOTAL}\nema:\n  decay: 0.999\nprediction: v\n",
        extra: tuple[Mapping[str, Any], ...] = (),
    ) -> Path:
        rng = np.random.default_rng(0)
        lines: list[Mapping[str, Any]] = []
        for step in range(50, round(until * TOTAL) + 1, 50):
            figures = {
                name: value * rng.uniform(0.9, 1.1) if name == "mse" and value is not None else value
                for name, value in train(step / TOTAL).items()
            }
            lines.append({"event": "train", "step": step, "epoch": 1, **figures})
            if step % 500 == 0:
                lines.append({"event": "validation", "step": step, "epoch": 1, **validation(step / TOTAL)})
        text = "".join(json.dumps(line) + "\n" for line in [*lines, *extra])
        (tmp_path / "metrics.jsonl").write_text(text)
        (tmp_path / "config.yaml").write_text(config)
        return tmp_path

    return write


def faults(run: Path) -> dict[str, str]:
    return {finding.name: f"{finding.seen}. {finding.cure}" for finding in diagnose(read_history(run))}


@pytest.mark.parametrize("until", [0.01, 0.08, 0.3, 1.0])
def test_a_healthy_run_has_no_fault_at_any_time(planted: Callable[..., Path], until: float) -> None:
    history = read_history(planted(until=until))
    assert not diagnose(history)
    assert history.fraction == pytest.approx(until)
    verdicts = {each.verdict for each in stage_figures(history)}
    assert verdicts <= {"as expected", "not yet"}
    assert ("not yet" in verdicts) == (until < 0.5)


def test_a_network_that_predicts_zeros_has_not_fallen(planted: Callable[..., Path]) -> None:
    run = planted(lambda _: {"loss": 1.0, "mse": 1.0}, lambda _: {"mse": 1.0}, until=0.3)
    found = faults(run)
    assert list(found) == ["loss not falling"]
    assert "predicting nothing has 1" in found["loss not falling"]


def test_that_is_no_fault_at_the_beginning(planted: Callable[..., Path]) -> None:
    assert not faults(planted(lambda _: {"loss": 1.0, "mse": 1.0}, until=0.05))


def test_noise_prediction_that_knows_the_noise_level_alone_has_learnt_nothing_of_the_pictures(
    planted: Callable[..., Path],
) -> None:
    """Of white latents the mean of alpha-bar over the cosine schedule stays: 0.5, worked out here by its definition."""
    t = (np.arange(100_000) + 0.5) / 100_000
    assert pictures_reference({"model": {"prediction_type": "epsilon"}}) == pytest.approx(
        np.mean(np.cos(np.pi / 2 * t) ** 2), abs=1e-6
    )
    config = f"steps: {TOTAL}\nprediction: eps\n"
    run = planted(lambda _: {"mse": 0.5, "loss": 0.5}, lambda _: {"mse": 0.5, "mse_wrong_class": 0.6}, config=config)
    assert "loss not falling" in faults(run)
    run = planted(lambda _: {"mse": 0.5, "loss": 0.5}, lambda _: {"mse": 0.5, "mse_wrong_class": 0.6})
    assert "loss not falling" not in faults(run)


def test_a_loss_that_is_lost_is_told(planted: Callable[..., Path]) -> None:
    def train(share: float) -> dict[str, Any]:
        return healthy(share) if share < 0.4 else {"loss": None, "mse": None, "skipped": TOTAL * (share - 0.4)}

    found = faults(planted(train, until=0.5))
    assert "at step 5000 is not finite, 1000 of 5000 steps were skipped" in found["diverged"]


def test_many_skipped_steps_and_roll_backs_are_told_and_few_are_not(planted: Callable[..., Path]) -> None:
    assert "skipped steps" in faults(planted(lambda share: {**healthy(share), "skipped": 200}))
    assert not faults(planted(lambda share: {**healthy(share), "skipped": 3}))
    back = {"event": "rollback", "step": TOTAL, "to_step": 9000, "reason": "10 steps in a row"}
    assert "1 roll-backs" in faults(planted(extra=(back,)))["diverged"]


def test_a_loss_that_has_risen_is_told(planted: Callable[..., Path]) -> None:
    def train(share: float) -> dict[str, float]:
        return healthy(share) if share < 0.7 else {"loss": 0.6, "mse": 0.6}

    assert "0.6" in faults(planted(train, until=0.9))["loss rising"]


def test_averaged_weights_that_are_still_noise_say_how_many_steps_they_need(planted: Callable[..., Path]) -> None:
    run = planted(
        validation=lambda share: {"mse": 1.0 - 0.1 * share, "mse_wrong_class": 1.2},
        until=0.5,
        config=f"steps: {TOTAL}\nema:\n  decay: 0.9999\n",
    )
    found = faults(run)
    assert list(found) == ["averaged weights are noise"]
    assert "after 5000 updates at decay 0.9999; about 30000 are needed" in found["averaged weights are noise"]
    assert "ema.decay=0.999" in found["averaged weights are noise"]


def test_an_average_of_enough_updates_that_is_far_off_has_another_cause(planted: Callable[..., Path]) -> None:
    run = planted(validation=lambda share: {"mse": 1.0 - 0.1 * share, "mse_wrong_class": 1.2})
    assert "look whether it gets the same latents" in faults(run)["averaged weights are noise"]


def test_a_class_that_makes_no_difference_is_told_late_in_the_training(planted: Callable[..., Path]) -> None:
    noise = np.random.default_rng(1)

    def validation(share: float) -> dict[str, float]:
        mse = healthy(share)["mse"] + 0.01
        return {"mse": mse, "mse_wrong_class": mse + noise.normal(0, 0.002)}

    assert list(faults(planted(validation=validation))) == ["class ignored"]
    assert not faults(planted(validation=validation, until=0.2))


def test_validation_that_rises_while_training_falls_is_memory(planted: Callable[..., Path]) -> None:
    def train(share: float) -> dict[str, float]:
        mse = healthy(share)["mse"] - 0.2 * share
        return {"mse": mse, "loss": mse}

    def validation(share: float) -> dict[str, float]:
        mse = healthy(share)["mse"] + max(0.0, share - 0.4) * 0.5
        return {"mse": mse, "mse_wrong_class": mse + 0.1}

    found = faults(planted(train, validation))
    assert list(found) == ["memorising"]
    assert "use a checkpoint near step 4000" in found["memorising"]


class TestAutoencoder:
    def vae(self, share: float) -> dict[str, float]:
        found = 0.02 + 0.4 * np.exp(-share / 0.03)
        return {"loss": found, "reconstruction": found, "kl": 20.0}

    def test_a_healthy_one(self, planted: Callable[..., Path]) -> None:
        history = read_history(planted(self.vae, self.vae))
        assert history.kind == "vae"
        assert not diagnose(history)

    def test_one_that_makes_gray_pictures(self, planted: Callable[..., Path]) -> None:
        found = faults(planted(lambda _: {"loss": 0.6, "reconstruction": 0.6, "kl": 0.0}, self.vae))
        assert "loss not falling" in found


class TestTask:
    def test_text_figures_and_plot_are_written_and_findings_are_the_result(
        self, planted: Callable[..., Path], tmp_path: Path
    ) -> None:
        pytest.importorskip("matplotlib")
        run = planted(lambda _: {"loss": 1.0, "mse": 1.0}, lambda _: {"mse": 1.0}, until=0.5)
        out = tmp_path / "out"
        out.mkdir()
        result = monitor.run(MonitorConfig(run=run), RunContext(task="diffusion.monitor", out_dir=out))
        assert not result.failures
        assert list(result.summary["findings"]) == ["loss not falling"]
        assert result.summary["step"] == "5000 of 10000"
        text = (out / "monitor.txt").read_text()
        assert all(stage.name in text for stage in STAGES["diffusion"])
        assert "loss not falling: mse of training is" in text
        assert [each["name"] for each in json.loads((out / "monitor.json").read_text())["findings"]] == [
            "loss not falling"
        ]
        assert (out / "monitor.png").read_bytes().startswith(b"\x89PNG")

    def test_a_line_that_is_being_written_is_left_for_the_next_look(self, planted: Callable[..., Path]) -> None:
        run = planted(until=0.5)
        with (run / "metrics.jsonl").open("a") as file:
            file.write('{"event": "train", "step": 50')
        assert read_history(run).step == 5000

    def test_a_run_is_looked_at_again_until_it_is_done(
        self, planted: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shares = [1.0, 0.6]
        monkeypatch.setattr(time, "sleep", lambda _: planted(until=shares.pop()))
        context = RunContext(task="diffusion.monitor", out_dir=tmp_path)
        assert (
            monitor.run(MonitorConfig(run=planted(until=0.3), every_s=9), context).summary["step"] == "10000 of 10000"
        )
        assert not shares

    def test_steps_of_epochs_follow_from_those_that_were_taken(self, planted: Callable[..., Path]) -> None:
        run = planted(until=0.5, config="epochs: 3\n")
        assert read_history(run).total_steps == 15_000

    def test_what_is_no_such_run_is_refused(self, planted: Callable[..., Path], tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cannot be read: name the run folder"):
            read_history(tmp_path / "none")
        with pytest.raises(DataError, match="neither mse nor reconstruction"):
            read_history(planted(lambda _: {"loss": 0.1}, lambda _: {"accuracy": 1.0}))
        with pytest.raises(DataError, match="nothing is logged yet"):
            read_history(planted(until=0.0))
        with pytest.raises(ConfigError, match="run: name the run folder"):
            monitor.run(MonitorConfig(), RunContext(task="diffusion.monitor", out_dir=tmp_path))
