"""Options that the tasks share which read pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

import attrs

from ecg_core.config import PluginOptions, option, plugin_options
from ecg_core.execution.batch import WatchedConfig
from ecg_core.layout_text import EXAMPLE
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.pages.files import PagePicture
from ecg_digitize.reader import AUTO, DEFAULT_RATE_HZ, digitize, layouts_named, ready_digitizers
from ecg_digitize.record.digitization import Digitization

PAGES_HELP = "which pages of documents (PDF, TIFF), '1,3-5' say, the same of each; by default all of them"


class PageReader(Protocol):
    """`ecg_digitize.digitize` with its options; it can be sent to other processes."""

    def __call__(self, page: PagePicture, *, sampling_rate_hz: float = DEFAULT_RATE_HZ) -> Digitization: ...


@attrs.frozen(kw_only=True)
class PageOptions(WatchedConfig):
    """What is known of many pages, and the options of what reads them."""

    layout: str = option(
        AUTO,
        help="where the leads stand: auto finds out; else a name of `ecg list layouts`, or the rows of the page as "
        f"text, '{EXAMPLE}', with ? for a lead that nobody can name",
    )
    speed_mm_per_s: float | None = option(
        None, above=0, help="paper speed; by default what print, columns, pulses and beats make likeliest", unit="mm/s"
    )
    gain_mm_per_mv: float | None = option(
        None, above=0, help="gain; by default as print and pulses say, else 10", unit="mm/mV"
    )
    duration_s: float | None = option(
        None, above=0, help="time from the left to the right end of a row; by default what fits, 10 at most", unit="s"
    )
    digitizers: PluginOptions = plugin_options("digitizers", help="options of each digitizer")

    def settings(self) -> PrintSettings:
        """Speed, gain and duration, as far as they are told."""
        return PrintSettings(
            speed_mm_per_s=self.speed_mm_per_s, gain_mm_per_mv=self.gain_mm_per_mv, duration_s=self.duration_s
        )


@attrs.frozen(kw_only=True)
class ReadingOptions(PageOptions):
    """How pages are read, the same for every task that reads them."""

    method: str = option(
        AUTO, help="digitizer that reads the pages, see `ecg list digitizers`; auto takes the best for each page"
    )

    fit_limbs: bool = option(
        True,
        help="move limb leads of the same seconds, of which two tell all others, as little as makes them fit together; "
        "false: leave each as it was read",
    )

    def warm_up(self) -> Callable[[], object]:
        """What each process does before its first page; it tells what is missing for every page.

        Called, it raises a ConfigError, CheckpointError or PluginError where what a digitizer needs is not there, or
        damaged, or there is no such digitizer.
        """
        return partial(ready_digitizers, self.method, self.digitizers)

    def reader(self) -> PageReader:
        """`digitize` with these options.

        Raises:
            ConfigError: rows that name no leads.
            PluginError: there is no such layout.
        """
        layouts_named(self.layout)
        return partial(
            digitize,
            method=self.method,
            layout=self.layout,
            settings=self.settings(),
            digitizers=self.digitizers,
            fit_limbs=self.fit_limbs,
        )
