"""How far beats stand apart."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.structure.beats import beat_distance_mm, complex_width_mm
from ecg_digitize.digitizers.structure.long_rows import STEP_MM

LENGTH_MM = 250.0


def row_mm(beats_mm: np.ndarray, rng: np.random.Generator, *, num_others: int) -> np.ndarray:
    """A trace with complexes at some places, and as many spikes as steep at any others."""
    x_mm = np.arange(0, LENGTH_MM, STEP_MM)
    others_mm = rng.uniform(0, LENGTH_MM, num_others)
    waves = (3.0 * np.exp(-(((x_mm[:, None] - beats_mm) / 1.5) ** 2))).sum(axis=1)
    return np.asarray(waves + (2.0 * np.exp(-(((x_mm[:, None] - others_mm) / 1.0) ** 2))).sum(axis=1))


@pytest.mark.parametrize("num_others", [0, 5])
def test_noise_as_steep_as_complexes_stands_elsewhere_in_every_row(num_others: int) -> None:
    rng = np.random.default_rng(0)
    beats_mm = np.arange(40.0, LENGTH_MM - 10, 60.0)
    rows = [row_mm(beats_mm, rng, num_others=num_others) for _ in range(6)]
    assert beat_distance_mm(rows, STEP_MM) == pytest.approx(60.0, abs=4.0)
    assert (complex_width_mm(rows, STEP_MM) is None) == (num_others > 0), "noise has no width that tells anything"


def test_noise_alone_has_no_beats_in_common() -> None:
    rng = np.random.default_rng(1)
    none = np.array([-100.0])
    assert beat_distance_mm([row_mm(none, rng, num_others=7) for _ in range(6)], STEP_MM) is None
    assert beat_distance_mm([], STEP_MM) is None
