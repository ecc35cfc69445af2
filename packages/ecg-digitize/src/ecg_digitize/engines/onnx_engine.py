"""Networks in ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

from ecg_core.errors import CheckpointError
from ecg_digitize.engines import Network


def open_network(path: Path) -> Network:
    """A network of an ONNX file.

    Raises:
        CheckpointError: it is damaged.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own errors have no common class
        raise CheckpointError(f"{path} is no ONNX file, or damaged: {error}") from error
    [entry] = session.get_inputs()

    def network(images: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(session.run(None, {entry.name: np.ascontiguousarray(images)}))

    return network
