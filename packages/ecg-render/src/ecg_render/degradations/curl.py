"""Paper that will not lie flat: bent like the side of a cylinder, or with an edge that rises."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.photograph import photograph
from ecg_render.degradations.relief import Bend, profile_distances
from ecg_render.degradations.shading import Lamp, random_lamp
from ecg_render.page import Page

RADII_MM = (400.0, 1500.0)
FLAT_PARTS_MM = (-60.0, 60.0)
MAX_TILT_DEG = 25.0


def degrade(page: Page, seed: int) -> Page:
    """Curl a page about a random direction and look at it from above."""
    rng = np.random.default_rng(seed)
    return photograph(page, random_curl(page, rng), random_lamp(rng))


def curl_page(page: Page, lamp: Lamp, *, direction_deg: float, radius_mm: float, flat_to_mm: float = 0.0) -> Page:
    """A page of the same size after curling, seen from straight above; arguments as in `curled_sheet`."""
    return photograph(
        page, curled_sheet(page, direction_deg=direction_deg, radius_mm=radius_mm, flat_to_mm=flat_to_mm), lamp
    )


def curled_sheet(page: Page, *, direction_deg: float, radius_mm: float, flat_to_mm: float = 0.0) -> Bend:
    """The shape of a sheet that leaves the table on the circle of a radius.

    Args:
        page: the page.
        direction_deg: direction in which it rises, clockwise from x.
        radius_mm: of the cylinder; negative bends down.
        flat_to_mm: distance from the centre, in that direction, up to which the sheet is flat.
    """
    distance_mm = profile_distances(np.hypot(page.width_px, page.height_px) / page.px_per_mm)
    most_rad = np.radians(MAX_TILT_DEG)
    tilt_rad = (np.maximum(distance_mm - flat_to_mm, 0) / radius_mm).clip(-most_rad, most_rad)
    return Bend.from_tilt(direction_deg, distance_mm, tilt_rad)


def random_curl(page: Page, rng: np.random.Generator) -> Bend:
    """A curl in any direction."""
    return curled_sheet(
        page,
        direction_deg=rng.uniform(0, 360),
        radius_mm=rng.uniform(*RADII_MM),
        flat_to_mm=rng.uniform(*FLAT_PARTS_MM),
    )
