"""ONNX networks that compute in whole numbers of eight bits, two to three times as fast on a processor."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from ecg_core.atomic import atomic_path
from ecg_core.onnx_seal import seal_file


class _Examples:
    """Hands examples to the quantizer one by one, as its ``CalibrationDataReader`` does."""

    def __init__(self, name: str, examples: Sequence[np.ndarray]) -> None:
        self._left: Iterator[dict[str, np.ndarray]] = iter([{name: example} for example in examples])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._left, None)


def write_int8(path: Path, source: Path, examples: Sequence[np.ndarray], *, input_name: str = "image") -> None:
    """Write a network of one input anew, its weights and activations as eight-bit numbers, whole or not at all.

    The scales of the weights are those of each output channel; those of the activations span what the examples give
    (static quantization, Jacob et al. 2018, arXiv 1712.05877). Weights take seven of the eight bits: processors
    without VNNI add products in pairs of 16 bits, which eight would overflow.

    Args:
        path: of the file; it may be ``source`` itself.
        source: the network in floating point.
        examples: inputs such as it will get, about ten.
        input_name: of its input.

    Raises:
        ValueError: there are no examples.
    """
    if not examples:
        raise ValueError("a network in whole numbers needs examples of what it will get, found none")
    with tempfile.TemporaryDirectory() as folder, atomic_path(path) as aside, _quiet():
        plain = Path(folder, "plain.onnx")
        quant_pre_process(str(source), str(plain), skip_symbolic_shape=True)
        quantize_static(
            str(plain),
            str(aside),
            _Examples(input_name, examples),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        seal_file(aside)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the quantizer's advice, which it logs by the root logger, to do what was done."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
