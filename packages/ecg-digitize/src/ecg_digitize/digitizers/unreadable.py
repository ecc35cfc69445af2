"""The error of a page that cannot be read, with what was made out on it all the same."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from ecg_core.errors import DataError


@attrs.frozen
class SeenName:
    """The name of a lead that was read, and the pixel of the picture where its middle stands."""

    text: str
    x_px: float
    y_px: float


@attrs.frozen(kw_only=True, eq=False)
class Seen:
    """What was made out on a page, in pixels of its picture; whatever was not is empty.

    Attributes:
        layout_rows: names of leads as far as they were read, in rows from the top.
        grid_px: lines of the grid, each float, shape (points, 2); NaN where one is not known.
        names: names of leads, where they stand.
        rows_px: level lines of the printed rows, each float, shape (points, 2).
    """

    layout_rows: tuple[tuple[str, ...], ...] = ()
    grid_px: tuple[np.ndarray, ...] = ()
    names: tuple[SeenName, ...] = ()
    rows_px: tuple[np.ndarray, ...] = ()


class UnreadablePage(DataError):
    """A page cannot be read.

    A digitizer may raise a plain `DataError` as well; nothing is then known of what it saw.

    Args:
        message: what was looked for, what was found, and what to do.
        seen: what was made out.
        advice: what to try next, each a sentence; what is said of every page follows by itself.
        method: name of the digitizer; whoever asked it fills it in.
    """

    def __init__(self, message: str, seen: Seen | None = None, advice: Sequence[str] = (), method: str | None = None):
        super().__init__(message)
        self.seen = seen or Seen()
        self.advice = tuple(advice)
        self.method = method

    @classmethod
    def of(cls, error: DataError, message: str | None = None, method: str | None = None) -> UnreadablePage:
        """Any error of a page as this one, with what it knows; under another message or method where one is given."""
        text = str(error) if message is None else message
        if isinstance(error, UnreadablePage):
            return cls(text, error.seen, error.advice, method or error.method)
        return cls(text, method=method)
