"""Means over seeds, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import attrs
import numpy as np
from scipy.stats import t

CONFIDENCE = 0.95


@attrs.frozen(kw_only=True)
class Estimate:
    """A mean over independent trainings, with Student's interval of 95 %.

    Attributes:
        mean: of the values.
        low, high: ends of the interval of the mean; NaN of fewer than two values.
        values: one a seed.
    """

    mean: float
    low: float
    high: float
    values: Sequence[float]

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """The estimate from values of several seeds."""
        mean, spread = float(np.mean(values)), float("nan")
        if len(values) > 1:
            error = np.std(values, ddof=1) / np.sqrt(len(values))
            spread = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1) * error)
        return cls(mean=mean, low=mean - spread, high=mean + spread, values=[float(value) for value in values])

    @classmethod
    def of_gain(cls, after: Sequence[float], before: Sequence[float]) -> Self:
        """The estimate of differences, paired by seed."""
        return cls.of([new - old for new, old in zip(after, before, strict=True)])
