"""Endless training pages, drawn as they are asked for.

Nothing here needs torch: a data loader of any library calls `EndlessPages.sample` in its workers. A sample depends on
the seed and its index alone, so workers share the indices among them, and a run goes on exactly where it stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.errors import ConfigError, DataError
from ecg_core.formats import find_records, read_record
from ecg_core.paper import Layout, PaperSpec
from ecg_core.record import Record
from ecg_render.degradations.chain import CLEAN, JOINT, degrade_by_name
from ecg_render.grammar import RANDOM
from ecg_render.looks import MAKERS_OWN, choose, random_look
from ecg_render.page import Page
from ecg_render.renderer import render_page
from ecg_render.training_records import lasting_for, with_leads

MAX_TRIES = 50
"""Records in a row that may turn out unusable before a sample is given up."""

log = logging.getLogger(__name__)


NEVER_EMPTY = (
    "layouts",
    "styles",
    "degradations",
    "paper_speeds_mm_per_s",
    "gains_mm_per_mv",
    "chest_gains_mm_per_mv",
    "printed_rates_hz",
)
"""What is chosen from for every page."""


@attrs.frozen(kw_only=True)
class PageRecipe:
    """The choices among which endless pages vary; one that is named twice comes twice as often."""

    layouts: tuple[str, ...] = option(
        ("3x4+1R", "3x4+1R-kit"),
        help=f"layouts to choose from, names or rows as text; {RANDOM} draws any plausible one, {MAKERS_OWN} one that "
        "the maker of the style prints, with speed and gains",
    )
    styles: tuple[str, ...] = option(("random",), help="styles to choose from; random: any, maker: any maker's")
    degradations: tuple[str, ...] = option(
        (CLEAN, "scan", "phone", "phone-crumpled"),
        help=f"degradations to choose from; {CLEAN} leaves the page clean, and a {JOINT} joins several, in order",
    )
    least_dots_per_inch: float = option(150.0, minimum=50, help="lowest resolution", unit="dpi")
    most_dots_per_inch: float = option(250.0, maximum=1200, help="highest resolution", unit="dpi")
    paper_speeds_mm_per_s: tuple[float, ...] = option((25.0,), above=0, help="paper speeds to choose from", unit="mm/s")
    gains_mm_per_mv: tuple[float, ...] = option((10.0,), above=0, help="gains to choose from", unit="mm/mV")
    chest_gains_mm_per_mv: tuple[float, ...] = option(
        (0.0,), minimum=0, help="gains of the chest leads to choose from; 0: the same as the others", unit="mm/mV"
    )
    printed_rates_hz: tuple[float, ...] = option(
        (0.0,),
        minimum=0,
        help="sampling rates to choose from at which records are printed; 0, or a higher one, keeps their own",
        unit="Hz",
    )
    random_start: bool = option(True, help="let a record longer than the page begin anywhere")
    made_up_leads: bool = option(
        True, help="print substitutes of leads that a record lacks (V7 from V6, say); else their places stay empty"
    )
    repeated: bool = option(True, help="repeat a record that is shorter than the page; else bare paper is left")
    short_share: float = option(
        0.0, help="share of the pages whose record ends before the last column does", minimum=0, maximum=1
    )

    def __attrs_post_init__(self) -> None:
        if self.least_dots_per_inch > self.most_dots_per_inch:
            least, most = self.least_dots_per_inch, self.most_dots_per_inch
            raise ConfigError(
                f"least_dots_per_inch: {least:g}, which is more than the {most:g} of most_dots_per_inch; give both"
            )
        empty = [name for name in NEVER_EMPTY if not getattr(self, name)]
        if empty:
            raise ConfigError(f"{empty[0]}: name at least one to choose from")


@attrs.frozen(kw_only=True, eq=False)
class PageSample:
    """One training page.

    Attributes:
        index: number of the sample.
        record: what is printed, cut to begin where the page does.
        layout: where its leads stand, as it was printed: one drawn at random is found in no registry.
        flat: the page as printed; `ecg_render.targets` gives its voltages.
        page: the same after its degradation.
        degradation: name of it.
    """

    index: int
    record: Record
    layout: Layout
    flat: Page
    page: Page
    degradation: str


def _as_texts(locations: Iterable[str | Path]) -> tuple[str, ...]:
    return tuple(map(str, locations))


@attrs.frozen
class RecordFiles(Sequence[Record]):
    """Records of files or URLs, each read when it is asked for.

    Attributes:
        locations: what `ecg_core.formats.find_records` finds, say.
    """

    locations: tuple[str, ...] = attrs.field(converter=_as_texts)

    def __len__(self) -> int:
        return len(self.locations)

    def __getitem__(self, index: int) -> Record:  # type: ignore[override]  # slices of files make no sense
        return read_record(self.locations[index])


def find_split(option_name: str, roots: Sequence[str], share: float) -> tuple[list[str], list[str]]:
    """Locations of records for training and for validation, which gets every n-th record in the order of the list.

    Args:
        option_name: what the user set, for messages.
        roots: files, or folders with all below them.
        share: of the records kept for validation; with 0, or a single record, both get all.

    Raises:
        ConfigError: nothing is named.
        DataError: no record is found.
    """
    if not roots:
        raise ConfigError(f"{option_name}: name at least one record or folder of records to draw pages of")
    locations = [str(location) for root in roots for location in find_records(root)]
    if not locations:
        raise DataError(f"{option_name}: no record found there; `ecg list formats --long` shows what can be read")
    if not share or len(locations) == 1:
        return locations, list(locations)
    every = max(2, round(1 / share))
    kept = locations[every - 1 :: every] or [locations[-1]]
    return [location for location in locations if location not in set(kept)], kept


class EndlessPages:
    """Pages without end.

    Args:
        records: what to print; a record that cannot be read or printed is named in the log, counted in
            ``num_skipped``, and another takes its place.
        recipe: what to vary.
        seed: of everything.

    Raises:
        DataError: no records.
    """

    def __init__(self, records: Sequence[Record], recipe: PageRecipe | None = None, *, seed: int = 0) -> None:
        if not len(records):
            raise DataError("no records to draw pages of; name at least one")
        self.records = records
        self.recipe = recipe or PageRecipe()
        self.seed = seed
        self.num_skipped = 0

    def samples(self, *, start: int = 0, step: int = 1) -> Iterator[PageSample]:
        """Samples ``start``, ``start + step`` and so on: of several workers each begins at its number."""
        return (self.sample(index) for index in count(start, step))

    def sample(self, index: int) -> PageSample:
        """One sample, the same whenever it is asked for.

        Raises:
            DataError: many records in a row cannot be printed.
            PluginError: the recipe names a layout, style or degradation that is not there.
        """
        rng = np.random.default_rng((self.seed, index))
        for _ in range(MAX_TRIES):
            number = int(rng.integers(len(self.records)))
            try:
                record = self.records[number]
                return self._draw(index, record, rng)
            except DataError as error:
                self.num_skipped += 1
                log.warning("record %d is skipped: %s", number, error)
        raise DataError(f"{MAX_TRIES} records in a row could not be printed; the last ones are named in the log")

    def _draw(self, index: int, record: Record, rng: np.random.Generator) -> PageSample:
        recipe = self.recipe
        paper = PaperSpec(
            speed_mm_per_s=choose(recipe.paper_speeds_mm_per_s, rng),
            gain_mm_per_mv=choose(recipe.gains_mm_per_mv, rng),
            chest_gain_mm_per_mv=choose(recipe.chest_gains_mm_per_mv, rng) or None,
        )
        look = random_look(choose(recipe.styles, rng), choose(recipe.layouts, rng), rng, paper=paper)
        layout = look.layout
        record = self._filled(record, layout, rng)
        record = _thinned(record, choose(recipe.printed_rates_hz, rng))
        flat = render_page(
            record,
            layout=layout,
            paper=look.paper,
            dots_per_inch=rng.uniform(recipe.least_dots_per_inch, recipe.most_dots_per_inch),
            style=look.style,
            seed=_seed(rng),
        )
        name = choose(recipe.degradations, rng)
        page = flat if name == CLEAN else degrade_by_name(flat, name, _seed(rng))
        return PageSample(index=index, record=record, layout=layout, flat=flat, page=page, degradation=name)

    def _filled(self, record: Record, layout: Layout, rng: np.random.Generator) -> Record:
        """The record with all that the layout shows, as the recipe says."""
        recipe = self.recipe
        if recipe.made_up_leads:
            record = with_leads(record, layout.lead_names)
        if recipe.random_start:
            record = _from_anywhere(record, layout.record_s, rng)
        if recipe.repeated:
            record = lasting_for(record, layout)
        return _cut_short(record, layout, rng) if rng.random() < recipe.short_share else record


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _from_anywhere(record: Record, duration_s: float, rng: np.random.Generator) -> Record:
    """The part of a longer record that a page shows, begun at random."""
    spare = record.num_samples - int(np.ceil(duration_s * record.sampling_rate_hz))
    first = int(rng.integers(spare + 1)) if spare > 0 else 0
    return attrs.evolve(record, signal_mv=record.signal_mv[:, first:])


def _cut_short(record: Record, layout: Layout, rng: np.random.Generator) -> Record:
    """A record that ends within the piece that is shown last, as when printing was stopped."""
    last = max(layout.segments, key=lambda segment: segment.end_s)
    end_s = last.start_s + rng.uniform(0.3, 0.95) * last.duration_s
    return attrs.evolve(record, signal_mv=record.signal_mv[:, : int(end_s * record.sampling_rate_hz)])


def _thinned(record: Record, rate_hz: float) -> Record:
    """The record at a lower rate, as many prints show it: its samples are joined by straight lines."""
    return record.resample(rate_hz) if 0 < rate_hz < record.sampling_rate_hz else record
