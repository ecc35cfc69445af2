"""Temperature scaling: one number that all logits are divided by, so that the confidence fits what is right."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

LEAST, MOST = 0.1, 10.0
TINY = 1e-12


def best_temperature(probabilities: np.ndarray, targets: np.ndarray) -> float:
    """Temperature with which recordings are likeliest (Guo et al. 2017, arXiv:1706.04599); above 1 softens.

    Args:
        probabilities: shape (recordings, classes), of recordings that the network was not trained on.
        targets: bool, the same shape: the classes each is of; of several, each has its share.
    """
    shares = targets / targets.sum(axis=1, keepdims=True)

    def surprise(log_temperature: float) -> float:
        found = np.log(with_temperature(probabilities, float(np.exp(log_temperature))) + TINY)
        return float(-(shares * found).sum(axis=1).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(np.log(LEAST), np.log(MOST)), method="bounded").x))


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """The probabilities that follow when the logits behind them are divided by a temperature."""
    raised = (probabilities + TINY) ** (1 / temperature)
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))
