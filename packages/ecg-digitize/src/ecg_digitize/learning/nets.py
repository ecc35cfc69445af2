"""The networks of the three stages, built again from their weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from torch import nn

from ecg_core.config import structure
from ecg_core.errors import CheckpointError
from ecg_core.training.weights import Weights
from ecg_digitize.learning.grid_net import GridNet
from ecg_digitize.learning.marker_net import MarkerNet
from ecg_digitize.learning.page_unet_config import PageUNetConfig
from ecg_digitize.learning.waveform_config import WaveformNetConfig
from ecg_digitize.learning.waveform_net import WaveformNet


@attrs.frozen
class NetKind:
    """The network of a stage.

    Attributes:
        name: of its files.
        config: class of its options.
        build: makes it of them.
        outputs: names of what it gives.
    """

    name: str
    config: type
    build: Callable[[Any], nn.Module]
    outputs: tuple[str, ...]


KINDS = {
    "digitize.train_stage0": NetKind("markers", PageUNetConfig, MarkerNet, ("names",)),
    "digitize.train_stage1": NetKind("grid", PageUNetConfig, GridNet, ("maps",)),
    "digitize.train_stage2": NetKind("waveform", WaveformNetConfig, WaveformNet, ("columns",)),
}
"""By the task that trains them."""


def kind_of(weights: Weights) -> NetKind:
    """Which network weights belong to.

    Raises:
        CheckpointError: to none of the three stages.
    """
    task = weights.about.get("task")
    if task not in KINDS:
        raise CheckpointError(f"{weights.path} was made by {task!r}, not by one of {', '.join(KINDS)}")
    return KINDS[task]


def build_net(weights: Weights) -> nn.Module:
    """A network with its weights, ready for use; nothing is downloaded for it, since all its weights are there.

    Raises:
        CheckpointError: they belong to none of the three stages, or to another network.
    """
    kind = kind_of(weights)
    config: Any = structure(kind.config, weights.config.get("net", {}))
    if hasattr(config, "pretrained"):
        config = attrs.evolve(config, pretrained=False)
    net = kind.build(config)
    weights.put_into(net)
    return net.eval()
