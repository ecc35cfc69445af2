"""Recordings to the probabilities of their classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import attrs
import numpy as np

from ecg_classify.classes import CLASSES
from ecg_classify.networks import Network, open_classifier
from ecg_classify.signals import Prepared, prepare_signal
from ecg_core.errors import DataError
from ecg_core.record import Record


@attrs.frozen(kw_only=True)
class Classification:
    """Probabilities of the classes of a recording.

    Attributes:
        probabilities: of each class, in the order of `ecg_classify.classes.CLASSES`; their sum is 1.
    """

    probabilities: Mapping[str, float]

    @property
    def label(self) -> str:
        """The most probable class."""
        return max(self.probabilities, key=lambda name: self.probabilities[name])


@attrs.frozen
class Classifier:
    """A trained network, ready for use.

    Attributes:
        network: of `ecg_classify.networks.open_classifier`.
    """

    network: Network

    @classmethod
    def load(cls, weights: str = "") -> Self:
        """The shipped weights, or others; errors as of `ecg_classify.networks.open_classifier`."""
        return cls(open_classifier(weights))

    def classify(self, record: Record) -> Classification:
        """Say what a recording is, measured or digitized, whole or in parts.

        Raises:
            DataError: none of the twelve leads is in it.
        """
        prepared = prepare_signal(record)
        if not prepared.seen.any():
            raise DataError(f"{record.name}: none of the twelve leads is in it; found {', '.join(record.lead_names)}")
        [row] = self.probabilities([prepared])
        return Classification(probabilities=dict(zip(CLASSES, row.tolist(), strict=True)))

    def probabilities(self, recordings: Sequence[Prepared]) -> np.ndarray:
        """Probabilities of several recordings, float64, shape (recordings, 5)."""
        signal = np.stack([each.signal for each in recordings])
        seen = np.stack([each.seen for each in recordings])
        [logits] = self.network(signal, seen)
        return softmax(logits)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities from logits, along the last axis."""
    raised = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def classify(record: Record, *, weights: str = "") -> Classification:
    """Say what a recording is, by the shipped weights or others; errors as of `Classifier`."""
    return Classifier.load(weights).classify(record)
