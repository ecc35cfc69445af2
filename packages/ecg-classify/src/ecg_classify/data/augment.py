"""What training does to a recording, so that a network bears what it will meet."""

from __future__ import annotations

import numpy as np

from ecg_classify.options import AugmentConfig
from ecg_classify.signals import RATE_HZ, Prepared, normalised
from ecg_core.leads import STANDARD_LEADS

RHYTHM = STANDARD_LEADS.index("II")


def augmented(prepared: Prepared, config: AugmentConfig, rng: np.random.Generator) -> Prepared:
    """The recording moved in time and quicker or slower, cut to what a page would show, with leads left out and noise.

    Args:
        prepared: of `ecg_classify.signals.prepare_signal`.
        config: how much of each.
        rng: what is drawn from.
    """
    most = round(config.shift_s * RATE_HZ)
    by, pace = int(rng.integers(-most, most + 1)), 1 + config.pace * rng.uniform(-1, 1)
    signal, seen = _moved(prepared, by, pace)
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


def mixed(first: Prepared, second: Prepared, share: float) -> Prepared:
    """So much of one recording and the rest of another (mixup, Zhang et al. 2018, arXiv 1710.09412)."""
    signal = share * first.signal + (1 - share) * second.signal
    return Prepared(signal=signal.astype(np.float32), seen=first.seen & second.seen)


def _moved(prepared: Prepared, by: int, pace: float) -> tuple[np.ndarray, np.ndarray]:
    """Later by so many samples, and so many times as quick about its middle; what moves in was not seen."""
    length = prepared.signal.shape[1]
    middle = (length - 1) / 2
    places = (np.arange(length) - by - middle) * pace + middle
    before = np.floor(places).clip(0, length - 2).astype(int)
    after_share = (places - before).astype(np.float32)
    signal = (1 - after_share) * prepared.signal[:, before] + after_share * prepared.signal[:, before + 1]
    inside = (places >= 0) & (places <= length - 1)
    seen = (
        inside & (prepared.seen[:, before] | (after_share == 1)) & (prepared.seen[:, before + 1] | (after_share == 0))
    )
    return np.where(inside, signal, 0), seen
