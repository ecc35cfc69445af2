"""Memorisation: samples that are nearer to training pictures than new real pictures are."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

NEAR = 0.01
"""Quantile of the distances of real test pictures; the same share of samples lies below it if none is memorised."""

ROWS = 256
"""Pictures compared at a time, to bound the memory."""


@attrs.frozen(kw_only=True)
class Nearest:
    """The nearest reference of every query.

    Attributes:
        places: index of the reference, shape (queries,).
        distances: root of the mean squared difference of their values, shape (queries,).
    """

    places: np.ndarray
    distances: np.ndarray


@attrs.frozen(kw_only=True)
class Memorisation:
    """Distances of samples to training pictures, against those of real test pictures.

    Attributes:
        median_ratio: median distance of samples to the nearest training picture, by that of test pictures; about 1
            where nothing is memorised, 0 for copies.
        share_near: share of the samples that are nearer than 99 % of the test pictures; about 0.01 where nothing is
            memorised.
    """

    median_ratio: float
    share_near: float

    @classmethod
    def of(cls, samples: np.ndarray, test: np.ndarray) -> Memorisation:
        """Compare the distances of samples and of test pictures to training pictures."""
        median = float(np.median(test))
        return cls(
            median_ratio=float(np.median(samples)) / median if median else float("nan"),
            share_near=float((samples < np.quantile(test, NEAR)).mean()),
        )


def nearest(queries: np.ndarray, references: np.ndarray) -> Nearest:
    """Find the nearest reference of every query, by Euclidean distance.

    Args:
        queries: shape (queries, values).
        references: shape (references, values).
    """
    known = references.astype(np.float64)
    squares = (known**2).sum(axis=1)
    places: list[np.ndarray] = []
    distances: list[np.ndarray] = []
    for first in range(0, len(queries), ROWS):
        some = queries[first : first + ROWS].astype(np.float64)
        found = (squares - 2 * some @ known.T).argmin(axis=1)
        places.append(found)
        distances.append(np.sqrt(((some - known[found]) ** 2).mean(axis=1)))
    return Nearest(places=np.concatenate(places), distances=np.concatenate(distances))


def most_alike(found: Nearest, count: int) -> Sequence[int]:
    """Return the queries that are nearest to a reference, the nearest first."""
    return [int(place) for place in np.argsort(found.distances, kind="stable")[:count]]
