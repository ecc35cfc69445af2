"""The training loop of every learned part; light to import, torch comes with its first use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
