"""The training loop: steps, and what happens between them."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn, cast

import torch
from torch import Tensor, nn

from ecg_core.backends import open_backend
from ecg_core.context import resume_command
from ecg_core.errors import ConfigError, DataError, RunInterrupted, TrainingDiverged
from ecg_core.interrupt import StopRequest
from ecg_core.plugins.events import fire
from ecg_core.progress import Progress, progress
from ecg_core.run_lock import is_first_process, run_lock
from ecg_core.training.archive import Archive
from ecg_core.training.divergence import explain_divergence
from ecg_core.training.evaluation import evaluate, loaded
from ecg_core.training.journal import METRICS_FILE, Journal
from ecg_core.training.learner import Learner
from ecg_core.training.mirror import Mirror
from ecg_core.training.monitor import Monitor
from ecg_core.training.optim import LearningRate
from ecg_core.training.pictures import write_pictures
from ecg_core.training.plan import Plan
from ecg_core.training.run_state import RunState
from ecg_core.training.step_seeds import step_seed
from ecg_core.training.watch import CompilationWatch
from ecg_core.training.weights import read_weights

if TYPE_CHECKING:
    from ecg_core.context import RunContext
    from ecg_core.protocols import Backend, Batch, Dataset, Model
    from ecg_core.training.config import TrainingConfig

SHOWN = ("loss", "lr", "examples_per_s")
"""Figures beside the bar; the metrics file has all of them."""

log = logging.getLogger(__name__)


class DefaultTrainer:
    """The training loop of every learned part, over any backend."""

    def fit(self, model: Model, dataset: Dataset, config: TrainingConfig, context: RunContext) -> Mapping[str, Any]:
        """Train on the devices that the context asks for.

        With several processes ``model`` and ``dataset`` are pickled to each. The trained weights are in the
        checkpoints of the run folder, see `ecg_core.training.checkpoint.load_weights`.

        Returns:
            Steps, last figures, the best evaluation, path of the best or latest checkpoint, and what the backend
            tells of itself.

        Raises:
            BackendUnavailable: the backend is not here.
            ConfigError: an option is wrong, or does not fit the run to resume.
            DataError: another run is at work in the run folder.
            CheckpointError: every checkpoint of the run to resume is damaged, or the weights to begin with are, or
                belong to another network.
            TrainingDiverged: loss or gradients stayed non-finite.
            RunInterrupted: a signal asked to stop, and the run is saved.
        """
        if config.begin_with is not None:
            weights = read_weights(config.begin_with).adopted_by(cast(nn.Module, model))
            weights.put_into(cast(nn.Module, model))
            log.info("beginning with the %d tensors of %s", len(weights.tensors), weights.path)
        backend = open_backend(context.backend)
        with run_lock(context.out_dir, context.task) if is_first_process() else nullcontext():
            return backend.launch(_fit, model, dataset, config, context, devices=context.devices)


def _fit(
    backend: Backend, model: Model, dataset: Dataset, config: TrainingConfig, context: RunContext
) -> dict[str, Any]:
    backend.setup(seed=context.seed)
    try:
        return Run(backend, model, dataset, config, context).fit()
    finally:
        backend.close()


class Run:
    """One training run: its plan, what learns, and what is kept of it.

    Args:
        backend: set up, in this process.
        model: moved to the device and trained in place.
        dataset: of the batches.
        config: of the training.
        context: of the task.
    """

    def __init__(
        self, backend: Backend, model: Model, dataset: Dataset, config: TrainingConfig, context: RunContext
    ) -> None:
        self._backend, self._dataset, self._config, self._context = backend, dataset, config, context
        self._plan = Plan.make(config, dataset)
        self._learner = Learner(backend, model, config, context.precision)
        self._rate = LearningRate(config.optim.lr, config.schedule, self._plan.total_steps)
        self._monitor = Monitor(config.monitor, config.monitor_mode)
        self._leads = backend.rank == 0
        self._journal = Journal(context.out_dir / METRICS_FILE, enabled=self._leads)
        self._archive = Archive(backend, config, context, self._journal)
        self._mirror = Mirror(config.sync_to if self._leads else "", context.out_dir)
        self._state = RunState()
        self._stop = StopRequest()
        self._bar: Progress | None = None
        self._speed, self._watch = Speed(), CompilationWatch()

    def fit(self) -> dict[str, Any]:
        """Train to the end of the plan; see `DefaultTrainer.fit`."""
        start = time.monotonic()
        self._start()
        total = self._plan.total_steps
        bar = progress(total, self._context.task, unit="steps", done=self._state.step) if self._leads else None
        with self._stop, bar or nullcontext() as self._bar:
            self._catch_up()
            while self._state.step < total:
                self._train_epoch()
        return self._summary(time.monotonic() - start)

    # Start and resume

    def _start(self) -> None:
        """Go on from the newest checkpoint if asked to; else begin with one, to have one to go back to."""
        if self._leads:
            self._archive.folder.remove_leftovers()
            if self._context.resume:
                self._mirror.pull()
        checkpoint = self._archive.newest()
        if checkpoint and checkpoint.step and not self._context.resume:
            raise ConfigError(
                f"{self._context.out_dir} holds the checkpoints of an earlier run: "
                "go on with it by --resume, or choose another folder by --out"
            )
        if checkpoint and self._context.resume:
            self._state = self._archive.resume(checkpoint, self._learner, self._rate, self._monitor)
            self._mirror.claim(strict=False)
            log.info("going on from step %d (%s)", self._state.step, checkpoint.folder)
            return
        if self._context.resume:
            log.warning("%s holds no checkpoint yet: starting at the beginning", self._context.out_dir)
        self._mirror.claim(strict=True)
        self._journal.cut(0)
        if fault := self._save(best=False, first=True):
            raise TrainingDiverged(f"the weights are not finite before the first step: {fault}")

    def _catch_up(self) -> None:
        """Do what a stop signal cut off between the last step and its evaluation."""
        if self._evaluation_is_due():
            self._evaluate_and_save()

    # Steps

    def _train_epoch(self) -> None:
        """Steps up to the end of the epoch, or up to a roll-back."""
        for batches in self._batches_of_steps():
            step = self._state.step
            seed = step_seed(self._context.seed, step, self._state.step_seeds)
            figures = self._learner.step(batches, lr=self._rate.at(step), seed=seed)
            self._state.step, self._state.epoch = step + 1, self._plan.epoch_of(step) + 1
            self._speed.examples_per_step = _num_examples(batches) * self._backend.world_size
            if self._bar:
                self._bar.advance()
            if trouble := self._close_step(figures):
                self._roll_back(trouble, batches)
                return

    def _batches_of_steps(self) -> Iterator[list[Batch]]:
        """The batches of each step from here to the end of the epoch.

        Raises:
            DataError: the data set ends before the epoch that it promised.
        """
        plan, step = self._plan, self._state.step
        epoch, start = plan.epoch_of(step), plan.batches_before(step)
        batches = loaded(self._dataset, self._backend, "train", epoch=epoch, start_step=start)
        for number in range(plan.epoch_end(step) - step):
            taken = list(islice(batches, plan.accumulate))
            if len(taken) < plan.accumulate:
                found = start + number * plan.accumulate + len(taken)
                raise DataError(f"the data set promised {self._dataset.steps_per_epoch} batches and gave {found}")
            yield taken

    def _close_step(self, figures: Mapping[str, Tensor]) -> str:
        """Do what is due after a step; says why the run must be rolled back, if it must."""
        state, plan = self._state, self._plan
        if (plan.logs_at(state.step) or plan.saves_at(state.step)) and (trouble := self._report(figures)):
            return trouble
        if self._stop_is_agreed():
            self._save_and_leave()
        if plan.is_epoch_end(state.step) and self._leads:
            fire("epoch_end", self._context, epoch=state.epoch, metrics=state.figures)
        return self._evaluate_and_save()

    def _report(self, figures: Mapping[str, Tensor]) -> str:
        """Read figures and counters off the device, and tell them; says so if too many steps in a row were bad."""
        guard, limit = self._learner.guard, self._config.guard.max_skips_in_a_row
        self._watch.end(self._backend.diagnostics(), self._state.step)
        state, values = self._state, self._read({**figures, **guard.counters()})
        state.bad_in_a_row, longest = int(values.pop("in_a_row")), int(values.pop("longest"))
        guard.forget_longest()
        self._backend.sync()
        self._watch.begin(self._backend.diagnostics())
        values = {"lr": self._rate.at(state.step - 1), **values, **self._speed.since_last(state.step)}
        state.figures = values
        if self._leads:
            self._journal.write("train", {"step": state.step, "epoch": state.epoch, **values})
            fire("step_end", self._context, step=state.step, metrics=values)
        if self._bar:
            self._bar.advance(0, **{name: values[name] for name in SHOWN if name in values})
        return f"{longest} steps in a row had a loss or gradient that is not finite" if longest >= limit else ""

    def _read(self, scalars: Mapping[str, Tensor]) -> dict[str, float]:
        """Mean over the replicas of scalars on the device, in one transfer."""
        together = torch.stack([value.float() for value in scalars.values()])
        host = self._backend.to_host(self._backend.reduce_mean(together))
        return dict(zip(scalars, host.tolist(), strict=True))

    # Evaluation and checkpoints

    def _evaluation_is_due(self) -> bool:
        state = self._state
        return state.step > state.evaluated_step and self._plan.evaluates_at(state.step)

    def _evaluate_and_save(self) -> str:
        """Evaluate and save, each if it is time to; names a weight that is not finite, if there is one.

        While steps are being skipped nothing is saved: weights may be finite and beyond help, and a roll-back needs
        some from before.
        """
        state = self._state
        best = self._evaluate() if self._evaluation_is_due() else False
        due = self._plan.saves_at(state.step) and (not state.bad_in_a_row or state.step == self._plan.total_steps)
        fault = self._save(best=best) if best or due else ""
        if due or state.evaluated_step == state.step:
            self._watch.begin(self._backend.diagnostics())
        return f"{fault} is not finite" if fault else ""

    def _evaluate(self) -> bool:
        """Measure, tell, and adapt the learning rate; whether it was the best so far."""
        state = self._state
        model = self._learner.ema.model if self._learner.ema else self._learner.model
        metrics = evaluate(
            model,
            self._dataset,
            self._backend,
            precision=self._context.precision,
            seed=self._context.seed,
            stop=self._stop_is_agreed,
        )
        if metrics is not None and self._leads:
            for name, path in write_pictures(model, self._context.out_dir, state.step).items():
                fire("picture_drawn", self._context, name=name, path=path, step=state.step)
        self._learner.model.train()
        if metrics is None:
            self._save_and_leave()
        state.evaluated_step, state.metrics = state.step, metrics
        if not metrics:
            return False
        improved = self._monitor.observe(metrics, state.step)
        self._rate.observe(improved=improved)
        if self._leads:
            self._journal.write("validation", {"step": state.step, "epoch": state.epoch, **metrics})
            fire("evaluation_end", self._context, step=state.step, metrics=metrics)
            log.info("step %d, validation: %s", state.step, _as_text(metrics))
        return improved

    def _save(self, *, best: bool, first: bool = False) -> str:
        """Name of a tensor that is not finite, if that kept the checkpoint from being made; else empty."""
        fault = self._archive.save(self._state, self._learner, self._rate, self._monitor, best=best)
        self._mirror.push(strict=first)
        return fault

    # Bad ends

    def _stop_is_agreed(self) -> bool:
        """Whether any process was asked to stop; all get the same answer."""
        asked = torch.tensor(float(self._stop.signal_name is not None))
        return bool(self._backend.reduce_mean(asked) > 0)

    def _save_and_leave(self) -> NoReturn:
        """Save and leave.

        Raises:
            RunInterrupted: always.
        """
        fault = self._save(best=False)
        saved = f"not saved, {fault} is not finite; the last checkpoint stands" if fault else "all is saved"
        raise RunInterrupted(
            f"{self._context.task} was stopped by {self._stop.signal_name or 'a signal'} at step {self._state.step} of "
            f"{self._plan.total_steps}; {saved}. Go on with: {resume_command(self._context)}"
        )

    def _roll_back(self, trouble: str, batches: list[Batch]) -> None:
        """Go back to the last checkpoint with a lower learning rate.

        Raises:
            TrainingDiverged: that has been done too often.
        """
        state, guard = self._state, self._config.guard
        if state.rollbacks >= guard.max_rollbacks:
            raise TrainingDiverged(self._diagnosis(trouble, batches))
        checkpoint = self._archive.newest_good()
        assert checkpoint is not None, "a run begins with a checkpoint"
        reduction = self._rate.reduction * guard.rate_factor
        self._state = self._archive.restore(checkpoint, self._learner, self._rate, self._monitor)
        self._state.rollbacks, self._rate.reduction = state.rollbacks + 1, reduction
        log.warning(
            "step %d: %s; back to step %d with %.3g of the learning rate",
            *(state.step, trouble, self._state.step, reduction),
        )
        if self._leads:
            told = {"step": state.step, "to_step": self._state.step, "rate_factor": reduction, "reason": trouble}
            self._journal.write("rollback", told)
        if self._bar:
            self._bar.advance(self._state.step - state.step)

    def _diagnosis(self, trouble: str, batches: list[Batch]) -> str:
        state = self._state
        cause = explain_divergence(
            self._backend, batches, lr=self._rate.at(state.step - 1), clip_norm=self._config.clip_norm
        )
        return (
            f"Training diverged at step {state.step} (roll-backs: {state.rollbacks}): {trouble}. {cause} "
            f"The last good checkpoint is {self._archive.folder.newest_first()[0]}."
        )

    def _summary(self, seconds: float) -> dict[str, Any]:
        state, monitor = self._state, self._monitor
        best = self._archive.folder.best()
        chosen = {f"best_{self._config.monitor}": monitor.best, "best_step": monitor.best_step} if best else {}
        return {
            "steps": state.step,
            "epochs": state.epoch,
            "loss": state.figures.get("loss"),
            **{f"validation_{name}": value for name, value in state.metrics.items()},
            **chosen,
            "skipped_steps": int(state.figures.get("skipped", 0)),
            "rollbacks": state.rollbacks,
            "seconds": round(seconds, 2),
            "checkpoint": str(best or self._archive.folder.path(state.step)),
            **self._backend.diagnostics(),
        }


class Speed:
    """Speed between two calls.

    Attributes:
        examples_per_step: of all replicas together.
    """

    def __init__(self) -> None:
        self.examples_per_step = 0
        self._step: int | None = None
        self._time_s = 0.0

    def since_last(self, step: int) -> dict[str, float]:
        """``steps_per_s`` and ``examples_per_s`` since the last call; empty at the first, and after a roll-back."""
        now = time.monotonic()
        before, self._step = self._step, step
        elapsed_s, self._time_s = now - self._time_s, now
        if before is None or step <= before:
            return {}
        steps_per_s = (step - before) / max(elapsed_s, 1e-9)
        return {"steps_per_s": steps_per_s, "examples_per_s": steps_per_s * self.examples_per_step}


def _num_examples(batches: list[Batch]) -> int:
    return sum(len(next(iter(batch.values()))) for batch in batches)


def _as_text(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
