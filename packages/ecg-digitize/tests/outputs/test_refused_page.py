"""What is left of a page that could not be read."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ecg_core.errors import DataError
from ecg_core.leads import STANDARD_LEADS
from ecg_digitize.digitizers import PagePicture, Seen, SeenName, UnreadablePage
from ecg_digitize.outputs.files import save_refusal
from ecg_digitize.outputs.reasons import LEAST_WIDTH_PX
from ecg_digitize.outputs.refused_page import GRID_RGB, MAX_SIDE_PX, NAME_RGB, ROW_RGB, draw_refused
from ecg_digitize.record.refusal import refuse_page

PAGE = PagePicture("a", np.full((400, 800, 3), 200, np.uint8), file=Path("folder/a.jpg"))
SEEN = Seen(
    layout_rows=(("I", "aVR"), ("II",)),
    grid_px=(np.array([(100.0, 50.0), (100.0, 350.0)]), np.array([(np.nan, np.nan), (5.0, 5.0)])),
    names=(SeenName("aVR", 300.0, 100.0),),
    rows_px=(np.array([(50.0, 200.0), (750.0, 200.0)]),),
)


def test_what_was_seen_is_drawn_where_it_is() -> None:
    drawn = draw_refused(refuse_page(PAGE, UnreadablePage("no layout", SEEN)))
    page = drawn[-400:]
    assert drawn.shape[1:] == (800, 3)
    for (x, y), colour in {(100, 300): GRID_RGB, (600, 200): ROW_RGB, (300, 100): NAME_RGB}.items():
        np.testing.assert_allclose(page[y, x], colour, atol=10)  # lines are drawn with soft edges
    assert (page[380:, 600:] > 210).all()  # faded


def test_where_nothing_was_seen_the_page_is_as_it_was_with_the_reason_above() -> None:
    drawn = draw_refused(refuse_page(PAGE, DataError("no grid")))
    np.testing.assert_array_equal(drawn[-400:], PAGE.image)
    assert len(drawn) > 400
    assert drawn[:-400].min() < 100 < 200 < drawn[:-400].max()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (30, 60_000), (60_000, 30), (5000, 7000)])
def test_pictures_of_any_size(height: int, width: int) -> None:
    page = PagePicture("a", np.full((height, width, 3), 200, np.uint8))
    drawn = draw_refused(refuse_page(page, UnreadablePage("no grid", SEEN)))
    assert LEAST_WIDTH_PX <= drawn.shape[1] <= MAX_SIDE_PX
    assert len(drawn) < MAX_SIDE_PX + 3000


def test_the_files_say_why_and_what_to_try(tmp_path: Path) -> None:
    error = UnreadablePage("no layout", SEEN, advice=["the other side of the sheet"], method="neural")
    overlay, quality = save_refusal(refuse_page(PAGE, error), tmp_path, "a")
    assert (overlay.name, quality.name) == ("a_overlay.jpg", "a_quality.json")
    assert cv2.imread(str(overlay)).shape[1] == 800
    told = json.loads(quality.read_text())
    assert told["source"] == {"file": str(Path("folder/a.jpg")), "page": 1}
    assert (told["verdict"], told["method"], told["warnings"]) == ("refused", "neural", ["no layout"])
    assert told["layout_rows"] == [["I", "aVR"], ["II"]]
    assert told["advice"][0] == "the other side of the sheet"
    assert told["advice"][1].startswith('--layout "I aVR / II", corrected to what is printed')
    assert (told["layout"], told["paper"], told["geometry"], told["engine"]) == (None, None, None, None)
    assert told["confidence"] == dict.fromkeys(STANDARD_LEADS, 0)
    assert (told["leads"], told["evidence"], set(told["disagreement"].values())) == ({}, {}, {None})
