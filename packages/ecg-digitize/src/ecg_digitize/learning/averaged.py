"""The mean of the weights of two trainings, one of which began with the other: often better than either.

Wortsman et al. (2022), Robust fine-tuning of zero-shot models.
"""

from __future__ import annotations

import attrs

from ecg_core.errors import CheckpointError
from ecg_core.training.weights import Weights


def mean_of(weights: Weights, other: Weights) -> Weights:
    """The mean of two sets of weights of one network, which says of itself what the first says.

    Tensors of whole numbers, such as counters, are those of the first.

    Args:
        weights: those of a training.
        other: those that it began with, or that began where it did.

    Raises:
        CheckpointError: they are of different networks.
    """
    mine, theirs = ({name: tensor.shape for name, tensor in each.tensors.items()} for each in (weights, other))
    if mine != theirs:
        differing = sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
        raise CheckpointError(
            f"{weights.path} and {other.path} are of different networks: {differing[0]} and {len(differing) - 1} other "
            "tensors are not the same in both; the mean is taken of one network alone"
        )
    mean = {
        name: (tensor + other.tensors[name].to(tensor.dtype)) / 2 if tensor.is_floating_point() else tensor
        for name, tensor in weights.tensors.items()
    }
    return attrs.evolve(weights, tensors=mean, about={**weights.about, "averaged_with": other.path.name})
