"""Options of the crops of the grid network; light to import."""

from __future__ import annotations

import attrs

from ecg_core.config import option
from ecg_render import PageRecipe


@attrs.frozen(kw_only=True)
class GridCropsConfig:
    """Options of the crops that `digitize.train_stage1` learns from."""

    records: tuple[str, ...] = option((), help="records to draw pages of: files, or folders with all below them")
    validation_share: float = option(0.1, help="share of the records kept for validation", minimum=0, maximum=0.5)
    batch_size: int = option(8, help="crops in a batch", minimum=1)
    crops_per_page: int = option(4, help="crops of each page", minimum=1)
    size_px: int = option(320, help="sides of a crop, a multiple of 32", unit="px", minimum=64)
    sigma_px: float = option(2.0, help="width of a crossing in the heat map", unit="px", above=0)
    steps_per_epoch: int = option(200, help="batches that are called an epoch", minimum=1)
    validation_batches: int = option(20, help="batches of an evaluation", minimum=1)
    workers: int = option(1, help="processes that make batches ahead; 0 makes them in between", minimum=0)
    pages: PageRecipe = option(
        factory=lambda: PageRecipe(
            degradations=("none", "scan", "phone", "phone-turned", "phone-crumpled", "screen"),
            least_dots_per_inch=70.0,
            most_dots_per_inch=180.0,
        ),
        help="what the pages vary over",
    )
