"""What training does to a recording, so that a network bears what it will meet."""

from __future__ import annotations

import numpy as np

from ecg_classify.data.config import AugmentConfig
from ecg_classify.signals import RATE_HZ, Prepared, normalised
from ecg_core.leads import STANDARD_LEADS

RHYTHM = STANDARD_LEADS.index("II")


def augmented(prepared: Prepared, config: AugmentConfig, rng: np.random.Generator) -> Prepared:
    """The recording moved in time, cut to what a page would show, with leads left out and noise.

    Args:
        prepared: of `ecg_classify.signals.prepare_signal`.
        config: how much of each.
        rng: what is drawn from.
    """
    most = round(config.shift_s * RATE_HZ)
    signal, seen = _moved(prepared, int(rng.integers(-most, most + 1)))
    if rng.random() < config.printed:
        columns = int(rng.choice(config.columns))
        seen = seen & printed_windows(columns, seen.shape[1], rhythm=bool(rng.random() < config.rhythm))
    kept = rng.random(len(signal)) >= config.lead_dropout
    if kept.any():
        seen = seen & kept[:, None]
    level = config.noise * rng.random()
    signal = signal + level * rng.standard_normal(signal.shape, np.float32)
    return normalised(np.where(seen, signal, np.nan))


def printed_windows(columns: int, num_samples: int, *, rhythm: bool) -> np.ndarray:
    """Which samples a page shows whose leads stand in so many columns, each with its share of the time.

    Returns:
        bool, shape (12, samples); all of lead II with ``rhythm``.
    """
    per_column = -(-len(STANDARD_LEADS) // columns)
    column = np.arange(len(STANDARD_LEADS)) // per_column
    when = np.arange(num_samples) * columns // num_samples
    shown = column[:, None] == when
    shown[RHYTHM] |= rhythm
    return np.asarray(shown)


def _moved(prepared: Prepared, by: int) -> tuple[np.ndarray, np.ndarray]:
    """Later by so many samples; what moves in was not seen."""
    signal, seen = np.zeros_like(prepared.signal), np.zeros_like(prepared.seen)
    length = signal.shape[1]
    into, out_of = slice(max(by, 0), length + min(by, 0)), slice(max(-by, 0), length + min(-by, 0))
    signal[:, into], seen[:, into] = prepared.signal[:, out_of], prepared.seen[:, out_of]
    return signal, seen
