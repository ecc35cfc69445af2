"""The score of a page: real ones with their recording, and ones that are printed for the purpose."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from zlib import crc32

import attrs
import numpy as np

from ecg_core import Record, competition_snr, read_record
from ecg_core.errors import EcgError
from ecg_core.metrics.snr import PageSnr, restrict_to_layout
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_digitize.pages.files import PagePicture, load_pages
from ecg_digitize.record.digitization import Digitization
from ecg_digitize.tasks.options import PageReader
from ecg_render import Page, render_page
from ecg_render.endless import CLEAN
from ecg_render.styles import style_by_name

REFUSED = "refused"


@attrs.frozen(kw_only=True)
class PageScore:
    """What became of a page.

    Attributes:
        page: its file, or the recording that was printed.
        group: what it is compared with others by: its folder, or the degradation.
        truth: name of the recording.
        snr: competition SNR against what the page shows of it.
        verdict: ``good``, ``doubtful`` or ``refused``.
        confidence: confidence of each lead; empty where nothing was read.
        evidence: what speaks for each lead, where the digitizer tells it.
        seconds: time that reading the page took, its file included.
        error: why it could not be read, and it then counts as zeros.
    """

    page: str
    group: str
    truth: str
    snr: PageSnr
    verdict: str
    confidence: Mapping[str, float]
    evidence: Mapping[str, Mapping[str, float]]
    seconds: float
    error: EcgError | None = None


@attrs.frozen
class RealPage:
    """A page file and the recording that it was printed from."""

    file: Path
    truth: Path

    def __str__(self) -> str:
        return str(self.file)

    def score(self, reader: PageReader, layout: Layout) -> PageScore:
        """Read the first page of the file.

        Raises:
            DataError: the recording cannot be read, or shows nothing where the page has its leads.
        """
        truth = restrict_to_layout(read_record(self.truth), layout)
        names = {"page": self.file.name, "group": self.file.resolve().parent.name, "truth_name": self.truth.name}
        return _scored(truth, partial(_read_file, reader, self.file), **names)


@attrs.frozen
class PrintedPage:
    """A recording that is printed, degraded, and read back.

    Attributes:
        location: where the recording lies.
        degradation: name of it, `ecg_render.endless.CLEAN` for none.
        dots_per_inch: resolution of the page.
        style: name of its style.
    """

    location: str
    degradation: str
    dots_per_inch: float
    style: str = "random"

    def __str__(self) -> str:
        return f"{self.location} ({self.degradation})"

    def score(self, reader: PageReader, layout: Layout) -> PageScore:
        """Print the recording and read the page.

        Raises:
            DataError: the recording cannot be read or printed.
        """
        record = read_record(self.location)
        page = self.printed(record, layout)
        truth = restrict_to_layout(record, layout)
        names = {"page": record.name, "group": self.degradation, "truth_name": record.name}
        return _scored(truth, partial(reader, PagePicture(record.name, page.image)), **names)

    def printed(self, record: Record, layout: Layout) -> Page:
        """The page; its looks follow from the recording's name."""
        seed = crc32(self.location.rpartition("/")[2].encode())
        style = style_by_name(self.style, np.random.default_rng(seed))
        page = render_page(record, layout=layout, style=style, dots_per_inch=self.dots_per_inch, seed=seed)
        if self.degradation == CLEAN:
            return page
        degraded: Page = registry().load("degradations", self.degradation)(page, seed)
        return degraded


def _read_file(reader: PageReader, file: Path, *, sampling_rate_hz: float) -> Digitization:
    return reader(next(load_pages(file)), sampling_rate_hz=sampling_rate_hz)


def _scored(truth: Record, read: Callable[..., Digitization], *, page: str, group: str, truth_name: str) -> PageScore:
    found, error = None, None
    start_s = time.perf_counter()
    try:
        found = read(sampling_rate_hz=truth.sampling_rate_hz)
    except EcgError as caught:
        error = caught
    seconds = time.perf_counter() - start_s
    estimate = found.record if found else attrs.evolve(truth, signal_mv=np.full_like(truth.signal_mv, np.nan))
    return PageScore(
        page=page,
        group=group,
        truth=truth_name,
        snr=competition_snr(truth, estimate),
        verdict=found.verdict if found else REFUSED,
        confidence=found.confidence if found else {},
        evidence=found.quality.evidence if found else {},
        seconds=seconds,
        error=error,
    )
