"""Networks written as ONNX, for use without torch."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from ecg_core.atomic import atomic_path
from ecg_core.onnx_seal import seal_file

OPSET = 17

Axes = Mapping[str, Mapping[int, str]]


def write_onnx(
    path: Path, net: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str], *, free_axes: Axes
) -> None:
    """Write a network as ONNX, whole or not at all; it needs the package onnx.

    Args:
        path: of the file.
        net: ready for use.
        inputs: an example of each, by name, in the order in which the network takes them.
        outputs: their names, in order.
        free_axes: axes of any length, by the name of the input or output: number of the axis to a name for it.
    """
    with atomic_path(path) as aside, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            net,
            tuple(inputs.values()),
            str(aside),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: dict(axes) for name, axes in free_axes.items()},
            dynamo=False,
            opset_version=OPSET,
        )
        seal_file(aside)
