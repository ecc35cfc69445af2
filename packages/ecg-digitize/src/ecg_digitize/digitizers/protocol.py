"""The seam between a page and its record: what a digitizer is asked, and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import attrs

from ecg_core.paper import Layout
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.digitizers.reading import Reading
from ecg_digitize.pages.files import PagePicture


@attrs.frozen(kw_only=True)
class ReadingRequest:
    """What is asked of a digitizer beside the page itself.

    Attributes:
        layouts: the layouts that the page may have, by name; a single one is taken for granted.
        settings: speed, gain and duration as far as the user told them.
        sampling_rate_hz: sampling rate of the traces.
    """

    layouts: Mapping[str, Layout]
    settings: PrintSettings = attrs.field(factory=PrintSettings)
    sampling_rate_hz: float = 500.0


class Digitizer(Protocol):
    """Reads pages of some kind. It is made of its options, once a process, and then reads page after page.

    What would fail for every page, such as a file of weights that is not there, is raised when it is made.
    """

    def can_read(self, page: PagePicture) -> float:
        """How well it suits a page, told at a glance: milliseconds, no reading.

        Returns:
            0 where the page is not of its kind, else up to 1. The method ``auto`` tries the digitizer with the highest
            answer first. Of the shipped ones ``vector`` says 0.9 of a PDF with drawn lines, ``neural`` 0.5 of any
            picture.
        """
        ...

    def read(self, page: PagePicture, request: ReadingRequest) -> Reading:
        """Read a page.

        Raises:
            DataError: the page cannot be read; the message says what was looked for, what was found, and what to do.
                An `UnreadablePage` also tells what was made out, which is drawn for the user.
        """
        ...
