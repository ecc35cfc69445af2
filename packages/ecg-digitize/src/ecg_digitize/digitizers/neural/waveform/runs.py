"""Runs of columns in which something holds."""

from __future__ import annotations

import numpy as np


def runs_of(there: np.ndarray) -> np.ndarray:
    """First place of every run of true values, and the one after its last, shape (runs, 2).

    Args:
        there: bool, shape (places,).
    """
    return np.flatnonzero(np.diff(np.concatenate(([False], there, [False])).astype(np.int8))).reshape(-1, 2)
