"""A picture that somebody made larger or smaller: a printed millimetre is no longer one at the stated resolution."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.resizing import scaled
from ecg_render.page import Page

FACTORS = (0.45, 1.8)
LEAST_PX_PER_MM = 2.2
MOST_SIDE_PX = 3600


def degrade(page: Page, seed: int) -> Page:
    """Enlarge or reduce a page by chance, within what can still be read."""
    least, most = (np.log(factor) for factor in FACTORS)
    factor = float(np.exp(np.random.default_rng(seed).uniform(least, most)))
    factor = max(factor, min(1.0, LEAST_PX_PER_MM / page.px_per_mm))
    return scaled(page, min(factor, max(1.0, MOST_SIDE_PX / max(page.width_px, page.height_px))))
