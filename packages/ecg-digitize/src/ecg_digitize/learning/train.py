"""Tasks `digitize.train_stage0`, `_stage1`, `_stage2` and `digitize.train_reader`, which train a network each, and
`digitize.train_all`, which trains those of the stages."""

from __future__ import annotations

from typing import Any

import attrs

from ecg_core.config import Choice, option, plugin_option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, EcgError, RunInterrupted
from ecg_core.launch import find_task, run_task
from ecg_core.training import train_task
from ecg_core.training.config import OptimConfig, ScheduleConfig, TrainingConfig
from ecg_digitize.digitizers.neural.networks import READER, STAGE_NETWORKS
from ecg_digitize.learning.options import StageDataRequest, StageModelRequest

STAGES = tuple(range(len(STAGE_NETWORKS)))
STAGE_OF_TASK = {
    **{f"digitize.train_stage{stage}": name for stage, name in enumerate(STAGE_NETWORKS)},
    "digitize.train_reader": READER,
}
"""Name of the network that each task trains."""


@attrs.frozen(kw_only=True)
class TrainStageConfig(TrainingConfig):
    """Options of training that are the same for all networks."""

    workers: int = option(1, help="processes that make batches ahead; 0 makes them in between", minimum=0)
    optim: OptimConfig = option(factory=lambda: OptimConfig(lr=3e-3), help="optimizer")
    schedule: ScheduleConfig = option(factory=lambda: ScheduleConfig(warmup_steps=100), help="learning rate over time")
    clip_norm: float = option(1.0, help="largest norm of the gradient; 0: not clipped", minimum=0)
    monitor_mode: str = option("max", help="whether low or high is good", choices=("min", "max"))


@attrs.frozen(kw_only=True)
class TrainStage0Config(TrainStageConfig):
    """Options of `digitize.train_stage0`."""

    model: Choice = plugin_option(
        "models", "digitize.markers", help="network that finds names, pulses, separators and printed scales"
    )
    data: Choice = plugin_option("datasets", "digitize.marker_views", help="views of flat paper that it learns from")
    batch_size: int = option(32, help="views in a batch", minimum=1)
    monitor: str = option("mean_iou", help="figure of the evaluation that decides which checkpoint is best")


@attrs.frozen(kw_only=True)
class TrainStage1Config(TrainStageConfig):
    """Options of `digitize.train_stage1`."""

    model: Choice = plugin_option("models", "digitize.grid", help="network that finds crossings, lines and ink")
    data: Choice = plugin_option("datasets", "digitize.grid_crops", help="crops of pages that it learns from")
    batch_size: int = option(8, help="crops in a batch", minimum=1)
    monitor: str = option("iou_crossing", help="figure of the evaluation that decides which checkpoint is best")


@attrs.frozen(kw_only=True)
class TrainStage2Config(TrainStageConfig):
    """Options of `digitize.train_stage2`."""

    model: Choice = plugin_option("models", "digitize.waveform", help="network that reads a row of a flat page")
    data: Choice = plugin_option("datasets", "digitize.strips", help="strips of flat paper that it learns from")
    batch_size: int = option(8, help="strips in a batch", minimum=1)
    monitor: str = option("snr_db", help="figure of the evaluation that decides which checkpoint is best")


@attrs.frozen(kw_only=True)
class TrainReaderConfig(TrainStageConfig):
    """Options of `digitize.train_reader`."""

    model: Choice = plugin_option("models", "digitize.reader", help="network that spells the words of names and scales")
    data: Choice = plugin_option("datasets", "digitize.words", help="crops of printed words that it learns from")
    batch_size: int = option(64, help="crops in a batch", minimum=1)
    monitor: str = option("read", help="figure of the evaluation that decides which checkpoint is best")


def run_stage0(config: TrainStage0Config, context: RunContext) -> TaskResult:
    """Train the marker network; errors as of `ecg_core.training.train_task`."""
    return _train("markers", config, context)


def run_stage1(config: TrainStage1Config, context: RunContext) -> TaskResult:
    """Train the grid network; errors as of `ecg_core.training.train_task`."""
    return _train("grid", config, context)


def run_stage2(config: TrainStage2Config, context: RunContext) -> TaskResult:
    """Train the waveform network; errors as of `ecg_core.training.train_task`."""
    return _train("waveform", config, context)


def run_reader(config: TrainReaderConfig, context: RunContext) -> TaskResult:
    """Train the reader; errors as of `ecg_core.training.train_task`."""
    return _train(READER, config, context)


StageConfig = TrainStage0Config | TrainStage1Config | TrainStage2Config | TrainReaderConfig


def _train(stage: str, config: StageConfig, context: RunContext) -> TaskResult:
    """Train what is chosen for a stage, and leave checkpoints and figures in the run folder."""
    request = StageDataRequest(stage=stage, batch_size=config.batch_size, workers=config.workers, seed=context.seed)
    return train_task(
        config,
        context,
        model=lambda: config.model.make(StageModelRequest(stage=stage)),
        data=lambda: config.data.make(request),
    )


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


def run_all(config: TrainAllConfig, context: RunContext) -> TaskResult:
    """Train each stage in a run folder of its own, ``stage0`` and so on, which can be resumed by itself.

    Raises:
        EcgError: a stage failed, and `stop_on_error` is set.
        RunInterrupted: the run was stopped; it goes on with ``--resume``.
    """
    summary: dict[str, Any] = {}
    failures: list[Failure] = []
    for stage in config.stages:
        try:
            summary[f"stage{stage}"] = dict(_run_stage(stage, config, context).summary)
        except RunInterrupted:
            raise
        except EcgError as error:
            if config.stop_on_error:
                raise
            failures.append(Failure.from_error(f"stage{stage}", error))
    return TaskResult(summary=summary, failures=failures)


def _run_stage(stage: int, config: TrainAllConfig, context: RunContext) -> TaskResult:
    folder = context.out_dir / f"stage{stage}"
    task = find_task(f"digitize.train_stage{stage}")
    begun = context.resume and (folder / "checkpoints").exists()
    own = attrs.evolve(context, task=task.name, out_dir=folder, resume=begun)
    return run_task(task, stage_config(stage, config), own)


def stage_config(stage: int, config: TrainAllConfig) -> TrainStageConfig:
    """The options of a stage, with the records that all share, and a single step where the run is a mere try."""
    own: Any = getattr(config, f"stage{stage}")
    if not getattr(own.data.options, "records", ()):
        own = attrs.evolve(own, data=with_options(own.data, records=config.records))
    if not config.smoke:
        return own
    return attrs.evolve(own, data=with_options(own.data, steps_per_epoch=1, validation_batches=1), steps=1, workers=0)


def with_options(choice: Choice, **changes: Any) -> Choice:
    """The same plugin with other options; those that it does not have are left out."""
    if choice.options is None:
        return choice
    known = attrs.fields_dict(type(choice.options))
    own = {name: value for name, value in changes.items() if name in known}
    return attrs.evolve(choice, options=attrs.evolve(choice.options, **own))
