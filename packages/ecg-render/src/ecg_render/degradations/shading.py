"""How bright a surface is in the light of one lamp and of its surroundings."""

from __future__ import annotations

import attrs
import numpy as np


@attrs.frozen(kw_only=True)
class Lamp:
    """A lamp far away, and light from all sides.

    Attributes:
        azimuth_deg: direction on the sheet towards the lamp, clockwise from x.
        elevation_deg: of the lamp above the table; the lower, the stronger is the shading.
        ambient: share of the light that comes from all sides.
    """

    azimuth_deg: float = 225.0
    elevation_deg: float = 45.0
    ambient: float = 0.4

    def brightness(self, slope: np.ndarray) -> np.ndarray:
        """Light on matt paper, as a factor of that on a flat sheet.

        Args:
            slope: rise to the right and down, shape (points, 2).

        Returns:
            Shape (points,).
        """
        azimuth, elevation = np.radians(self.azimuth_deg), np.radians(self.elevation_deg)
        level = np.cos(elevation) * np.array([np.cos(azimuth), np.sin(azimuth)])
        towards_lamp = (np.sin(elevation) - slope @ level) / np.sqrt(1 + (slope**2).sum(axis=1))
        return self.ambient + (1 - self.ambient) * np.maximum(towards_lamp, 0) / np.sin(elevation)


def random_lamp(rng: np.random.Generator) -> Lamp:
    """A lamp or a window anywhere around the sheet."""
    return Lamp(azimuth_deg=rng.uniform(0, 360), elevation_deg=rng.uniform(30, 55), ambient=rng.uniform(0.3, 0.55))
