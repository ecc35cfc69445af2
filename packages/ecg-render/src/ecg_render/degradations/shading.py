"""How bright a surface is in the light of one lamp and of its surroundings."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_render.degradations.white_balance import balance_gains

MAX_WARMTH = 0.2


@attrs.frozen(kw_only=True)
class Lamp:
    """A lamp far away, and light from all sides.

    Attributes:
        azimuth_deg: direction on the sheet towards the lamp, clockwise from x.
        elevation_deg: of the lamp above the table; the lower, the stronger is the shading.
        ambient: share of the light that comes from all sides.
        warmth: colour of the lamp by that of the other light, as in `balance_gains`; flat paper stays white.
    """

    azimuth_deg: float = 225.0
    elevation_deg: float = 45.0
    ambient: float = 0.4
    warmth: float = 0.0

    def brightness(self, slope: np.ndarray) -> np.ndarray:
        """Light on matt paper, as a factor of that on a flat sheet.

        Args:
            slope: rise to the right and down, shape (points, 2).

        Returns:
            Of red, green and blue, shape (points, 3).
        """
        azimuth, elevation = np.radians(self.azimuth_deg), np.radians(self.elevation_deg)
        level = np.cos(elevation) * np.array([np.cos(azimuth), np.sin(azimuth)])
        towards_lamp = (np.sin(elevation) - slope @ level) / np.sqrt(1 + (slope**2).sum(axis=1))
        gained = np.maximum(towards_lamp, 0) / np.sin(elevation) - 1
        return 1 + gained[:, None] * ((1 - self.ambient) * balance_gains(self.warmth))


def random_lamp(rng: np.random.Generator) -> Lamp:
    """A lamp or a window anywhere around the sheet."""
    return Lamp(
        azimuth_deg=rng.uniform(0, 360),
        elevation_deg=rng.uniform(30, 55),
        ambient=rng.uniform(0.3, 0.55),
        warmth=rng.uniform(-MAX_WARMTH, MAX_WARMTH),
    )
