"""Options of the data of `seg.train`."""

from __future__ import annotations

import attrs

from ecg_core.config import option
from ecg_render import CropRecipe, PageRecipe
from ecg_seg.classes import ClassSet


@attrs.frozen(kw_only=True)
class EndlessConfig:
    """Options of `seg.endless`."""

    records: tuple[str, ...] = option((), help="records to draw pages of: files, or folders with all below them")
    validation_share: float = option(0.1, help="share of the records kept for validation", minimum=0, maximum=0.5)
    pages: PageRecipe = option(factory=PageRecipe, help="what the pages vary over")
    crops: CropRecipe = option(factory=CropRecipe, help="how crops are cut")
    steps_per_epoch: int = option(200, help="batches that are called an epoch", minimum=1)
    validation_batches: int = option(20, help="batches of an evaluation", minimum=1)


@attrs.frozen(kw_only=True)
class CropFoldersConfig:
    """Options of `seg.crops`."""

    folders: tuple[str, ...] = option((), help="folders with images/ and masks/, as render.crops makes them")
    validation_share: float = option(0.1, help="share of the pages kept for validation", minimum=0, maximum=0.5)
    flip: bool = option(True, help="mirror crops at random, left to right and upside down")


@attrs.frozen(kw_only=True)
class SegDataConfig:
    """Where crops come from, and how many at a time."""

    source: str = option("seg.endless", help="data set: seg.endless renders, seg.crops reads folders, or a plugin's")
    batch_size: int = option(8, help="crops in a batch", minimum=1)
    workers: int = option(1, help="processes that make batches ahead; 0 makes them in between", minimum=0)
    endless: EndlessConfig = option(factory=EndlessConfig, help="pages rendered as the training goes on")
    crops: CropFoldersConfig = option(factory=CropFoldersConfig, help="crops on disk")


@attrs.frozen
class SegDataRequest:
    """What a data set of `seg.train` is made from.

    Attributes:
        config: options.
        classes: what the masks must tell apart.
        seed: of everything.
    """

    config: SegDataConfig
    classes: ClassSet
    seed: int
