"""How many steps a run takes, and where in the data each step stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ecg_core.errors import ConfigError

if TYPE_CHECKING:
    from ecg_core.protocols import Dataset
    from ecg_core.training.config import TrainingConfig

EVALUATIONS_OF_ENDLESS_DATA = 10
"""Number of evaluations of a run whose data have no epochs, unless the configuration says otherwise."""


@attrs.frozen
class Plan:
    """The budget in optimizer steps; the position in the data follows from the step alone.

    Attributes:
        total_steps: of the whole run.
        steps_per_epoch: None where the data never end.
        accumulate: batches a step takes.
        evaluate_every: steps between evaluations.
        checkpoint_every: steps between checkpoints; 0: at evaluations.
        log_every: steps between lines of metrics.
    """

    total_steps: int
    steps_per_epoch: int | None
    accumulate: int
    evaluate_every: int
    checkpoint_every: int
    log_every: int

    @classmethod
    def make(cls, config: TrainingConfig, dataset: Dataset) -> Plan:
        """The plan of a run.

        Raises:
            ConfigError: the budget cannot be worked out, or an epoch is too short for one step.
        """
        steps_per_epoch = _steps_per_epoch(config, dataset)
        total = config.steps or config.epochs * (steps_per_epoch or 0)
        return cls(
            total_steps=total,
            steps_per_epoch=steps_per_epoch,
            accumulate=config.accumulate,
            evaluate_every=config.evaluate_every_steps
            or steps_per_epoch
            or max(1, total // EVALUATIONS_OF_ENDLESS_DATA),
            checkpoint_every=config.checkpoint_every_steps,
            log_every=config.log_every_steps,
        )

    def epoch_of(self, step: int) -> int:
        """Epoch, counted from 0, that the step after ``step`` steps belongs to."""
        return step // self.steps_per_epoch if self.steps_per_epoch else 0

    def batches_before(self, step: int) -> int:
        """Batches of its epoch that were used up before that step."""
        return (step % self.steps_per_epoch if self.steps_per_epoch else step) * self.accumulate

    def epoch_end(self, step: int) -> int:
        """Step at which the epoch of the step after ``step`` steps ends, or the run if that comes first."""
        if not self.steps_per_epoch:
            return self.total_steps
        return min((self.epoch_of(step) + 1) * self.steps_per_epoch, self.total_steps)

    def is_epoch_end(self, step: int) -> bool:
        return bool(self.steps_per_epoch) and step % (self.steps_per_epoch or 1) == 0

    def logs_at(self, step: int) -> bool:
        return self._is_due(step, self.log_every)

    def evaluates_at(self, step: int) -> bool:
        return self._is_due(step, self.evaluate_every)

    def saves_at(self, step: int) -> bool:
        return self._is_due(step, self.checkpoint_every or self.evaluate_every)

    def _is_due(self, step: int, every: int) -> bool:
        return step == self.total_steps or step % every == 0


def _steps_per_epoch(config: TrainingConfig, dataset: Dataset) -> int | None:
    """Whole steps in an epoch; batches left over at its end are not used."""
    batches = dataset.steps_per_epoch
    if batches is None:
        if config.steps is None:
            raise ConfigError("steps: this data set never ends, so say how many optimizer steps to take, steps=1000")
        return None
    if batches < config.accumulate:
        raise ConfigError(
            f"accumulate: an epoch has only {batches} batches, too few for one step of {config.accumulate}; "
            "lower accumulate or the batch size, or add data"
        )
    return batches // config.accumulate
