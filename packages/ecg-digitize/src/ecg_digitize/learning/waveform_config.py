"""Options of the waveform network and of its data; light to import."""

from __future__ import annotations

import attrs

from ecg_core.config import option
from ecg_render import PageRecipe


@attrs.frozen(kw_only=True)
class WaveformNetConfig:
    """Options of `digitize.waveform`."""

    channels: tuple[int, ...] = option((32, 48, 64, 96), help="channels of the maps, fine to coarse")
    folded_rows: int = option(4, help="rows of a strip that become one row of the finest maps", choices=(1, 2, 4, 8))


@attrs.frozen(kw_only=True)
class StripsConfig:
    """Options of the strips that `digitize.train_stage2` learns from."""

    records: tuple[str, ...] = option((), help="records to draw pages of: files, or folders with all below them")
    validation_share: float = option(0.1, help="share of the records kept for validation", minimum=0, maximum=0.5)
    batch_size: int = option(8, help="strips in a batch", minimum=1)
    strips_per_page: int = option(4, help="strips of each page", minimum=1)
    width_px: int = option(1024, help="columns of a strip, a multiple of 32", unit="px", minimum=64)
    grid_jitter_px: float = option(0.4, help="spread of the crossings about where they lie", unit="px", minimum=0)
    zero_jitter_mm: float = option(3.0, help="greatest error of a row's height", unit="mm", minimum=0)
    sigma_px: float = option(1.5, help="width of the target where the trace is level", unit="px", above=0)
    aligned: tuple[str, ...] = option(
        (), help="real pages made by digitize.align, files or folders, to learn from beside the rendered ones"
    )
    aligned_share: float = option(
        0.4, help="share of the pages that are real, where there are any", minimum=0, maximum=1
    )
    steps_per_epoch: int = option(200, help="batches that are called an epoch", minimum=1)
    validation_batches: int = option(20, help="batches of an evaluation", minimum=1)
    workers: int = option(1, help="processes that make batches ahead; 0 makes them in between", minimum=0)
    pages: PageRecipe = option(
        factory=lambda: PageRecipe(
            layouts=(*("3x4+1R",) * 3, *("3x4+1R-kit",) * 3, "3x4+3R", "6x2", "12x1"),
            degradations=(
                *("none", "scan", "gray-scan", "phone", "phone-crumpled") * 2,
                "phone-turned",
            ),
            gains_mm_per_mv=(*(10.0,) * 6, 5.0, 20.0),
            paper_speeds_mm_per_s=(*(25.0,) * 8, 50.0),
            least_dots_per_inch=130.0,
            most_dots_per_inch=260.0,
        ),
        help="what the pages vary over",
    )
