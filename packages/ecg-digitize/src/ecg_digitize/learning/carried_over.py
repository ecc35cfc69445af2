"""Weights of a marker network with other classes, made fit for today's: rows of its head are taken by class."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping

import torch
from torch import Tensor

from ecg_digitize.digitizers.neural.markers.classes import CLASSES, EARLIER_CLASSES

WEIGHT, BIAS = "network.head.0.weight", "network.head.0.bias"
"""Names of the head's tensors, whose first axis has, for each class in turn, the pixels of a square."""

NEW_LOGIT = -6.0
"""The logit of a class that is begun anew, everywhere: so low that it is claimed nowhere before it has been learned."""

log = logging.getLogger(__name__)


def with_classes_of_today(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Weights whose head has today's classes.

    A class of today takes the rows of the same name, or is begun anew. Classes that had one name are joined: their mean
    is taken, and raised as their probabilities add up where both are equally likely.

    Args:
        tensors: weights by name; those of today's classes, and of unknown ones, are given back as they are.
        own: the tensors of a network of today.
    """
    side = len(own[BIAS]) // len(CLASSES)
    earlier = EARLIER_CLASSES.get(len(tensors[BIAS]) // side) if BIAS in tensors else None
    if earlier is None:
        return tensors
    weight, bias = torch.zeros_like(own[WEIGHT]), torch.full_like(own[BIAS], NEW_LOGIT)
    for place, name in enumerate(CLASSES):
        there = [before for before, known in enumerate(earlier) if known == name]
        if there:
            rows = slice(place * side, (place + 1) * side)
            weight[rows] = _of_classes(tensors[WEIGHT], there, side).mean(dim=0)
            bias[rows] = _of_classes(tensors[BIAS], there, side).mean(dim=0) + math.log(len(there))
    log.info(
        "of %d tensors all are taken over, those of the head by class; begun anew: %s",
        len(tensors),
        ", ".join(name for name in CLASSES if name not in earlier),
    )
    return {**tensors, WEIGHT: weight, BIAS: bias}


def _of_classes(tensor: Tensor, classes: list[int], side: int) -> Tensor:
    """The rows of some classes, shape (classes, side, …)."""
    return tensor.reshape(-1, side, *tensor.shape[1:])[classes]
