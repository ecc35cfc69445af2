"""A cropped picture of any other kind: a photo, a fax, a screenshot."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations import (
    fax,
    photocopy,
    scan,
    screen_photo,
    screenshot,
    thermal,
    weak_grid,
)
from ecg_render.degradations.crop import crop_by_chance
from ecg_render.degradations.phone import degrade_as_phone, degrade_as_phone_crumpled, degrade_as_phone_turned
from ecg_render.page import Page

OTHERS = (
    *(degrade_as_phone, degrade_as_phone, degrade_as_phone_turned, degrade_as_phone_crumpled),
    *(scan.degrade_as_scan, fax.degrade, photocopy.degrade, screenshot.degrade, screen_photo.degrade),
    *(thermal.degrade, weak_grid.degrade),
)


def degrade(page: Page, seed: int) -> Page:
    """Crop a page before or after a random other degradation."""
    rng = np.random.default_rng(seed)
    other = OTHERS[int(rng.integers(len(OTHERS)))]
    other_seed = int(rng.integers(2**31))
    if rng.random() < 0.5:
        return other(crop_by_chance(page, rng), other_seed)
    return crop_by_chance(other(page, other_seed), rng)
