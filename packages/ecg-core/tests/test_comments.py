from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from ecg_core.formats.comments import comments_from_metadata, metadata_from_comments


def test_pairs_are_parsed_and_all_lines_kept() -> None:
    lines = ["#Age: 49", "# Dx: 42, 43", "## note", "#", "# time: 12:30:00", "# empty:", "# {'a': 1}"]
    assert metadata_from_comments(lines) == {
        "comments": ("Age: 49", "Dx: 42, 43", "note", "time: 12:30:00", "empty:", "{'a': 1}"),
        "Age": "49",
        "Dx": "42, 43",
        "time": "12:30:00",
        "{'a'": "1}",
    }
    assert metadata_from_comments([]) == {}


def test_a_comment_called_comments_does_not_replace_the_lines() -> None:
    assert metadata_from_comments(["# comments: none"]) == {"comments": ("comments: none",)}


def test_each_text_and_number_becomes_one_line() -> None:
    metadata = {
        "comments": ("Age: 49", "two\nlines"),
        "Age": "49",
        "seed": 3,
        "gain": 0.5,
        "leads": ["I"],
        "none": None,
    }
    assert comments_from_metadata(metadata) == ["Age: 49", "two lines", "seed: 3", "gain: 0.5"]
    assert comments_from_metadata({"comments": "one text"}) == ["one text"]


@given(st.lists(st.text(max_size=30), max_size=5))
@example(["0:0\n0"])
def test_what_was_read_once_stays_as_it_is(lines: list[str]) -> None:
    once = comments_from_metadata(metadata_from_comments(f"#{line}" for line in lines))
    again = comments_from_metadata(metadata_from_comments(f"# {line}" for line in once))
    assert again == once
