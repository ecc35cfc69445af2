"""Signals to time-frequency images of one size: frequency upward, time to the right, decibels as colour."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import zoom
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import gaussian

from ecg_diffusion.images import SIDE_PX

ANCHORS_RGB = np.array(
    [
        (68, 1, 84),
        (71, 44, 122),
        (59, 81, 139),
        (44, 113, 142),
        (33, 144, 141),
        (39, 173, 129),
        (92, 200, 99),
        (170, 220, 50),
        (253, 231, 37),
    ],
    float,
)
"""The colour map viridis at nine levels from 0 to 1: lightness rises evenly, also in gray and for the colour-blind."""


def micro_doppler(received: np.ndarray, *, range_db: float = 45.0, window: int = 128) -> np.ndarray:
    """The spectrogram of a radar's echo.

    Args:
        received: complex, shape (pulses,), more than the window has.
        range_db: levels below the strongest that are still shown.
        window: pulses of a Gaussian window, of which a third is a standard deviation from its middle.

    Returns:
        uint8 RGB, shape (256, 256, 3); what approaches is above the middle.
    """
    hop = max(1, (len(received) - window) // SIDE_PX)
    transform = ShortTimeFFT(gaussian(window, window / 6), hop=hop, fs=1.0, mfft=SIDE_PX, fft_mode="centered")
    inside = {"p0": transform.lower_border_end[1], "p1": transform.upper_border_begin(len(received))[1]}
    power = transform.spectrogram(received, **inside)  # beyond, a window would see the signal begin or end
    levels = 10 * np.log10(power[::-1] + power.max() * 10 ** (-range_db / 10 - 2))
    shown = (levels - levels.max()) / range_db + 1
    return to_colours(_scaled(shown))


def _scaled(levels: np.ndarray) -> np.ndarray:
    """Levels as an array of the size of an image, interpolated linearly."""
    if levels.shape == (SIDE_PX, SIDE_PX):
        return levels
    return np.asarray(
        zoom(levels, (SIDE_PX / levels.shape[0], SIDE_PX / levels.shape[1]), order=1, grid_mode=True, mode="nearest")
    )


def to_colours(levels: np.ndarray) -> np.ndarray:
    """Map levels from 0 to 1, of any shape, to uint8 RGB in a last axis of 3; levels beyond are clipped."""
    place = np.clip(np.nan_to_num(levels), 0, 1) * (len(ANCHORS_RGB) - 1)
    channels = [np.interp(place, np.arange(len(ANCHORS_RGB)), anchors) for anchors in ANCHORS_RGB.T]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
