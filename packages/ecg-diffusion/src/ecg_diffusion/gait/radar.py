"""The radar echo of a walker: every segment of the body scatters from a point at its middle.

After Chen, "The Micro-Doppler Effect in Radar", 2nd edition, Artech House 2019, chapter 4: each segment is an ellipsoid
as long and as thick as it, whose radar cross section depends on the side from which it is seen.
"""

from __future__ import annotations

import attrs
import numpy as np

from ecg_diffusion.gait.walk import Walker, joints

SEGMENTS = (
    ("spine", "neck", 0.15),
    ("neck", "head", 0.10),
    *(
        (f"{side} {upper}", f"{side} {lower}", radius)
        for side in ("left", "right")
        for upper, lower, radius in (
            ("shoulder", "elbow", 0.06),
            ("elbow", "hand", 0.05),
            ("hip", "knee", 0.07),
            ("knee", "ankle", 0.06),
            ("ankle", "toe", 0.05),
        )
    ),
)
"""Segments of the body: the two joints of each, and half its thickness in metres."""


@attrs.frozen(kw_only=True)
class Radar:
    """A radar that stands still and looks at the walker.

    Attributes:
        wavelength_m: 12.5 mm is 24 GHz.
        pulses_per_s: samples a second.
        distance_m: distance of the walker at the beginning, along the path.
        aside_m: distance of the radar from the path, to the left.
        height_m: height of the radar above the ground.
    """

    wavelength_m: float = 0.0125
    pulses_per_s: float = 2000.0
    distance_m: float = 12.0
    aside_m: float = 0.0
    height_m: float = 1.0

    @property
    def fastest_m_per_s(self) -> float:
        """Greatest velocity towards the radar or away that is unambiguous."""
        return self.wavelength_m * self.pulses_per_s / 4


def echo(walker: Walker, radar: Radar, *, duration_s: float, first_phase: float = 0.0) -> np.ndarray:
    """Compute the received signal: complex128, shape (pulses,), the sum over the segments, in arbitrary units."""
    times_s = np.arange(round(duration_s * radar.pulses_per_s)) / radar.pulses_per_s
    body = joints(walker, times_s, first_phase=first_phase)
    place = np.array([radar.distance_m, radar.aside_m, radar.height_m])
    received = np.zeros(len(times_s), complex)
    for upper, lower, radius_m in SEGMENTS:
        way = (body[upper] + body[lower]) / 2 - place
        range_m = np.linalg.norm(way, axis=1)
        seen = amplitude(body[lower] - body[upper], way / range_m[:, None], radius_m)
        received += seen / range_m**2 * np.exp(-4j * np.pi * range_m / radar.wavelength_m)
    return received


def amplitude(segment: np.ndarray, sight: np.ndarray, radius_m: float) -> np.ndarray:
    """Return the root of the radar cross section of an ellipsoid of revolution, in metres.

    Args:
        segment: its axis from end to end in metres, shape (times, 3).
        sight: unit vector of the line of sight, the same shape.
        radius_m: half its thickness.
    """
    half_m = np.linalg.norm(segment, axis=1) / 2
    cosine = np.abs((segment * sight).sum(axis=1)) / np.maximum(2 * half_m, 1e-9)
    below = radius_m**2 * (1 - cosine**2) + half_m**2 * cosine**2
    return np.asarray(np.sqrt(np.pi) * radius_m**2 * half_m / below)
