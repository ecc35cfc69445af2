"""Task `render.crops`: pages and their masks to a data set of training crops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import attrs
import numpy as np

from ecg_core.config import option, recipe_of
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution.batch import DONE, Batch, BatchConfig, Item, Part
from ecg_core.execution.outputs import Outputs
from ecg_core.paths import list_files, local_copy
from ecg_core.pictures import read_mask, read_picture, write_mask, write_picture
from ecg_core.plugins.registry import registry
from ecg_render.cropping import Corner, CropRule, choose_corners
from ecg_render.labels import PageClass, labels_from_classes
from ecg_render.masks import MASK_KINDS, mask_of_classes
from ecg_render.page import Page
from ecg_render.tasks.inputs import distinct
from ecg_render.tasks.metadata import write_metadata
from ecg_render.tasks.seeds import seed_of

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


@attrs.frozen(kw_only=True)
class RenderCropsConfig(BatchConfig):
    """Options of `render.crops`."""

    inputs: tuple[str, ...] = option(
        factory=tuple, help="folders of pages and masks, searched with all below them", in_recipe=False
    )
    mask_suffix: str = option("_mask", help="what follows the name of a page in that of its mask")
    masks: str | None = option(None, help="folder of the masks where they lie apart from the pages, named as these")
    kind: str = option("classes", help="what the masks of the crops tell apart", choices=tuple(MASK_KINDS))
    degradation: str | None = option(None, help="what happens to each crop, see `ecg list degradations`")
    width_px: int = option(512, help="width of a crop", unit="px", minimum=32)
    height_px: int = option(512, help="height of a crop", unit="px", minimum=32)
    samples_per_image: int = option(8, help="crops with waveform of each page", minimum=0)
    negatives_per_image: int = option(2, help="crops without waveform of each page", minimum=0)
    wave_min_coverage: float = option(
        0.05, help="share of a crop that its dilated waveform covers", minimum=0, maximum=1
    )
    wave_coverage_kernel: int = option(45, help="side of the square of that dilation", unit="px", minimum=1)
    min_horizontal_density: float = option(
        0.0,
        help="share of a crop without waveform that horizontal lines take; waveform is free of it",
        minimum=0,
        maximum=1,
    )
    limit: int | None = option(None, help="cut so many pages at most", minimum=1, in_recipe=False)

    @property
    def rule(self) -> CropRule:
        return CropRule(
            width_px=self.width_px,
            height_px=self.height_px,
            wave_min_coverage=self.wave_min_coverage,
            wave_coverage_kernel=self.wave_coverage_kernel,
            min_horizontal_density=self.min_horizontal_density,
        )


@attrs.frozen
class PageFiles:
    """A page and its mask.

    Attributes:
        location: file or URL of the picture.
        mask: that of the mask.
        key: what the crops are called, without their number.
    """

    location: str
    mask: str
    key: str

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Picture (height, width, 3) and five classes (height, width).

        Raises:
            DataError: one is missing or damaged, or they do not fit together.
        """
        with ExitStack() as stack:
            image, classes = (
                read(Path(stack.enter_context(local_copy(location))))
                for read, location in ((read_picture, self.location), (read_mask, self.mask))
            )
        if image.shape[:2] != classes.shape:
            raise DataError(
                f"{self.location}: the picture has {image.shape[1]} x {image.shape[0]} pixels, its mask {self.mask} "
                f"{classes.shape[1]} x {classes.shape[0]}"
            )
        if classes.max() >= len(PageClass):
            raise DataError(
                f"{self.mask}: it holds the value {classes.max()}, and the five classes of render.pages go to "
                f"{len(PageClass) - 1}; render the pages with mask_kind=classes"
            )
        return image, classes


