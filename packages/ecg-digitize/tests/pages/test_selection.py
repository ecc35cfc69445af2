"""Which pages of a document are wanted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.errors import ConfigError
from ecg_digitize.pages.selection import ALL_PAGES, PageSelection


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 20)), min_size=1, max_size=5))
def test_numbers_and_ranges(pairs: list[tuple[int, int]]) -> None:
    text = ", ".join(str(first) if not more else f"{first}-{first + more}" for first, more in pairs)
    found = PageSelection.parse(text)
    wanted = {number for first, more in pairs for number in range(first, first + more + 1)}
    assert {number for number in range(1, 100) if number in found} == wanted
    assert PageSelection.parse(str(found)) == found


def test_a_number_alone_and_none() -> None:
    assert 2 in PageSelection.parse(2)
    assert 1 not in PageSelection.parse(2)
    assert PageSelection.parse(None) == ALL_PAGES
    assert 10**9 in ALL_PAGES
    assert str(ALL_PAGES) == "all"


def test_pages_beyond_a_document() -> None:
    assert PageSelection.parse("1,3-5,9").beyond(4) == "5,9"
    assert PageSelection.parse("1,3-5").beyond(1) == "3-5"
    assert PageSelection.parse("1,3-5").beyond(5) == ""
    assert ALL_PAGES.beyond(1) == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '"" is neither a page nor a range'),
        ("1,,2", '"" is neither a page nor a range'),
        ("two", '"two" is neither a page nor a range of pages; write --pages 1,3-5'),
        ("3-", '"3-" is neither'),
        ("-3", '"-3" is neither'),
        ("1;2", '"1;2" is neither'),
        ("1.5", '"1.5" is neither'),
        ("\N{ARABIC-INDIC DIGIT ONE}", "is neither"),
        ("0", '"0": pages are counted from 1'),
        ("0-3", "pages are counted from 1"),
        ("1-99999999999999999999999", "up to 1000000"),
        ("5-3", '"5-3" runs backwards; write 3-5'),
    ],
)
def test_anything_else_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PageSelection.parse(text)
