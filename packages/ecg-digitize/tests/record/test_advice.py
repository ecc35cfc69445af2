"""What is advised for pages that were not read, or not well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np

from ecg_core.layout_text import find_layout
from ecg_digitize.digitizers import PagePicture, PrintSettings, Reading, Seen
from ecg_digitize.pages.drawing import Drawing
from ecg_digitize.record.advice import advice_for, advice_for_unread

LARGE = PagePicture("a", np.zeros((1600, 2200, 3), np.uint8))
SMALL = PagePicture("a", np.zeros((400, 600, 3), np.uint8))
GRID = (np.zeros((2, 2)),)


def test_rows_that_were_read_are_given_to_be_corrected_in_a_form_that_is_a_layout() -> None:
    first, *_others = advice_for_unread(LARGE, Seen(layout_rows=(("I", "aVR"), ("II",)), grid_px=GRID))
    assert first.startswith('--layout "I aVR / II"')
    assert find_layout(first.split('"')[1]).rhythm_leads == ("II",)


def test_waves_taken_for_names_are_not_given() -> None:
    first, *_others = advice_for_unread(LARGE, Seen(layout_rows=(("V2",) * 4, ("II",)), grid_px=GRID))
    assert "I aVR V1 V4 / II aVL" in first
    assert "V2 V2" not in first


def test_a_page_without_a_grid_is_best_photographed_again() -> None:
    told = advice_for_unread(SMALL, Seen())
    assert "it has 600 x 400, and a whole page needs about 1100 across" in told[0]
    assert "from straight above" in told[1]
    assert not any("more pixels" in text for text in advice_for_unread(LARGE, Seen()))


def test_of_a_document_other_pages_may_be_meant() -> None:
    drawing = Drawing((), (), 11.8)
    page = attrs.evolve(SMALL, name="doc-p2", file=Path("doc.pdf"), number=2, drawing=drawing)
    told = advice_for_unread(page, Seen())
    assert told[0].startswith("--pages")
    assert not any("photo" in text or "pixels" in text for text in told)
    assert not any("--pages" in text for text in advice_for_unread(attrs.evolve(page, name="doc"), Seen()))


def test_what_was_taken_for_granted_can_be_told(make_reading: Callable[..., Reading]) -> None:
    told = advice_for(LARGE, make_reading(), "doubtful")
    assert [text.split(",")[0] for text in told] == ["--speed", "--gain"]
    structure = attrs.evolve(
        make_reading().structure, scale=PrintSettings(speed_mm_per_s=25, gain_mm_per_mv=10).scale()
    )
    assert advice_for(LARGE, make_reading(structure=structure), "doubtful") == ()
    refused = advice_for(LARGE, make_reading(structure=structure), "refused")
    assert refused[0].startswith('--layout "I / II / III / aVR')
    assert advice_for(LARGE, make_reading(), "good") == ()


def test_few_pixels_a_millimetre_are_told(make_reading: Callable[..., Reading]) -> None:
    geometry = attrs.evolve(make_reading().geometry, px_per_mm_x=3.6)
    told = advice_for(LARGE, make_reading(geometry=geometry), "refused")
    assert "a picture of more pixels: it has 3.6 a millimetre of paper, and 4 are wanted" in told


def test_a_name_that_nobody_read_can_be_told(make_reading: Callable[..., Reading]) -> None:
    structure = attrs.evolve(make_reading().structure, rows=(("I", "?"), *((),) * 11))
    first, *_others = advice_for(LARGE, make_reading(structure=structure), "doubtful")
    assert first.startswith('--layout "I ?')
