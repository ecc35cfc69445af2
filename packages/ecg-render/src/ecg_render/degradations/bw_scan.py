"""A scan in black and white, as from a fax or a copier: one threshold for all, or a screen of lines."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.coarse import shine
from ecg_render.degradations.defocus import blur
from ecg_render.degradations.noise import add_noise
from ecg_render.degradations.printer import print_in_lines
from ecg_render.degradations.scan import lay_on_glass, scanner_light
from ecg_render.page import Page

BLUR_MM = 0.06
NOISE_LEVELS = (4.0, 14.0)
THRESHOLDS = (130, 215)
SCREENS_MM = (0.3, 0.5)
MAX_SCREEN_TURN_DEG = 30.0
SHARE_OF_THRESHOLDS = 0.6


def degrade(page: Page, seed: int) -> Page:
    """Scan a page in black and white."""
    rng = np.random.default_rng(seed)
    moved = lay_on_glass(page, rng)
    image = shine(blur(moved.image, BLUR_MM * page.px_per_mm), scanner_light(moved, rng))
    gray = cv2.cvtColor(add_noise(image, rng.uniform(*NOISE_LEVELS), rng), cv2.COLOR_RGB2GRAY)
    if rng.random() < SHARE_OF_THRESHOLDS:
        _level, two_tone = cv2.threshold(gray, rng.uniform(*THRESHOLDS), 255, cv2.THRESH_BINARY)
    else:
        turn_deg = rng.uniform(-MAX_SCREEN_TURN_DEG, MAX_SCREEN_TURN_DEG)
        two_tone = print_in_lines(gray, rng.uniform(*SCREENS_MM) * page.px_per_mm, turn_deg, np.inf)
    return moved.redrawn(cv2.cvtColor(two_tone, cv2.COLOR_GRAY2RGB))
