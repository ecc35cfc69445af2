"""How likely a reading is right, given the evidence for it: a logistic function, fitted to known pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import attrs
import numpy as np

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import CheckpointError

FORMAT_VERSION = 1
SHRINKAGE = 3e-2
"""Strength by which the weights are shrunk, so that figures that say the same share their weight, and pages unlike
those that were seen are not judged too surely."""


@attrs.frozen
class Figure:
    """A figure that is weighed.

    Attributes:
        name: of the figure.
        speaks_for: whether a larger one speaks for a lead or against it, as is known before anything is fitted.
        least_scale: a spread that is taken for so large at least: among pages that were well read a figure may hardly
            differ, and would count for too much on others.
    """

    name: str
    speaks_for: bool
    least_scale: float


@attrs.frozen(eq=False)
class Calibration:
    """A logistic function of some figures.

    Attributes:
        features: names of the figures.
        mean: mean of each figure among the leads that it was fitted to.
        scale: standard deviation of each figure among them.
        weights: weight of each figure once centred and scaled.
        bias: what is added.
        about: what it was fitted to, for the reader.
    """

    features: tuple[str, ...]
    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: float
    about: Mapping[str, Any] = attrs.field(factory=dict)

    def probability(self, evidence: Mapping[str, float]) -> float:
        """Probability that a lead is right, given its figures by name.

        Raises:
            CheckpointError: it weighs a figure that is not given.
        """
        if missing := [name for name in self.features if name not in evidence]:
            raise CheckpointError(f"the calibration weighs {', '.join(missing)}, of which the digitizer tells nothing")
        vector = np.array([evidence[name] for name in self.features], float)
        return float(self.of_vectors(vector[None])[0])

    def of_vectors(self, vectors: np.ndarray) -> np.ndarray:
        """Probabilities that leads are right, shape (leads,), given their figures, shape (leads, figures)."""
        from scipy.special import expit  # takes long to import, and not every process judges pages

        return np.asarray(expit((vectors - self.mean) / self.scale @ self.weights + self.bias))

    @classmethod
    def fit(cls, features: Sequence[Figure], vectors: np.ndarray, right: np.ndarray, about: Mapping[str, Any]) -> Self:
        """The most likely function, its weights a little shrunk, none against what its figure is known to say.

        Args:
            features: the figures.
            vectors: figures of each lead, shape (leads, figures).
            right: whether it was read right, shape (leads,).
            about: what it is fitted to.
        """
        from scipy.optimize import minimize  # takes long to import, and pages are read without
        from scipy.special import expit

        mean = vectors.mean(axis=0)
        scale = np.maximum(vectors.std(axis=0), [each.least_scale for each in features])
        standard = (vectors - mean) / scale
        sign = np.where(right, 1.0, -1.0)

        def cost(unknowns: np.ndarray) -> tuple[float, np.ndarray]:
            weights, bias = unknowns[:-1], unknowns[-1]
            margin = sign * (standard @ weights + bias)
            pull = -sign * expit(-margin) / len(sign)
            value = np.logaddexp(0, -margin).mean() + SHRINKAGE * weights @ weights / 2
            return float(value), np.append(pull @ standard + SHRINKAGE * weights, pull.sum())

        bounds = [(0.0, None) if each.speaks_for else (None, 0.0) for each in features] + [(None, None)]
        found = minimize(cost, np.zeros(len(features) + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
        names = tuple(each.name for each in features)
        return cls(names, mean, scale, found[:-1], float(found[-1]), dict(about))

    def write(self, path: Path) -> Path:
        """Write it as JSON, whole or not at all."""
        content = {
            "format": FORMAT_VERSION,
            "bias": self.bias,
            "features": {
                name: {"mean": mean, "scale": scale, "weight": weight}
                for name, mean, scale, weight in zip(
                    self.features, self.mean.tolist(), self.scale.tolist(), self.weights.tolist(), strict=True
                )
            },
            "about": dict(self.about),
        }
        atomic_write_text(path, json.dumps(content, indent=2) + "\n")
        return path

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote.

        Raises:
            CheckpointError: it is damaged or something else.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            table = content["features"]
            mean, scale, weights = (
                np.array([float(each[key]) for each in table.values()]) for key in ("mean", "scale", "weight")
            )
            return cls(tuple(table), mean, scale, weights, float(content["bias"]), content.get("about", {}))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(f"{path} is no calibration of a confidence: {error!r}") from error


@cache
def load_calibration(path: Path) -> Calibration:
    """A calibration, read once a process.

    Raises:
        CheckpointError: it is absent or damaged.
    """
    return Calibration.read(path)
