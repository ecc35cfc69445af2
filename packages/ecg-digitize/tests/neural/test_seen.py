"""What is told of a page that could not be read to the end."""

from __future__ import annotations

import pickle

import attrs
import numpy as np
import pytest

from ecg_core.errors import DataError
from ecg_digitize import PagePicture, ReadingRequest
from ecg_digitize.digitizers import Seen, UnreadablePage
from ecg_digitize.digitizers.neural.digitizer import NeuralDigitizer
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.arrangement import Mark
from ecg_digitize.digitizers.neural.markers.rows import PageRows
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.options import NeuralOptions
from ecg_digitize.digitizers.neural.seen import names_in_rows, what_was_seen
from ecg_digitize.reader import layouts_named

SHAPE = round(90 * PX_PER_MM), round(115 * PX_PER_MM)
FLAT = FlatPage(
    mesh=Mesh(np.stack(np.meshgrid(np.arange(20.0), np.arange(15.0)), axis=-1) * 18 + 20),
    paper=np.full((*SHAPE, 3), 255, np.uint8),
    trace=np.zeros(SHAPE, np.float32),
    found=0.9,
)
"""A box has 18 px; the mesh begins at (20, 20), two boxes or 10 mm from the edge of the flat paper."""

MARKS = (Mark("II rhythm", 12.0, 70.0), Mark("V1", 60.0, 31.0), Mark("I", 15.0, 30.0))


def test_names_stand_in_rows_and_where_they_are_on_the_picture() -> None:
    seen = what_was_seen({"flat": FLAT, "page": UprightPage(FLAT, 0, MARKS, ())})
    assert seen.layout_rows == (("I", "V1"), ("II",))
    by_text = {name.text: (name.x_px, name.y_px) for name in seen.names}
    assert by_text["I"] == pytest.approx((20 + 18, 20 + 4 * 18))  # 5 mm right of the mesh's corner, 20 mm below
    assert len(seen.grid_px) == 15 + 20
    assert seen.rows_px == ()


def test_rows_cross_the_page() -> None:
    rows = PageRows("3x4", (35.0,), 10.0, 0.9)
    (line,) = what_was_seen({"page": UprightPage(FLAT, 0, MARKS, ()), "rows": rows}).rows_px
    np.testing.assert_allclose(line[:, 1], 20 + 5 * 18)
    assert line[0, 0] == pytest.approx(20 - 2 * 18)
    assert line[-1, 0] > 20 + 15 * 18


def test_a_mesh_that_was_laid_by_the_rows_is_no_grid() -> None:
    assert what_was_seen({"flat": attrs.evolve(FLAT, found=0.0)}).grid_px == ()
    nothing = what_was_seen({})
    assert (nothing.layout_rows, nothing.grid_px, nothing.names, nothing.rows_px) == ((), (), (), ())
    assert names_in_rows(()) == ()


def test_the_digitizer_tells_what_it_saw(page_image: np.ndarray) -> None:
    """With the names painted over, grid and picture are there, the layout is not."""
    digitizer = NeuralDigitizer(NeuralOptions())
    blank = page_image.copy()
    blank[:] = np.median(page_image, axis=(0, 1))
    request = ReadingRequest(layouts=layouts_named("auto"))
    with pytest.raises(UnreadablePage, match="no grid") as caught:
        digitizer.read(PagePicture("blank", blank), request)
    assert caught.value.seen.grid_px == ()
    upper = page_image[: len(page_image) // 3]  # header and grid, no rows
    with pytest.raises(UnreadablePage, match="layout was not recognised") as caught:
        digitizer.read(PagePicture("upper", upper), request)
    lines = np.concatenate(caught.value.seen.grid_px)
    assert len(caught.value.seen.grid_px) > 30
    assert np.nanmax(lines[:, 0]) > 0.8 * upper.shape[1]


def test_the_error_travels_between_processes_and_wraps_others() -> None:
    error = UnreadablePage("no grid", Seen(layout_rows=(("I",),)), ["a scan"], "neural")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.seen.layout_rows, again.advice, again.method) == (
        "no grid",
        (("I",),),
        ("a scan",),
        "neural",
    )
    plain = UnreadablePage.of(DataError("no grid"), method="b")
    assert (str(plain), plain.method, plain.advice) == ("no grid", "b", ())
    renamed = UnreadablePage.of(error, "no grid; and b is broken")
    assert (str(renamed), renamed.method, renamed.seen) == ("no grid; and b is broken", "neural", error.seen)
