"""Which pages of a document are wanted: ``1,3-5``."""

from __future__ import annotations

import re
from typing import Self

import attrs

from ecg_core.errors import ConfigError

MAX_PAGE = 1_000_000

_RANGE = re.compile(r"(\d+)(?:\s*-\s*(\d+))?", re.ASCII)


@attrs.frozen
class PageSelection:
    """Some pages of a document, counted from 1.

    Attributes:
        ranges: first and last page of each stretch; empty for all pages.
    """

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def parse(cls, text: str | int | None) -> Self:
        """The pages that a text names: numbers and ranges with commas between; None for all pages.

        Raises:
            ConfigError: it is something else; the message says which part.
        """
        if text is None:
            return cls()
        return cls(tuple(_range(part.strip(), str(text)) for part in str(text).split(",")))

    def __contains__(self, number: int) -> bool:
        return not self.ranges or any(first <= number <= last for first, last in self.ranges)

    def __str__(self) -> str:
        return _as_text(self.ranges) if self.ranges else "all"

    def beyond(self, count: int) -> str:
        """The pages that a document of so many does not have, as text; empty where it has all."""
        return _as_text([(max(first, count + 1), last) for first, last in self.ranges if last > count])


ALL_PAGES = PageSelection()


def _as_text(ranges: tuple[tuple[int, int], ...] | list[tuple[int, int]]) -> str:
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _range(part: str, whole: str) -> tuple[int, int]:
    """First and last page of a stretch.

    Raises:
        ConfigError: it is neither a number nor a range, or runs backwards.
    """
    found = _RANGE.fullmatch(part)
    if found is None:
        raise ConfigError(
            f'pages "{whole}": "{part}" is neither a page nor a range of pages; write --pages 1,3-5 for pages 1, 3, 4 '
            "and 5"
        )
    first, last = int(found[1][:20]), int((found[2] or found[1])[:20])
    if not 1 <= first <= MAX_PAGE or last > MAX_PAGE:
        raise ConfigError(f'pages "{whole}": "{part}": pages are counted from 1, up to {MAX_PAGE}')
    if last < first:
        raise ConfigError(f'pages "{whole}": "{part}" runs backwards; write {last}-{first}')
    return first, last
