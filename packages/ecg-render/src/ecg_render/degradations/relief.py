"""The shape of a sheet that does not lie flat, as the displacement of each of its points from its place on a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

import attrs
import numpy as np

from ecg_render.degradations.sampling import look_up

PROFILE_STEP_MM = 0.5


class Relief(Protocol):
    """A shape. Points are in millimetres from the centre of the sheet, x to the right, y down, z towards the viewer."""

    def displacement_mm(self, points_mm: np.ndarray) -> np.ndarray:
        """Displacement of points of the sheet, shape (points, 2), from their places when flat: shape (points, 3)."""
        ...

    def slope(self, points_mm: np.ndarray) -> np.ndarray:
        """Rise of the surface to the right and down at points of the sheet: both of shape (points, 2)."""
        ...


@attrs.frozen(kw_only=True, eq=False)
class Bend:
    """A sheet bent about parallel lines only, so that no length on it changes: folds and curls.

    Attributes:
        direction_deg: direction across the lines, clockwise from x.
        first_mm: distance of the first sample along that direction.
        profile: float32, shape (1, samples, 3): shift along that direction and height in millimetres, and slope,
            `PROFILE_STEP_MM` apart.
    """

    direction_deg: float
    first_mm: float
    profile: np.ndarray

    @classmethod
    def from_tilt(cls, direction_deg: float, distance_mm: np.ndarray, tilt_rad: np.ndarray) -> Self:
        """A bend with a given angle to the table at `profile_distances`; the middle sample stays where it is."""
        moved_mm = np.cumsum(np.stack((np.cos(tilt_rad) - 1, np.sin(tilt_rad)), axis=1), axis=0) * PROFILE_STEP_MM
        moved_mm -= moved_mm[len(moved_mm) // 2]
        profile = np.column_stack((moved_mm, np.tan(tilt_rad))).astype(np.float32)
        return cls(direction_deg=direction_deg, first_mm=float(distance_mm[0]), profile=profile[None])

    def displacement_mm(self, points_mm: np.ndarray) -> np.ndarray:
        shift_mm, height_mm, _rise = self._look_up(points_mm).T
        return np.stack((*(shift_mm * share for share in self._across), height_mm), axis=1)

    def slope(self, points_mm: np.ndarray) -> np.ndarray:
        return self._look_up(points_mm)[:, 2:] * self._across

    def _look_up(self, points_mm: np.ndarray) -> np.ndarray:
        return look_up(self.profile, (points_mm @ self._across - self.first_mm) / PROFILE_STEP_MM, 0)

    @property
    def _across(self) -> np.ndarray:
        direction = np.radians(self.direction_deg)
        return np.array((np.cos(direction), np.sin(direction)), np.float32)


def profile_distances(reach_mm: float) -> np.ndarray:
    """Distances of a `Bend` that covers a sheet up to so far from its centre."""
    num_steps = int(np.ceil(reach_mm / PROFILE_STEP_MM))
    return np.arange(-num_steps, num_steps + 1) * PROFILE_STEP_MM


@attrs.frozen
class Combined:
    """Shapes over one another; their displacements and slopes add up."""

    parts: Sequence[Relief]

    def displacement_mm(self, points_mm: np.ndarray) -> np.ndarray:
        return sum((part.displacement_mm(points_mm) for part in self.parts), np.zeros((len(points_mm), 3), np.float32))

    def slope(self, points_mm: np.ndarray) -> np.ndarray:
        return sum((part.slope(points_mm) for part in self.parts), np.zeros((len(points_mm), 2), np.float32))
