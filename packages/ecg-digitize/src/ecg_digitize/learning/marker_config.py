"""Options of the views of the marker network; light to import."""

from __future__ import annotations

import attrs

from ecg_core.config import option
from ecg_render import PageRecipe


@attrs.frozen(kw_only=True)
class ViewsConfig:
    """Options of the views that `digitize.train_stage0` learns from."""

    records: tuple[str, ...] = option((), help="records to draw pages of: files, or folders with all below them")
    validation_share: float = option(0.1, help="share of the records kept for validation", minimum=0, maximum=0.5)
    batch_size: int = option(48, help="views in a batch", minimum=1)
    views_per_page: int = option(24, help="views of each page", minimum=1)
    size_px: int = option(128, help="sides of a view, a multiple of 32", unit="px", minimum=64)
    names_share: float = option(
        0.85, help="share of the views that are taken about a name, others anywhere", minimum=0, maximum=1
    )
    turned_share: float = option(
        0.25,
        help="share of the views that are turned or mirrored, in which no name is to be read",
        minimum=0,
        maximum=1,
    )
    grid_jitter_px: float = option(0.5, help="spread of the crossings about where they lie", unit="px", minimum=0)
    steps_per_epoch: int = option(200, help="batches that are called an epoch", minimum=1)
    validation_batches: int = option(20, help="batches of an evaluation", minimum=1)
    workers: int = option(1, help="processes that make batches ahead; 0 makes them in between", minimum=0)
    pages: PageRecipe = option(
        factory=lambda: PageRecipe(
            degradations=("none", "scan", "phone", "phone-turned", "phone-crumpled", "screen"),
            least_dots_per_inch=90.0,
            most_dots_per_inch=200.0,
        ),
        help="what the pages vary over",
    )
