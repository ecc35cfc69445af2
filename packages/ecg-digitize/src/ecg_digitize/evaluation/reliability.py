"""Whether the confidence in a lead is reliable: how often leads of a given confidence were read right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_digitize.evaluation.score import PageScore
from ecg_digitize.record.quality import RIGHT_DB


def confidence_and_outcome(scores: Sequence[PageScore]) -> tuple[np.ndarray, np.ndarray]:
    """The confidence in every lead that was read, and whether it was read right."""
    pairs = [
        (score.confidence[lead], db >= RIGHT_DB)
        for score in scores
        for lead, db in score.snr.lead_db.items()
        if lead in score.confidence
    ]
    return np.array([each for each, _ in pairs], float), np.array([each for _, each in pairs], bool)


def calibration_error(claimed: np.ndarray, right: np.ndarray, num_bins: int = 10) -> float:
    """Expected calibration error (Naeini et al. 2015): the mean distance of confidence and outcome.

    Args:
        claimed: confidence in each lead.
        right: whether each lead was read right.
        num_bins: bins of equal width over which the leads are spread by their confidence.
    """
    number = np.minimum((claimed * num_bins).astype(int), num_bins - 1)
    filled = [number == each for each in range(num_bins) if (number == each).any()]
    return float(sum(own.mean() * abs(claimed[own].mean() - right[own].mean()) for own in filled))


def log_loss(claimed: np.ndarray, right: np.ndarray) -> float:
    """Mean negative log-likelihood of the outcomes under the claimed confidence, in nats."""
    likely = np.where(right, claimed, 1 - claimed)
    return float(-np.log(np.maximum(likely, 1e-9)).mean())
