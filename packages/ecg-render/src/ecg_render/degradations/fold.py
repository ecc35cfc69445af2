"""Straight folds: the panels between them stay flat, each tilted and lit in its own way."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from ecg_render.degradations.photograph import photograph
from ecg_render.degradations.relief import Bend, Combined, profile_distances
from ecg_render.degradations.shading import Lamp, random_lamp
from ecg_render.page import Page

MAX_FOLDS = 4
FOLD_ANGLES_DEG = (5.0, 14.0)
CREASE_MM = 1.5
"""Width over which the paper turns from one panel to the next."""


@attrs.frozen(kw_only=True)
class Fold:
    """A straight fold.

    Attributes:
        direction_deg: direction across it, clockwise from x.
        offset_mm: distance from the centre of the sheet along that direction.
        angle_deg: by how much the paper beyond it rises more than the paper before it; a valley is positive.
    """

    direction_deg: float
    offset_mm: float
    angle_deg: float


def degrade(page: Page, seed: int) -> Page:
    """Fold a page one to four times, unfold it and look at it from above."""
    rng = np.random.default_rng(seed)
    return fold_page(page, random_folds(page, rng), random_lamp(rng))


def fold_page(page: Page, folds: Sequence[Fold], lamp: Lamp) -> Page:
    """A page of the same size after folds, seen from straight above."""
    return photograph(page, folded_sheet(page, folds), lamp)


def folded_sheet(page: Page, folds: Sequence[Fold]) -> Combined:
    """The shape of a sheet with folds; each turns the paper by half its angle on either side."""
    distance_mm = profile_distances(np.hypot(page.width_px, page.height_px) / page.px_per_mm)
    return Combined([_bend(fold, distance_mm) for fold in folds])


def _bend(fold: Fold, distance_mm: np.ndarray) -> Bend:
    turned = ((distance_mm - fold.offset_mm) / CREASE_MM).clip(-0.5, 0.5)
    return Bend.from_tilt(fold.direction_deg, distance_mm, np.radians(fold.angle_deg) * turned)


def random_folds(page: Page, rng: np.random.Generator) -> list[Fold]:
    """One to four folds: parallel ones in turn up and down, or two pairs that cross, or each in its own direction."""
    num_folds = int(rng.integers(1, MAX_FOLDS + 1))
    directions_deg = {
        "upright": rng.normal(0, 3) + np.zeros(num_folds),
        "crossing": rng.normal(0, 3) + 90 * (np.arange(num_folds) % 2),
        "slanting": rng.uniform(15, 75) * rng.choice((-1, 1)) + rng.normal(0, 3, num_folds),
        "spread": rng.uniform(-90, 90, num_folds),
    }[str(rng.choice(("upright", "crossing", "slanting", "spread"), p=(0.4, 0.2, 0.25, 0.15)))]
    places = (np.arange(num_folds) + rng.uniform(0.3, 0.7, num_folds)) / num_folds - 0.5
    signs = rng.choice((-1, 1)) * (-1) ** np.arange(num_folds)
    angles_deg = signs * rng.uniform(*FOLD_ANGLES_DEG, num_folds)
    return [
        Fold(
            direction_deg=float(direction), offset_mm=float(place * _extent_mm(page, direction)), angle_deg=float(angle)
        )
        for direction, place, angle in zip(directions_deg, places, angles_deg, strict=True)
    ]


def _extent_mm(page: Page, direction_deg: float) -> float:
    """Length of the sheet along a direction."""
    across = np.abs([np.cos(np.radians(direction_deg)), np.sin(np.radians(direction_deg))])
    return float(across @ (page.width_px, page.height_px)) / page.px_per_mm
