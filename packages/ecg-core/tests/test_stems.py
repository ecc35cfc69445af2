from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ecg_core.stems import assign_stems


def stems_of(*names: str) -> list[str]:
    return list(assign_stems(map(Path, names)).values())


def test_a_plain_name_is_kept():
    assert stems_of("a/90037.png", "b/page_2.pdf", "00012_hr-0.jpg") == ["90037", "page_2", "00012_hr-0"]


def test_what_wfdb_refuses_becomes_an_underscore():
    assert stems_of("photo (1).jpg", "Müller.png", "(.png") == ["photo_1", "M_ller", "page"]


def test_two_files_with_one_stem_get_two_stems_in_order():
    assert stems_of("a/x.png", "b/x.pdf", "c/X.png", "d/x.tif") == ["x", "x-2", "X-3", "x-4"]


def test_a_page_of_a_document_and_a_file_called_like_it_do_not_meet():
    assert stems_of("a.pdf", "a-p1.png") == ["a", "a-p1-2"]
    assert stems_of("a-p1.png", "a.pdf") == ["a-p1", "a-2"]


def test_numbered_pages_without_their_document_keep_their_names():
    assert stems_of("a-p1.png", "a-p2.png") == ["a-p1", "a-p2"]


@given(st.lists(st.text(min_size=1, max_size=8), max_size=12, unique=True))
def test_no_two_outputs_ever_share_a_name(names):
    files = [Path(str(number)) / f"{name.replace('/', '')}.png" for number, name in enumerate(names)]
    stems = [stem.casefold() for stem in assign_stems(files).values()]
    assert len(set(stems)) == len(files)
    assert all(stem.replace("-", "").replace("_", "").isascii() for stem in stems)
