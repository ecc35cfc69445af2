"""The score of a page: real ones with their recording, and ones that are printed for the purpose."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self
from zlib import crc32

import attrs
import numpy as np

from ecg_core import Record, competition_snr, read_record
from ecg_core.errors import EcgError
from ecg_core.execution.batch import Item
from ecg_core.formats import files_of_record
from ecg_core.metrics.snr import PageSnr, restrict_to_layout
from ecg_core.paper import LARGE_BOX_MM, LAYOUT_3X4_1R, Layout, PaperSpec
from ecg_digitize.evaluation.structure import PrintedStructure, ReadStructure, StructureOutcome, score_structure
from ecg_digitize.pages.files import PagePicture, load_pages
from ecg_digitize.record.digitization import Digitization
from ecg_digitize.tasks.options import PageReader
from ecg_render import Page, render_page
from ecg_render.degradations.chain import degrade_by_name
from ecg_render.looks import random_look
from ecg_render.training_records import lasting_for, with_leads

REFUSED = "refused"


@attrs.frozen(kw_only=True)
class PageScore:
    """How well a page was read.

    Attributes:
        page: name of the page's file, or of the recording that was printed.
        group: name of the pages that it is counted with: their folder, or the degradation.
        truth: name of the recording.
        snr: signal-to-noise ratio of the reading against what the page shows of the recording.
        verdict: ``good``, ``doubtful`` or ``refused``.
        confidence: in each lead; empty where nothing was read.
        evidence: what speaks for each lead, where the digitizer tells it.
        seconds: how long it took to read the page, its file included.
        error: why the page could not be read, and then counts as zeros; empty where it was read.
        structure: how well its rows, scale and times were understood; empty where nothing knows how they are printed.
        paper_off: by which part its paper's grid is wider or narrower than its print has it, where that is known: a
            reader measures time by the grid.
    """

    page: str
    group: str
    truth: str
    snr: PageSnr
    verdict: str
    confidence: Mapping[str, float]
    evidence: Mapping[str, Mapping[str, float]]
    seconds: float
    error: str = ""
    structure: StructureOutcome | Literal[""] = ""
    paper_off: float = 0.0

    def to_plain(self) -> dict[str, Any]:
        """The score as plain values, for a ledger."""
        return attrs.asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The reverse of `to_plain`."""
        return cls(**{**plain, "snr": PageSnr(**plain["snr"])})


@attrs.frozen
class RealPage:
    """A page file, the recording that it was printed from, and the layout in which it shows it."""

    file: Path
    truth: Path
    layout: Layout = LAYOUT_3X4_1R

    def __str__(self) -> str:
        return str(self.file)

    def as_item(self) -> Item:
        """The page as something to work on."""
        return Item(
            source=str(self), key=f"page {self.file}", value=self, files=(str(self.file), *files_of_record(self.truth))
        )

    def score(self, reader: PageReader) -> PageScore:
        """Read the first page of the file.

        Raises:
            DataError: the recording cannot be read, or shows nothing where the page has its leads.
        """
        truth = restrict_to_layout(read_record(self.truth), self.layout)
        score = _scored(truth, partial(_read_file, reader, self.file))
        return attrs.evolve(score, page=self.file.name, group=self.file.resolve().parent.name, truth=self.truth.name)


@attrs.frozen
class PrintedPage:
    """A recording that is printed, degraded, and read back.

    Attributes:
        location: file of the recording.
        degradation: name of the degradation, `ecg_render.degradations.chain.CLEAN` for none.
        dots_per_inch: resolution of the page.
        style: name of the page's style, as of `ecg_render.looks.random_look`.
        layout: where its leads stand, as of the same. A record is repeated where the page shows more of it, and leads
            that it lacks are made up, as of `ecg_render.training_records`.
    """

    location: str
    degradation: str
    dots_per_inch: float
    style: str = "random"
    layout: str = LAYOUT_3X4_1R.name

    def __str__(self) -> str:
        return f"{self.location} ({self.degradation})"

    def as_item(self) -> Item:
        """The page as something to work on."""
        return Item(source=str(self), key=f"printed {self}", value=self, files=files_of_record(self.location))

    def score(self, reader: PageReader) -> PageScore:
        """Print the recording and read the page.

        Raises:
            DataError: the recording cannot be read or printed.
        """
        truth, page = self.printed()
        read = partial(reader, PagePicture(truth.name, self.degraded(page).image))
        score = _scored(truth, read, PrintedStructure.of_page(page))
        return attrs.evolve(score, group=self.degradation, paper_off=_paper_off(page))

    @property
    def _seed(self) -> int:
        """Of the page's looks and its degradation: they follow from the recording's name."""
        return crc32(self.location.rpartition("/")[2].encode(errors="backslashreplace"))

    def printed(self) -> tuple[Record, Page]:
        """What the page shows of the recording, and the page, not degraded."""
        look = random_look(self.style, self.layout, np.random.default_rng(self._seed), paper=PaperSpec())
        record = lasting_for(with_leads(read_record(self.location), look.layout.lead_names), look.layout)
        page = render_page(
            record,
            layout=look.layout,
            paper=look.paper,
            style=look.style,
            dots_per_inch=self.dots_per_inch,
            seed=self._seed,
        )
        return restrict_to_layout(record, look.layout), page

    def degraded(self, page: Page) -> Page:
        """The page that was printed as a scanner or a camera has it."""
        return degrade_by_name(page, self.degradation, self._seed)


def _paper_off(page: Page) -> float:
    """By which part the large boxes of a flat page are wider or narrower than its print has them; 0 without a grid."""
    apart_px = np.diff(page.grid_points_px[..., 0], axis=1)
    return abs(float(np.median(apart_px)) / (LARGE_BOX_MM * page.px_per_mm) - 1) if apart_px.size else 0.0


def _read_file(reader: PageReader, file: Path, *, sampling_rate_hz: float) -> Digitization:
    return reader(next(load_pages(file)), sampling_rate_hz=sampling_rate_hz)


def _scored(truth: Record, read: Callable[..., Digitization], printed: PrintedStructure | None = None) -> PageScore:
    """The score of a page that is named like its recording and belongs to no group yet."""
    found, error = None, ""
    start_s = time.perf_counter()
    try:
        found = read(sampling_rate_hz=truth.sampling_rate_hz)
    except EcgError as caught:
        error = str(caught)
    seconds = time.perf_counter() - start_s
    estimate = found.record if found else attrs.evolve(truth, signal_mv=np.full_like(truth.signal_mv, np.nan))
    return PageScore(
        page=truth.name,
        group="",
        truth=truth.name,
        snr=competition_snr(truth, estimate),
        verdict=found.verdict if found else REFUSED,
        confidence=found.confidence if found else {},
        evidence=found.quality.evidence if found else {},
        seconds=seconds,
        error=error,
        structure=score_structure(printed, ReadStructure.of(found) if found else None).outcome if printed else "",
    )
