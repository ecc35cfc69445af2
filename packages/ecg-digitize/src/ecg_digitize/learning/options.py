"""What a training of a stage can be told: options of our networks and data sets, and requests to anybody's.

A model for `digitize.train_stage0`, `_stage1`, `_stage2` or `_reader` is a class ``(options, StageModelRequest)``, a
data set a class or function ``(options, StageDataRequest)``. Our data sets draw pages from digital records as the
training goes on and take some examples of each page: views for the marker network, crops for the grid network, strips
for the waveform network, words for the reader. Nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from ecg_core.config import option
from ecg_core.errors import ConfigError
from ecg_core.training.endless import VALIDATION_SEED, EndlessBatches, Examples
from ecg_render import EndlessPages, PageRecipe, RecordFiles
from ecg_render.degradations.chain import CLEAN
from ecg_render.endless import find_split
from ecg_render.grammar import RANDOM
from ecg_render.looks import MAKERS_OWN
from ecg_render.recipes import AS_PEOPLE_KEEP_THEM, EVERY_MAKER, PRINTED_AND_TAKEN

if TYPE_CHECKING:
    from ecg_core.protocols import Batch


@attrs.frozen(kw_only=True)
class PageUNetConfig:
    """Options of `digitize.markers` and of `digitize.grid`."""

    backbone: str = option("light", help="encoder: a plugin (`ecg list backbones`) or any timm model")
    pretrained: bool = option(False, help="begin with timm's weights of the encoder")
    decoder_channels: tuple[int, ...] = option(
        (), minimum=1, help="channels on the way up, coarse to fine; none given: as the encoder, 256 at most"
    )


@attrs.frozen(kw_only=True)
class WaveformNetConfig:
    """Options of `digitize.waveform`."""

    channels: tuple[int, ...] = option((32, 48, 64, 96), minimum=1, help="channels of the maps, fine to coarse")
    folded_rows: int = option(4, help="rows of a strip that become one row of the finest maps", choices=(1, 2, 4, 8))


@attrs.frozen(kw_only=True)
class WordNetConfig:
    """Options of `digitize.reader`."""

    channels: tuple[int, int, int, int] = option(
        (16, 32, 56, 80), minimum=1, help="channels of the maps, fine to coarse"
    )
    width: int = option(112, help="channels of what is said of a column", minimum=1)
    hidden: int = option(256, help="units between the columns and the spelling", minimum=1)


@attrs.frozen(kw_only=True)
class StageModelRequest:
    """What a training of a stage, and everything that uses its weights, tell a model.

    The model's ``forward`` takes RGB pictures, uint8 (batch, 3, height, width), sides multiples of 32, and gives
    logits:

    - ``markers``: (batch, classes, height, width), `CLASSES` of `ecg_digitize.digitizers.neural.markers.classes`.
    - ``grid``: (batch, 4, height, width), the outputs of `ecg_digitize.digitizers.neural.grid.maps`.
    - ``waveform``: (batch, height + 1, width), for each column the rows and, last, that nothing is there.
    - ``reader``: (batch, tokens, `LONGEST`), for each place in a word the `TOKENS`, see
      `ecg_digitize.digitizers.neural.words.alphabet`.

    Attributes:
        stage: which network is trained or used: `NETWORKS`, see `ecg_digitize.digitizers.neural.networks`.
        restored: trained weights are put into the model at once, so it need not fetch any to begin with.
    """

    stage: str
    restored: bool = False


@attrs.frozen(kw_only=True)
class StageDataRequest:
    """What a training of a stage asks of a data set.

    Every batch is of one size. It holds, with sides that are multiples of 32:

    - ``markers``: ``image`` uint8 (batch, 3, height, width), ``mask`` uint8 (batch, height, width).
    - ``grid``: ``image`` uint8 (batch, 3, height, width), ``target`` uint8 (batch, 4, height, width), 0 to 255.
    - ``waveform``: ``strip`` uint8 (batch, 3, rows, columns), ``row_px`` and ``sigma_px`` float32 (batch, columns).
    - ``reader``: ``image`` uint8 (batch, 3, height, width), ``text`` uint8 (batch, length): tokens, zeros behind them.

    Attributes:
        stage: which network is trained, likewise.
        batch_size: examples in a batch.
        workers: processes that may make batches ahead; 0: none.
        seed: of everything that is drawn.
    """

    stage: str
    batch_size: int
    workers: int
    seed: int


def require_stage(request: StageModelRequest | StageDataRequest, stage: str, plugin: str) -> None:
    """Refuse to be used for another stage.

    Args:
        request: of the task.
        stage: the only one that the plugin is for.
        plugin: its name.

    Raises:
        ConfigError: the task trains another one.
    """
    if request.stage != stage:
        raise ConfigError(
            f"{plugin} is made for the stage {stage}, and this task is about the stage {request.stage}; choose another "
            "by model=NAME or data=NAME (`ecg list models`, `ecg list datasets`)"
        )


@attrs.frozen(kw_only=True)
class RenderedPagesConfig:
    """Options that the data sets have in common."""

    records: tuple[str, ...] = option((), help="records to draw pages of: files, or folders with all below them")
    validation_share: float = option(0.1, help="share of the records kept for validation", minimum=0, maximum=0.5)
    pages: PageRecipe = option(factory=PageRecipe, help="what the pages vary over")
    steps_per_epoch: int = option(200, help="batches that are called an epoch", minimum=1)
    validation_batches: int = option(20, help="batches of an evaluation", minimum=1)

    def batches_of(
        self,
        examples: Callable[[EndlessPages], Examples],
        collate: Callable[[Sequence[Any]], Batch],
        *,
        per_page: int,
        request: StageDataRequest,
    ) -> EndlessBatches:
        """Batches without end; no record is in both splits.

        Args:
            examples: makes the examples of a split, by the number of the page, from its pages.
            collate: puts examples together to a batch.
            per_page: examples of each page.
            request: of the task.

        Raises:
            ConfigError: no records are named.
            DataError: no record is found there.
        """

        def examples_from(locations: Sequence[str], seed: int) -> Examples:
            return examples(EndlessPages(RecordFiles(tuple(locations)), self.pages, seed=seed))

        train, validation = find_split("data.records", self.records, self.validation_share)
        return EndlessBatches(
            train=examples_from(train, request.seed),
            validation=examples_from(validation, request.seed + VALIDATION_SEED),
            collate=collate,
            batch_size=request.batch_size,
            per_source=per_page,
            steps_per_epoch=self.steps_per_epoch,
            validation_batches=self.validation_batches,
            workers=request.workers,
        )


@attrs.frozen(kw_only=True)
class MarkerViewsConfig(RenderedPagesConfig):
    """Options of `digitize.marker_views`, from which the marker network learns."""

    views_per_page: int = option(8, help="views of each page", minimum=1)
    size_px: int = option(160, help="sides of a view, a multiple of 32", unit="px", minimum=64)
    marks_share: float = option(
        0.85,
        help="share of the views that are taken about a name, a pulse, a text or a separator, others anywhere",
        minimum=0,
        maximum=1,
    )
    turned_share: float = option(
        0.25,
        help="share of the views that are turned or mirrored, in which only what looks the same is to be read",
        minimum=0,
        maximum=1,
    )
    grid_jitter_px: float = option(0.5, help="spread of the crossings about where they lie", unit="px", minimum=0)
    scale_error: float = option(
        0.03, help="greatest error of a view's scale, across and down, as a share of it", minimum=0, maximum=0.5
    )
    closer_share: float = option(
        0.3, help="share of the views at a finer scale, at which small names are read", minimum=0, maximum=1
    )
    pages: PageRecipe = option(
        factory=lambda: attrs.evolve(EVERY_MAKER, least_dots_per_inch=90.0, most_dots_per_inch=200.0),
        help="what the pages vary over",
    )


@attrs.frozen(kw_only=True)
class GridCropsConfig(RenderedPagesConfig):
    """Options of `digitize.grid_crops`, from which the grid network learns."""

    crops_per_page: int = option(4, help="crops of each page", minimum=1)
    size_px: int = option(320, help="sides of a crop, a multiple of 32", unit="px", minimum=64)
    sigma_px: float = option(2.0, help="width of a crossing in the heat map", unit="px", above=0)
    pages: PageRecipe = option(
        factory=lambda: attrs.evolve(EVERY_MAKER, least_dots_per_inch=70.0, most_dots_per_inch=180.0),
        help="what the pages vary over",
    )


@attrs.frozen(kw_only=True)
class StripsConfig(RenderedPagesConfig):
    """Options of `digitize.strips`, from which the waveform network learns."""

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
    pages: PageRecipe = option(
        factory=lambda: attrs.evolve(
            EVERY_MAKER,
            layouts=(*("3x4+1R", "3x4+1R-kit") * 2, *(MAKERS_OWN,) * 4, RANDOM),
            degradations=(*(*PRINTED_AND_TAKEN, CLEAN, "scan", "phone") * 3, *AS_PEOPLE_KEEP_THEM),
            least_dots_per_inch=130.0,
            most_dots_per_inch=260.0,
        ),
        help="what the pages vary over",
    )


@attrs.frozen(kw_only=True)
class WordsConfig(RenderedPagesConfig):
    """Options of `digitize.words`, from which the reader learns."""

    validation_batches: int = option(8, help="batches of an evaluation", minimum=1)
    crops_per_page: int = option(8, help="crops of each page at a time", minimum=1)
    num_pages: int = option(800, help="pages that are drawn; after the last one the first comes again", minimum=1)
    kept_in: str = option("", help="folder in which the words of drawn pages are kept, to be used again; none: nowhere")
    drawn_share: float = option(
        0.45, help="share of the crops whose word is drawn onto a bare piece of a page", minimum=0, maximum=1
    )
    crossed_share: float = option(
        0.35, help="share of the words drawn so that a trace is drawn through", minimum=0, maximum=1
    )
    grid_jitter_px: float = option(0.5, help="spread of the crossings about where they lie", unit="px", minimum=0)
    pages: PageRecipe = option(
        factory=lambda: attrs.evolve(
            EVERY_MAKER,
            layouts=(MAKERS_OWN, RANDOM),
            least_dots_per_inch=90.0,
            most_dots_per_inch=220.0,
            paper_speeds_mm_per_s=(25.0, 25.0, 50.0, 12.5),
            gains_mm_per_mv=(10.0, 10.0, 5.0, 20.0),
            chest_gains_mm_per_mv=(*(0.0,) * 5, 5.0),
        ),
        help="what the pages vary over",
    )
