"""The engine ``torch``: runs a network of this package from its safetensors file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ecg_core.protocols import Network
from ecg_core.training.weights import read_weights
from ecg_digitize.learning.nets import build_net


def open_network(path: Path) -> Network:
    """A network of a safetensors file.

    Raises:
        CheckpointError: it is damaged, or of another task.
    """
    net = build_net(read_weights(path))

    @torch.inference_mode()
    def network(images: np.ndarray) -> tuple[np.ndarray, ...]:
        outputs = net(torch.from_numpy(np.ascontiguousarray(images)))
        together = outputs if isinstance(outputs, tuple) else (outputs,)
        return tuple(output.float().numpy() for output in together)

    return network