@attrs.frozen(kw_only=True)
class CropCutter:
    """Cuts the crops of one page; travels to worker processes.

    Attributes:
        config: options of the task.
        run_seed: of the run.
    """

    config: RenderCropsConfig
    run_seed: int

    def cut(self, item: Item, outputs: Outputs) -> Iterator[Part]:
        """Write the crops of a page; the part's values are its line of the metadata.

        Raises:
            DataError: the page cannot be read, or is smaller than a crop.
        """
        config = self.config
        page: PageFiles = item.value
        image, classes = page.read()
        if image.shape[0] < config.height_px or image.shape[1] < config.width_px:
            raise DataError(
                f"{page.location}: {image.shape[1]} x {image.shape[0]} pixels are less than a crop of "
                f"{config.width_px} x {config.height_px}; lower width_px and height_px, or render larger pages"
            )
        rng = np.random.default_rng(seed_of(self.run_seed, page.key, "crops"))
        corners = choose_corners(
            classes, config.rule, rng, with_wave=config.samples_per_image, without_wave=config.negatives_per_image
        )
        files: dict[str, str] = {}
        for number, corner in enumerate(corners):
            files |= self._write(outputs, page, number, corner, image, classes)
        crops = [{"top": each.top, "left": each.left, "has_wave": each.has_wave} for each in corners]
        values = {"id": page.key, "source": page.location, "files": files, "kind": config.kind, "crops": crops}
        yield Part(values=values)

    def _write(
        self, outputs: Outputs, page: PageFiles, number: int, corner: Corner, image: np.ndarray, classes: np.ndarray
    ) -> dict[str, str]:
        window = np.s_[
            corner.top : corner.top + self.config.height_px, corner.left : corner.left + self.config.width_px
        ]
        crop = Page.of_picture(image[window].copy(), labels_from_classes(classes[window].copy()))
        if self.config.degradation:
            seed = seed_of(self.run_seed, f"{page.key} {number}", self.config.degradation)
            crop = registry().load("degradations", self.config.degradation)(crop, seed)
        name = f"{page.key}_{number}.png"
        write_picture(outputs.path(f"images/{name}"), crop.image)
        write_mask(outputs.path(f"masks/{name}"), mask_of_classes(crop.class_mask, self.config.kind))
        return {f"image_{number}": f"images/{name}", f"mask_{number}": f"masks/{name}"}


def run(config: RenderCropsConfig, context: RunContext) -> TaskResult:
    """Write ``images/<id>_<k>.png``, ``masks/<id>_<k>.png`` and a line of ``metadata.jsonl`` for every page.

    Raises:
        ConfigError: no inputs, or a folder with crops of other options.
        DataError: no page with a mask among the inputs.
        PluginError: no such degradation.
    """
    if not config.inputs:
        raise ConfigError("inputs: name at least one folder of pages and masks, as render.pages makes them")
    if config.degradation:
        registry().load("degradations", config.degradation)
    found = list(_find_pages(config))
    if not found:
        raise DataError(
            f"{', '.join(config.inputs)}: no page with a mask found (page7.png and page7{config.mask_suffix}.png); "
            "render.pages makes them"
        )
    pages, failures = distinct(found, lambda page: f"{page.key}_0.png")
    items = [
        Item(source=each.location, key=each.key, value=each, files=(each.location, each.mask))
        for each in pages[: config.limit]
    ]
    cutter = CropCutter(config=config, run_seed=context.seed)
    with Batch(context, {"seed": context.seed, **recipe_of(config)}) as batch:
        try:
            made = batch.run(cutter.cut, items, executor=config.executor, unit="pages")
        finally:
            write_metadata(batch)
        num_crops = sum(len(entry.values["crops"]) for entry in made.entries())
    return made.task_result({"pages": made.counts[DONE], "crops": num_crops}, failures)


def _find_pages(config: RenderCropsConfig) -> Iterator[PageFiles]:
    """Every picture below the inputs that has a mask."""
    apart = _pictures_below(config.masks) if config.masks else None
    for root in config.inputs:
        pages = _pictures_below(root)
        for key, location in pages.items():
            mask = (pages if apart is None else apart).get(key + config.mask_suffix)
            if mask:
                yield PageFiles(location, mask, key)


def _pictures_below(root: str) -> dict[str, str]:
    """Files by their path within a folder, without suffix."""
    prefix = f"{root.rstrip('/')}/"
    files = ((file.removeprefix(prefix).rpartition("."), file) for file in list_files(root))
    return {stem: file for (stem, _, suffix), file in files if f".{suffix.lower()}" in PICTURES}
