"""The options that trained weights were made with, in the form of today and in the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

from ecg_core.config.choice import NAME

if TYPE_CHECKING:
    from ecg_core.training.weights import Weights

OptionsT = TypeVar("OptionsT")


def trained_options(weights: Weights, cls: type[OptionsT], *, section: str) -> OptionsT:
    """Read those options of a training that a configuration class has; others keep their defaults.

    Args:
        weights: trained weights.
        cls: a configuration class with an option ``model``.
        section: name under which earlier versions saved the options of the model, beside its name.

    Raises:
        CheckpointError: the class or the model does not know an option.
        PluginError: the model comes from a plugin that is not installed, or is broken.
    """
    saved = weights.config
    if isinstance(saved.get("model"), str) and section in saved:
        config = {**saved, "model": {**saved[section], NAME: saved["model"]}}
        weights = attrs.evolve(weights, about={**weights.about, "config": config})
    return weights.options(cls)
