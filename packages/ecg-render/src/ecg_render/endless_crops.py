"""Endless training crops: windows of endless pages, each with its mask."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import attrs
import cv2
import numpy as np

from ecg_core.config import option
from ecg_render.cropping import CropRule, choose_corners
from ecg_render.endless import EndlessPages
from ecg_render.labels import PageClass
from ecg_render.masks import mask_of_classes


@attrs.frozen(kw_only=True)
class CropRecipe:
    """How crops are taken from pages."""

    width_px: int = option(320, help="width of a crop", unit="px", minimum=32)
    height_px: int = option(320, help="height of a crop", unit="px", minimum=32)
    samples_per_page: int = option(5, help="crops with waveform of each page", minimum=0)
    negatives_per_page: int = option(1, help="crops without waveform of each page", minimum=0)
    wave_min_coverage: float = option(
        0.05, help="share of a crop that its dilated waveform covers", minimum=0, maximum=1
    )
    wave_coverage_kernel: int = option(45, help="side of the square of that dilation", unit="px", minimum=1)

    @property
    def rule(self) -> CropRule:
        return CropRule(
            width_px=self.width_px,
            height_px=self.height_px,
            wave_min_coverage=self.wave_min_coverage,
            wave_coverage_kernel=self.wave_coverage_kernel,
        )


@attrs.frozen(eq=False)
class Crop:
    """A window of a page.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
        mask: uint8, shape (height, width), of a kind of `ecg_render.masks.MASK_KINDS`.
    """

    image: np.ndarray
    mask: np.ndarray


class EndlessCrops:
    """Crops without end; those of a page follow from its number alone.

    Args:
        pages: to cut from.
        kind: of the masks.
        recipe: how to cut.
    """

    def __init__(self, pages: EndlessPages, *, kind: str = "classes", recipe: CropRecipe | None = None) -> None:
        self.pages, self.kind, self.recipe = pages, kind, recipe or CropRecipe()

    def crops(self, *, start: int = 0, step: int = 1) -> Iterator[Crop]:
        """The crops of pages ``start``, ``start + step`` and so on: of several workers each begins at its number."""
        for index in count(start, step):
            yield from self.of_page(index)

    def of_page(self, index: int) -> list[Crop]:
        """The crops of one page, with waveform first; fewer where the page has not enough places for them."""
        page, recipe = self.pages.sample(index).page, self.recipe
        image, classes = _at_least(page.image, page.class_mask, recipe.height_px, recipe.width_px)
        corners = choose_corners(
            classes,
            recipe.rule,
            np.random.default_rng((self.pages.seed, index, 1)),
            with_wave=recipe.samples_per_page,
            without_wave=recipe.negatives_per_page,
        )
        windows = [
            np.s_[each.top : each.top + recipe.height_px, each.left : each.left + recipe.width_px] for each in corners
        ]
        return [Crop(image[window].copy(), mask_of_classes(classes[window], self.kind)) for window in windows]


def _at_least(image: np.ndarray, classes: np.ndarray, height_px: int, width_px: int) -> tuple[np.ndarray, np.ndarray]:
    """Picture and classes, continued to the right and below where they are smaller than a crop."""
    missing = max(height_px - image.shape[0], 0), max(width_px - image.shape[1], 0)
    if not any(missing):
        return image, classes
    border = 0, missing[0], 0, missing[1]
    return (
        cv2.copyMakeBorder(image, *border, cv2.BORDER_REPLICATE),
        cv2.copyMakeBorder(classes, *border, cv2.BORDER_CONSTANT, value=int(PageClass.BACKGROUND)),
    )
