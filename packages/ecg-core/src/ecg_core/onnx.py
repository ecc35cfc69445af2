"""Networks of ONNX files in ONNX Runtime, which the packages bring that ship such files."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime

from ecg_core.errors import CheckpointError
from ecg_core.onnx_seal import check_file
from ecg_core.processes.cores import threads_told


def open_network(path: Path) -> Callable[..., tuple[np.ndarray, ...]]:
    """A network of an ONNX file, from its inputs in their order to its outputs.

    It uses as many threads as ``OMP_NUM_THREADS`` says, by default one a core.

    Raises:
        CheckpointError: it is damaged.
    """
    check_file(path)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    _share_memory(options)
    options.enable_mem_pattern = False  # pictures differ in size, and memory laid out for each would only grow
    if (threads := threads_told()) is not None:
        options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own errors have no common class
        raise CheckpointError(f"{path} is no ONNX file, or damaged: {error}") from error
    names = [entry.name for entry in session.get_inputs()]

    def network(*inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        given = dict(zip(names, map(np.ascontiguousarray, inputs), strict=True))
        return tuple(session.run(None, given))

    return network


def _share_memory(options: onnxruntime.SessionOptions) -> None:
    """Let all networks of the process use the same memory: they never run at the same time."""
    _one_arena()
    options.add_session_config_entry("session.use_env_allocators", "1")


@cache
def _one_arena() -> None:
    place = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(place, onnxruntime.OrtArenaCfg(0, -1, -1, -1))
