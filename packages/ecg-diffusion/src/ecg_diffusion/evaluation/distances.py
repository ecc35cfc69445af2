"""Distances between two sets of pictures in the space of features: fidelity and diversity.

Every function takes features of shape (pictures, features), one set after the other.
"""

from __future__ import annotations

import attrs
import numpy as np
from scipy.spatial.distance import cdist

NEIGHBOURS = 3


@attrs.frozen(kw_only=True)
class Fidelity:
    """Distances of pictures from real ones.

    Attributes:
        pictures: number of each set that was compared; the Fréchet distance falls with it.
        frechet: Fréchet distance, Heusel et al. 2017.
        kernel: kernel distance, Bińkowski et al. 2018.
        precision: share of the pictures that lie among the real ones.
        recall: share of the real ones that lie among the pictures.
    """

    pictures: int
    frechet: float
    kernel: float
    precision: float
    recall: float

    @classmethod
    def of(cls, made: np.ndarray, real: np.ndarray) -> Fidelity:
        """Measure the distances of samples from real pictures."""
        return cls(
            pictures=len(made),
            frechet=frechet_distance(made, real),
            kernel=kernel_distance(made, real),
            precision=coverage(made, real),
            recall=coverage(real, made),
        )


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Fréchet distance of normal distributions fitted to two sets (Heusel et al. 2017, arXiv:1706.08500).

    On the features of another network than Inception it cannot be compared with published values.
    """
    moments = [(each.mean(axis=0), np.cov(each, rowvar=False)) for each in (first, second)]
    return frechet_of_moments(*moments[0], *moments[1])


def frechet_of_moments(mean: np.ndarray, cov: np.ndarray, other_mean: np.ndarray, other_cov: np.ndarray) -> float:
    """``|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))``.

    The trace of the root of a product of covariances is the sum of the singular values of the product of their roots,
    which stays real and exact where there are fewer pictures than features.
    """
    roots = _root(np.atleast_2d(cov)) @ _root(np.atleast_2d(other_cov))
    traces = np.trace(np.atleast_2d(cov)) + np.trace(np.atleast_2d(other_cov)) - 2 * np.linalg.norm(roots, "nuc")
    return float(max(np.sum((mean - other_mean) ** 2) + traces, 0.0))


def kernel_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the unbiased squared maximum mean discrepancy with the kernel ``(x·y / d + 1)^3``.

    The kernel inception distance of Bińkowski et al. 2018 (arXiv:1801.01401), over the whole sets. It is zero in the
    mean for independent draws of one distribution, whatever their number, and a little below for sets with as many of
    each class.
    """
    across = _kernel(first, second).mean()
    return float(_mean_of_pairs(_kernel(first, first)) + _mean_of_pairs(_kernel(second, second)) - 2 * across)


def coverage(queries: np.ndarray, references: np.ndarray, *, neighbours: int = NEIGHBOURS) -> float:
    """Return the share of queries within reach of a reference: no farther than its third nearest neighbour.

    The improved precision of Kynkäänniemi et al. 2019 (arXiv:1904.06991) where the references are real, and recall
    where the queries are.
    """
    within = cdist(references, references)
    place = min(neighbours, len(references) - 1)
    radii = np.partition(within, place, axis=1)[:, place]
    return float((cdist(queries, references) <= radii).any(axis=1).mean())


def _root(cov: np.ndarray) -> np.ndarray:
    """Return the symmetric root of a covariance; eigenvalues rounded below zero count as zero."""
    values, vectors = np.linalg.eigh(cov)
    return np.asarray((vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T)


def _kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.asarray((first.astype(np.float64) @ second.T.astype(np.float64) / first.shape[1] + 1) ** 3)


def _mean_of_pairs(kernel: np.ndarray) -> float:
    """Return the mean over pairs of two different pictures, which makes the estimate unbiased."""
    count = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (count * (count - 1)))
