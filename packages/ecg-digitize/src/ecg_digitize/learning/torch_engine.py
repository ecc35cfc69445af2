"""The engine `torch`: a trained network, built again from its weights and run in torch."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np
import torch
from torch import nn

from ecg_core.config import Choice, plugin_option
from ecg_core.errors import CheckpointError
from ecg_core.protocols import Network
from ecg_core.training.weights import Weights, read_weights
from ecg_digitize.learning.options import StageModelRequest
from ecg_digitize.learning.train import STAGE_OF_TASK


@attrs.frozen(kw_only=True)
class NetworkConfig:
    """The options of a training that say what its network is: all that an exported network tells of them."""

    model: Choice = plugin_option("models", "digitize.waveform", help="the network")


def open_network(path: Path) -> Network:
    """Open the network of a safetensors file.

    Raises:
        CheckpointError: the file is damaged, or of another task.
        PluginError: the plugin that the network is of is not installed.
    """
    net = build_network(read_weights(path))

    @torch.inference_mode()
    def network(images: np.ndarray) -> tuple[np.ndarray, ...]:
        outputs = net(torch.from_numpy(np.ascontiguousarray(images)))
        together = outputs if isinstance(outputs, tuple) else (outputs,)
        return tuple(output.float().numpy() for output in together)

    return network


def build_network(weights: Weights) -> nn.Module:
    """A network with its weights, ready for use; nothing is downloaded for it, since all its weights are there.

    Raises:
        CheckpointError: the weights belong to no network of the digitizer, or to another version of the network.
        PluginError: the plugin that the network is of is not installed.
    """
    net = _as_drawn(weights)
    try:
        weights.put_into(net)
    except CheckpointError as error:
        raise CheckpointError(
            f"{error}. What an earlier version trained is made fit by `ecg run digitize.export --set run=FILE`"
        ) from error
    return net.eval()


def of_this_version(weights: Weights) -> Weights:
    """Weights of an earlier version as a training that begins with them takes them over; others as they are.

    Raises:
        CheckpointError, PluginError: as of `build_network`.
    """
    return weights.adopted_by(_as_drawn(weights))


def _as_drawn(weights: Weights) -> nn.Module:
    request = StageModelRequest(stage=stage_of(weights), restored=True)
    net: nn.Module = weights.options(NetworkConfig).model.make(request)
    return net


def stage_of(weights: Weights) -> str:
    """The stage that weights belong to: ``markers``, ``grid``, ``waveform`` or ``reader``.

    Raises:
        CheckpointError: they belong to none of them, or do not say of which network they are.
    """
    task = weights.about.get("task")
    if task not in STAGE_OF_TASK:
        raise CheckpointError(f"{weights.path} was made by {task!r}, not by one of {', '.join(STAGE_OF_TASK)}")
    if "model" not in weights.config:
        raise CheckpointError(f"{weights.path} does not say of which network it is: there is no `model` in its options")
    return STAGE_OF_TASK[task]
