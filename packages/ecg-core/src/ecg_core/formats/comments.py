"""Metadata of a record as lines of text: ``key: value`` comments in WFDB headers and CSV files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

COMMENTS = "comments"
_PAIR = re.compile(r"([^:]{1,40}?)\s*:\s*(\S.*)", re.DOTALL)


def metadata_from_comments(lines: Iterable[str]) -> dict[str, Any]:
    """``comments``, a tuple of the lines without ``#``, and a text for each ``key: value`` among them."""
    comments = tuple(filter(None, (line.strip().lstrip("#").strip() for line in lines)))
    if not comments:
        return {}
    pairs = (_PAIR.fullmatch(comment) for comment in comments)
    return {match[1]: match[2] for match in pairs if match} | {COMMENTS: comments}


def comments_from_metadata(metadata: Mapping[str, Any]) -> list[str]:
    """The ``comments`` and a ``key: value`` line for every other text or number, each on one line."""
    given = metadata.get(COMMENTS, ())
    lines = [str(line) for line in given] if isinstance(given, list | tuple) else [str(given)]
    pairs = [f"{key}: {value}" for key, value in metadata.items() if _is_plain(key, value)]
    joined = (" ".join(_writable(line).lstrip("# ").split()) for line in (*lines, *pairs))
    return list(dict.fromkeys(filter(None, joined)))


def _writable(line: str) -> str:
    """A line without halves of characters, which JSON may hold and no file of text does."""
    return line.encode("utf-8", "replace").decode()


def _is_plain(key: str, value: Any) -> bool:
    return key != COMMENTS and isinstance(value, str | int | float)
