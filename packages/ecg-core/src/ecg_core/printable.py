"""Texts of others as they may stand on a terminal: what would steer it, or cannot be written to it, is shown escaped.

Names of files, patients and leads, comments, and what libraries say of them come from anywhere. An escape sequence in
one can hide or forge lines; a name that is no UTF-8 (Python holds its bytes as surrogates) stops whatever writes it.
"""

from __future__ import annotations

import re

LINES = "\n\t"
"""What texts of our own may hold beside printable characters."""

_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters of both kinds, separators of lines, overrides of the direction of writing, and surrogates."""


def printable(text: object, *, keep: str = "") -> str:
    """A text with each such character as Python escapes it, ``\\\\x1b`` for the one that begins escape sequences.

    Args:
        text: of anybody; what is no text as its own words.
        keep: characters that may stay, `LINES` for texts that have several lines by right.
    """
    words = str(text)
    return _HIDDEN.sub(lambda found: found[0] if found[0] in keep else _escaped(found[0]), words)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
