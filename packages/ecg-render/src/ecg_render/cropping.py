"""Where to cut training crops out of a page."""

from __future__ import annotations

import attrs
import cv2
import numpy as np

from ecg_render.labels import PageClass

STEP_PX = 8
"""Distance of the places where a crop may begin."""


@attrs.frozen(kw_only=True)
class CropRule:
    """A rule for what a crop must show. Sides and kernel are in pixels.

    Attributes:
        width_px: of a crop.
        height_px: of a crop.
        wave_min_coverage: share of a crop with waveform that its waveform covers once it is dilated.
        wave_coverage_kernel: side of the square that it is dilated by; it stands for a row and not for a line.
        min_horizontal_density: share of a crop of grid that horizontal lines and their crossings take.
    """

    width_px: int = 320
    height_px: int = 320
    wave_min_coverage: float = 0.05
    wave_coverage_kernel: int = 45
    min_horizontal_density: float = 0.0


@attrs.frozen
class Corner:
    """Where a crop begins.

    Attributes:
        top: first row.
        left: first column.
        has_wave: whether it was chosen for its waveform, not as a negative.
    """

    top: int
    left: int
    has_wave: bool


def choose_corners(
    classes: np.ndarray, rule: CropRule, rng: np.random.Generator, *, with_wave: int, without_wave: int
) -> list[Corner]:
    """Draw crops of a page, each place that fulfils the rule as likely as any other.

    Args:
        classes: uint8, shape (height, width): `PageClass` of every pixel; at least as large as a crop.
        rule: what to fulfil.
        rng: draws.
        with_wave: crops that hold waveform; fewer come where no place fulfils the rule.
        without_wave: negatives, crops that hold none.

    Returns:
        Corners, those with waveform first.
    """
    wave = (classes == PageClass.WAVEFORM).astype(np.uint8)
    kernel = np.ones((rule.wave_coverage_kernel, rule.wave_coverage_kernel), np.uint8)
    coverage = _share(cv2.dilate(wave, kernel), rule)
    negatives = _share(wave, rule) == 0
    if rule.min_horizontal_density:
        horizontal = np.isin(classes, (PageClass.HORIZONTAL, PageClass.INTERSECTION)).astype(np.uint8)
        negatives &= _share(horizontal, rule) >= rule.min_horizontal_density
    return [
        Corner(top, left, has_wave)
        for allowed, number, has_wave in (
            (coverage >= rule.wave_min_coverage, with_wave, True),
            (negatives, without_wave, False),
        )
        for top, left in _draw(allowed & (coverage > 0 if has_wave else True), number, rng)
    ]


def _share(mask: np.ndarray, rule: CropRule) -> np.ndarray:
    """Share of the crop from each place that a mask takes: shape (places down, places across)."""
    sums = cv2.integral(mask)
    tops, lefts = (
        np.arange(0, length - crop + 1, STEP_PX)
        for length, crop in zip(mask.shape, (rule.height_px, rule.width_px), strict=True)
    )
    bottoms, rights = tops + rule.height_px, lefts + rule.width_px
    corners = [sums[np.ix_(rows, columns)] for rows, columns in ((bottoms, rights), (tops, lefts))]
    across = sums[np.ix_(tops, rights)] + sums[np.ix_(bottoms, lefts)]
    return (corners[0] + corners[1] - across) / (rule.height_px * rule.width_px)


def _draw(allowed: np.ndarray, number: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Places among those allowed, none twice while there are enough."""
    places = np.argwhere(allowed)
    if not len(places) or not number:
        return []
    chosen = rng.choice(len(places), size=number, replace=len(places) < number)
    return [(int(top) * STEP_PX, int(left) * STEP_PX) for top, left in places[chosen]]
