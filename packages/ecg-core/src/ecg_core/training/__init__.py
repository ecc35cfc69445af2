"""The training loop of every learned part; light to import, torch comes with its first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ecg_core.context import TaskResult

if TYPE_CHECKING:
    from ecg_core.context import RunContext
    from ecg_core.protocols import Dataset, Model
    from ecg_core.training.config import TrainingConfig


def fit(model: Model, dataset: Dataset, config: TrainingConfig, context: RunContext) -> Mapping[str, Any]:
    """Train with the trainer that the configuration names; returns a summary, see `ecg_core.protocols.Trainer`.

    Raises:
        PluginError: no such trainer, or a broken one.
        EcgError: what the trainer raises.
    """
    from ecg_core.plugins.registry import registry

    summary: Mapping[str, Any] = registry().load("trainers", config.trainer)().fit(model, dataset, config, context)
    return summary


def train_task(
    config: TrainingConfig, context: RunContext, *, model: Callable[[], Model], data: Callable[[], Dataset]
) -> TaskResult:
    """The run of a task that trains: seed, make the model and then the data set, fit, and hand back the summary.

    Args:
        config: the options of the task.
        context: of the run; checkpoints and figures go to its folder.
        model: makes the model, after torch has been seeded: equal seeds begin with equal weights. Mostly
            ``lambda: config.model.make(request)``, where ``model`` is an option of `ecg_core.config.plugin_option`.
        data: makes the data set, mostly ``lambda: config.data.make(request)``.

    Returns:
        The summary of `fit`, and after it what the data set has to tell, see `ecg_core.protocols.Dataset`.

    Raises:
        EcgError: what making the model or the data set raises, and as of `fit`.
    """
    import torch

    torch.manual_seed(context.seed)
    made, dataset = model(), data()
    summary = fit(made, dataset, config, context)
    tell = getattr(dataset, "summary", dict)
    return TaskResult(summary={**summary, **tell()})
