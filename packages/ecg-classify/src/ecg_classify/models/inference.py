"""Trained classifiers in torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from ecg_classify.networks import Network
from ecg_classify.options import ClassifyNetworkConfig
from ecg_core.training.weights import Weights, read_weights

TASK = "classify.train"


def open_network(path: Path) -> Network:
    """A classifier of a safetensors file or of a run folder.

    Raises:
        CheckpointError: it is damaged, or of another task.
        PluginError: its model comes from a plugin that is not here.
    """
    return network_of(read_weights(path))


def network_of(weights: Weights) -> Network:
    """A classifier of some weights; errors as of `build_classifier`."""
    net = build_classifier(weights)

    @torch.inference_mode()
    def network(signal: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, ...]:
        return (net(torch.from_numpy(signal), torch.from_numpy(seen)).float().numpy(),)

    return network


def build_classifier(weights: Weights) -> nn.Module:
    """The network of some weights, ready for use.

    Raises:
        CheckpointError: they are of another task.
        PluginError: its model comes from a plugin that is not here.
    """
    weights.require_task(TASK)
    net: nn.Module = weights.options(ClassifyNetworkConfig).make(restored=True)
    weights.put_into(net)
    return net.eval()
