"""Task `digitize.train_all`: the networks of all stages, one after the other."""

from __future__ import annotations

from typing import Any

import attrs

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, EcgError, RunInterrupted
from ecg_core.launch import find_task, run_task
from ecg_core.training.config import TrainingConfig
from ecg_digitize.learning.train_stage0 import TrainStage0Config
from ecg_digitize.learning.train_stage1 import TrainStage1Config
from ecg_digitize.learning.train_stage2 import TrainStage2Config

STAGES = (0, 1, 2)


@attrs.frozen(kw_only=True)
class TrainAllConfig:
    """Options of `digitize.train_all`."""

    stages: tuple[int, ...] = option(STAGES, help="which of the stages 0, 1 and 2 to train, in this order")
    stop_on_error: bool = option(False, help="stop at the first stage that fails; else the others are still trained")
    smoke: bool = option(False, help="one step of each, to see whether everything is in place")
    records: tuple[str, ...] = option((), help="records to draw pages of, for every stage that names none of its own")
    stage0: TrainStage0Config = option(factory=TrainStage0Config, help="options of digitize.train_stage0")
    stage1: TrainStage1Config = option(factory=TrainStage1Config, help="options of digitize.train_stage1")
    stage2: TrainStage2Config = option(factory=TrainStage2Config, help="options of digitize.train_stage2")

    def __attrs_post_init__(self) -> None:
        unknown = [stage for stage in self.stages if stage not in STAGES]
        if unknown or not self.stages:
            raise ConfigError(f"stages: choose from 0, 1 and 2, found {list(self.stages)}")


def run(config: TrainAllConfig, context: RunContext) -> TaskResult:
    """Train each stage in a run folder of its own, ``stage0`` and so on, which can be resumed by itself.

    Raises:
        EcgError: a stage failed, and `stop_on_error` is set.
        RunInterrupted: the run was stopped; it goes on with ``--resume``.
    """
    summary: dict[str, Any] = {}
    failures: list[Failure] = []
    for stage in config.stages:
        try:
            summary[f"stage{stage}"] = dict(_train(stage, config, context).summary)
        except RunInterrupted:
            raise
        except EcgError as error:
            if config.stop_on_error:
                raise
            failures.append(Failure.from_error(f"stage{stage}", error))
    return TaskResult(summary=summary, failures=failures)


def _train(stage: int, config: TrainAllConfig, context: RunContext) -> TaskResult:
    folder = context.out_dir / f"stage{stage}"
    task = find_task(f"digitize.train_stage{stage}")
    begun = context.resume and (folder / "checkpoints").exists()
    own = attrs.evolve(context, task=task.name, out_dir=folder, resume=begun)
    return run_task(task, stage_config(stage, config), own)


def stage_config(stage: int, config: TrainAllConfig) -> TrainingConfig:
    """Options of a stage, with the records that all share, and only a step where it is for a try."""
    own: Any = getattr(config, f"stage{stage}")
    data = own.data if own.data.records else attrs.evolve(own.data, records=config.records)
    if not config.smoke:
        return attrs.evolve(own, data=data)
    data = attrs.evolve(data, steps_per_epoch=1, validation_batches=1, workers=0)
    return attrs.evolve(own, data=data, steps=1)
