"""What is told of a page that could not be read to the end."""

from __future__ import annotations

import pickle

import attrs
import numpy as np
import pytest

from ecg_core.errors import DataError
from ecg_digitize import PagePicture, ReadingRequest
from ecg_digitize.digitizers import Seen, UnreadablePage
from ecg_digitize.digitizers.neural import stages
from ecg_digitize.digitizers.neural.digitizer import NeuralDigitizer
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.marks import PageMarks
from ecg_digitize.digitizers.neural.markers.names import FoundName
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.options import NeuralOptions
from ecg_digitize.digitizers.neural.seen import what_was_seen
from ecg_digitize.digitizers.structure.evidence import InkRow
from ecg_digitize.digitizers.structure.name_rows import NameGrid
from ecg_digitize.digitizers.structure.naming import NamedRows, Naming, RowNames
from ecg_digitize.reader import layouts_named

SHAPE = round(90 * PX_PER_MM), round(115 * PX_PER_MM)
FLAT = FlatPage(
    mesh=Mesh(np.stack(np.meshgrid(np.arange(20.0), np.arange(15.0)), axis=-1) * 18 + 20),
    paper=np.full((*SHAPE, 3), 255, np.uint8),
    trace=np.zeros(SHAPE, np.float32),
    found=0.9,
)
"""A box has 18 px; the mesh begins at (20, 20), two boxes or 10 mm from the edge of the flat paper."""

NAMES = (FoundName("V1", (60 * PX_PER_MM, 31 * PX_PER_MM), 1.0), FoundName("I", (15 * PX_PER_MM, 30 * PX_PER_MM), 1.0))
ROWS = (InkRow(5.0, 0.1, 0.0, 9.0, 0.5), InkRow(35.0, 1.0, 10.0, 100.0, 1.0))
NAMING = Naming((RowNames(1, ("I", "V1"), (True, True)),), 1.0, (), 2.0)
PAGE = UprightPage(FLAT, 0, PageMarks(names=NAMES), ROWS, NamedRows(NameGrid((), (), 0.0, ()), NAMING))


def test_names_stand_where_they_are_on_the_picture_and_rows_cross_it() -> None:
    seen = what_was_seen({"flat": FLAT, "page": PAGE})
    assert seen.layout_rows == (("I", "V1"),)
    by_text = {name.text: (name.x_px, name.y_px) for name in seen.names}
    assert by_text["I"] == pytest.approx((20 + 18, 20 + 4 * 18))  # 5 mm right of the mesh's corner, 20 mm below
    assert len(seen.grid_px) == 15 + 20
    (line,) = seen.rows_px
    np.testing.assert_allclose(line[:, 1], 20 + 5 * 18)
    assert line[0, 0] == pytest.approx(20 - 2 * 18)
    assert line[-1, 0] > 20 + 15 * 18


def test_what_was_not_made_out_is_empty() -> None:
    assert len(what_was_seen({"flat": FLAT}).grid_px) == 15 + 20
    assert what_was_seen({"flat": attrs.evolve(FLAT, found=0.0)}).grid_px == ()  # laid by the rows alone
    for nothing in (what_was_seen({}), what_was_seen({"page": attrs.evolve(PAGE, marks=PageMarks())})):
        assert nothing.names == ()
    assert what_was_seen({}).rows_px == ()


def test_the_digitizer_tells_what_it_saw(monkeypatch: pytest.MonkeyPatch, page_image: np.ndarray) -> None:
    digitizer, request = NeuralDigitizer(NeuralOptions()), ReadingRequest(layouts=layouts_named("auto"))
    blank = np.full_like(page_image, 240)
    with pytest.raises(UnreadablePage, match="no grid") as caught:
        digitizer.read(PagePicture("blank", blank), request)
    assert caught.value.seen.grid_px == ()

    def fails(*_arguments: object, **_options: object) -> None:
        raise DataError("no row can be read")

    monkeypatch.setattr(stages, "read_rows", fails)
    steps: list[str] = []
    with pytest.raises(UnreadablePage, match="no row can be read") as caught:
        digitizer.read(PagePicture("page", page_image), request, on_step=lambda name, _found: steps.append(name))
    assert steps == ["flat", "page"]
    assert caught.value.seen.layout_rows[0] == ("I", "aVR", "V1", "V4")
    assert len(caught.value.seen.rows_px) == len(caught.value.seen.layout_rows)
    lines = np.concatenate(caught.value.seen.grid_px)
    assert len(caught.value.seen.grid_px) > 60
    assert np.nanmax(lines[:, 0]) > 0.9 * page_image.shape[1]


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
