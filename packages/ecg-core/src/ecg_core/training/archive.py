"""A training run is saved as a checkpoint, and put back to one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import torch

from ecg_core.config import to_plain
from ecg_core.errors import CheckpointError, ConfigError, PluginError
from ecg_core.plugins.events import fire
from ecg_core.training.checkpoint import CHECKPOINTS_FOLDER, Checkpoint, CheckpointFolder, Parts
from ecg_core.training.config import FREE_ON_RESUME
from ecg_core.training.journal import without_nan
from ecg_core.training.run_state import RunState, SavedRun
from ecg_core.version import __version__

if TYPE_CHECKING:
    from ecg_core.context import RunContext
    from ecg_core.protocols import Backend
    from ecg_core.training.config import TrainingConfig
    from ecg_core.training.journal import Journal
    from ecg_core.training.learner import Learner
    from ecg_core.training.monitor import Monitor
    from ecg_core.training.optim import LearningRate


class Archive:
    """Saves a run and takes it back; every process calls it, the first one writes."""

    def __init__(self, backend: Backend, config: TrainingConfig, context: RunContext, journal: Journal) -> None:
        self._backend, self._context, self._journal = backend, context, journal
        self._config = dict(context.config) or to_plain(config)
        self.folder = CheckpointFolder(context.out_dir / CHECKPOINTS_FOLDER, keep=config.keep)

    def newest(self) -> Checkpoint | None:
        """The checkpoint to go on from, the same for every process; None if there is none."""
        return self._read(lambda checkpoints: next(checkpoints, None))

    def newest_good(self) -> Checkpoint | None:
        """The checkpoint to roll back to: made while steps were good, if there is such a one."""

        def choose(checkpoints: Iterator[Checkpoint]) -> Checkpoint | None:
            sound = list(checkpoints)
            good = [each for each in sound if not SavedRun.of(each).counters.get("in_a_row")]
            return next(iter(good or sound), None)

        return self._read(choose)

    def _read(self, choose: Callable[[Iterator[Checkpoint]], Checkpoint | None]) -> Checkpoint | None:
        """Let every process choose among the same checkpoints: none writes before all have read."""
        self._backend.barrier()
        chosen = choose(self.folder.sound_newest_first())
        self._backend.barrier()
        return chosen

    def save(self, state: RunState, learner: Learner, rate: LearningRate, monitor: Monitor, *, best: bool) -> str:
        """Save a checkpoint, unless a weight is not finite.

        Returns:
            Name of the first tensor that is not finite; empty if all is well and saved.
        """
        fault = ""
        if self._backend.rank == 0:
            parts = self._backend.to_host(learner.tensors())
            fault = next(_not_finite(parts), "")
            if not fault:
                counters = {name: float(value) for name, value in self._backend.to_host(learner.counters()).items()}
                training = {"counters": counters, "rate": rate.state_dict(), "monitor": monitor.state_dict()}
                path = self.folder.save(state.step, parts, self._meta(state, learner, training), best=best)
                fire("checkpoint_saved", self._context, path=path, step=state.step)
        self._backend.barrier()
        failed = self._backend.reduce_mean(torch.tensor(float(bool(fault))))
        return fault or ("a weight" if failed else "")

    def _meta(self, state: RunState, learner: Learner, training: Mapping[str, Any]) -> dict[str, Any]:
        meta = {
            "task": self._context.task,
            "plugin": _plugin_of(self._context.task),
            "versions": {"ecg-core": __version__, "torch": torch.__version__},
            "epoch": state.epoch,
            "loss": state.figures.get("loss"),
            "metrics": state.metrics,
            "seed": self._context.seed,
            "precision": self._context.precision,
            "hardware": self._backend.hardware,
            "signal_contract": getattr(learner.model, "signal_contract", None),
            "config": self._config,
            "training": {
                **training,
                "state": attrs.asdict(state),
                "journal_bytes": self._journal.size_bytes(),
            },
        }
        return {name: without_nan(value) for name, value in meta.items()}

    def resume(self, checkpoint: Checkpoint, learner: Learner, rate: LearningRate, monitor: Monitor) -> RunState:
        """Go on with the run of a checkpoint: what came after it is forgotten.

        Raises:
            ConfigError: the checkpoint is of another run.
            CheckpointError: it is damaged.
        """
        self._check_same_run(checkpoint)
        state = self.restore(checkpoint, learner, rate, monitor)
        if self._backend.rank == 0:
            self._journal.cut(SavedRun.of(checkpoint).journal_bytes)
            self.folder.note_best(None if monitor.best is None else monitor.best_step)
        return state

    def restore(self, checkpoint: Checkpoint, learner: Learner, rate: LearningRate, monitor: Monitor) -> RunState:
        """Put a run back to a checkpoint of its own.

        Raises:
            CheckpointError: it is damaged, or of another model.
        """
        saved = SavedRun.of(checkpoint)
        learner.restore(checkpoint.parts, saved.counters)
        rate.load_state_dict(saved.rate)
        monitor.load_state_dict(saved.monitor)
        return saved.state

    def _check_same_run(self, checkpoint: Checkpoint) -> None:
        meta = checkpoint.meta
        config = meta.get("config")
        if not isinstance(config, Mapping):
            raise CheckpointError(f"{checkpoint.folder} is damaged: it does not say with which options it was made")
        saved = {**{name: meta.get(name) for name in ("task", "seed", "precision")}, **_flat(config)}
        context = self._context
        plain = json.loads(json.dumps(self._config))
        asked = {"task": context.task, "seed": context.seed, "precision": context.precision, **_flat(plain)}
        differing = [
            f"{name} was {saved.get(name)!r} and is {asked.get(name)!r} now"
            for name in sorted(saved.keys() | asked.keys())
            if saved.get(name) != asked.get(name) and name.partition(".")[0] not in FREE_ON_RESUME
        ]
        if differing:
            raise ConfigError(
                f"--resume: {context.out_dir} holds another run: {'; '.join(differing)}. Set it back, or start a new "
                f"run in another folder. A resumed run may change only {', '.join(FREE_ON_RESUME)}."
            )


def _not_finite(parts: Parts) -> Iterator[str]:
    for tensors in parts.values():
        for name, tensor in tensors.items():
            if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
                yield name


def _plugin_of(task: str) -> dict[str, str] | None:
    """Distribution and version that bring a task; None for a run that no installed task started."""
    from ecg_core.plugins.registry import registry

    try:
        entry = registry().find("tasks", task)
    except PluginError:
        return None
    return {"distribution": entry.distribution, "version": entry.version}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested options under their paths: ``{"optim": {"lr": 1}}`` → ``{"optim.lr": 1}``."""
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return flat
