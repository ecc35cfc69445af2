"""An engine: what opens the file of a network, and gives a function that runs it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

from ecg_core.errors import CheckpointError
from ecg_core.protocols import Network


def open_network(path: Path) -> Network:
    """A network of an ONNX file, on one thread.

    Raises:
        CheckpointError: it is damaged.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise CheckpointError(f"{path} is no ONNX file, or damaged: {error}") from error
    names = [each.name for each in session.get_inputs()]

    def network(*inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(session.run(None, dict(zip(names, inputs, strict=True))))

    return network
