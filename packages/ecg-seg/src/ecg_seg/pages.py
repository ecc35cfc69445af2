"""Pages whose truth is known: rendered from records, or pictures with masks on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.pictures import read_mask, read_picture
from ecg_render import EndlessPages
from ecg_render.masks import mask_of
from ecg_seg.inputs import find_pictures

MASK_END = "_mask"


@attrs.frozen(eq=False)
class PageTruth:
    """A picture, and the true class of each of its pixels.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
        mask: uint8, shape (height, width).
    """

    image: np.ndarray
    mask: np.ndarray


@attrs.frozen(eq=False)
class RenderedPages(Sequence[PageTruth]):
    """Pages drawn as they are asked for.

    Attributes:
        pages: where they come from.
        num_pages: how many.
        kind: of the masks, see `ecg_render.masks`.
    """

    pages: EndlessPages
    num_pages: int
    kind: str

    def __len__(self) -> int:
        return self.num_pages

    def __getitem__(self, number: int) -> PageTruth:  # type: ignore[override]  # a slice of pages makes no sense
        page = self.pages.sample(number).page
        return PageTruth(page.image, mask_of(page.labels, self.kind))


@attrs.frozen
class PicturesWithMasks(Sequence[PageTruth]):
    """Pictures on disk.

    Attributes:
        pairs: files of picture and mask.
    """

    pairs: tuple[tuple[Path, Path], ...]

    @classmethod
    def within(cls, folder: Path) -> Self:
        """Every ``<id>.png`` (or .jpg …) of a folder with a ``<id>_mask.png`` beside it.

        Raises:
            DataError: there is none.
        """
        pictures = (picture for picture in find_pictures([str(folder)]) if not picture.stem.endswith(MASK_END))
        pairs = ((picture, picture.with_name(f"{picture.stem}{MASK_END}.png")) for picture in pictures)
        found = tuple(pair for pair in pairs if pair[1].exists())
        if not found:
            raise DataError(f"{folder}: no picture has a mask <id>{MASK_END}.png beside it; render.pages makes such")
        return cls(found)

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, number: int) -> PageTruth:  # type: ignore[override]  # as above
        """One page.

        Raises:
            DataError: picture or mask is damaged, or they are of different size.
        """
        picture, mask = self.pairs[number]
        page = PageTruth(read_picture(picture), read_mask(mask))
        if page.mask.shape != page.image.shape[:2]:
            raise DataError(f"{mask}: the mask is {page.mask.shape}, its picture {page.image.shape[:2]}")
        return page
