"""Printed numbers are read in windows of a finer picture, drawn by hand, so that every place is known."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.flattening import FlatPage, flatten_whole
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.classes import CLASSES
from ecg_digitize.digitizers.neural.markers.marks import FoundScale, PageMarks
from ecg_digitize.digitizers.neural.markers.names import NameHint
from ecg_digitize.digitizers.neural.markers.printed_scales import CONTESTED, MOST_WINDOWS, agreed, with_closer_scales

HINT = NameHint((120.0, 100.0), (16.0, 12.0), "10 mm/mV", 0.5)


def page_with_a_number() -> tuple[FlatPage, np.ndarray]:
    """White paper of 60 x 50 mm at 10 pixels a millimetre with a black number of 3 x 2 mm at 20, 15 mm."""
    column, row = np.meshgrid(np.arange(13), np.arange(11))
    mesh = Mesh(np.stack((column, row), axis=-1) * 50.0)
    image = np.full((501, 601, 3), 255, np.uint8)
    cv2.rectangle(image, (185, 140), (214, 159), (0, 0, 0), -1)
    paper = flatten_whole(mesh, image)
    return FlatPage(mesh=mesh, paper=paper, trace=np.zeros(paper.shape[:2], np.float32), found=1.0), image


def ink_is(name: str, seen: list[np.ndarray] | None = None) -> Callable[[np.ndarray], tuple[np.ndarray, ...]]:
    """A network that takes all ink for one number."""

    def network(images: np.ndarray) -> tuple[np.ndarray, ...]:
        if seen is not None:
            seen.append(images)
        logits = np.zeros((1, len(CLASSES), *images.shape[2:]), np.float32)
        logits[0, CLASSES.index(name)] = np.where(images[0].mean(axis=0) < 128, 12.0, -12.0)
        return (logits,)

    return network


def test_a_number_that_only_the_finer_picture_shows_is_read_at_its_place() -> None:
    flat, image = page_with_a_number()
    marks = with_closer_scales(PageMarks(scale_hints=(HINT,)), flat, image, ink_is("20 mm/mV"))
    [gain] = marks.gains
    assert gain.value == 20
    assert gain.certainty > 0.9
    assert gain.place_px == (pytest.approx(120, abs=1), pytest.approx(100, abs=1))
    assert marks.speeds == ()


def test_what_both_looks_read_alike_is_one_number_and_the_more_certain_look_counts() -> None:
    flat, image = page_with_a_number()
    first = FoundScale(20.0, (121.0, 100.0), 0.6)
    marks = with_closer_scales(PageMarks(gains=(first,), scale_hints=(HINT,)), flat, image, ink_is("20 mm/mV"))
    [gain] = marks.gains
    assert (gain.value, gain.certainty > 0.9) == (20, True)


def test_looks_that_read_different_numbers_leave_neither_certain() -> None:
    flat, image = page_with_a_number()
    first = FoundScale(10.0, (121.0, 100.0), 0.8)
    marks = with_closer_scales(PageMarks(gains=(first,), scale_hints=(HINT,)), flat, image, ink_is("20 mm/mV"))
    [gain] = marks.gains
    assert gain.certainty <= CONTESTED


def test_numbers_of_limb_and_chest_leads_stand_apart() -> None:
    limb, chest = FoundScale(10.0, (100.0, 50.0), 0.9), FoundScale(5.0, (190.0, 50.0), 0.9)
    below = FoundScale(5.0, (100.0, 66.0), 0.9)
    assert set(agreed([limb, chest, below])) == {limb, chest, below}


def test_nothing_is_looked_at_where_no_scale_may_be_printed_and_not_everything_where_many_may() -> None:
    flat, image = page_with_a_number()
    seen: list[np.ndarray] = []
    assert with_closer_scales(PageMarks(), flat, image, ink_is("20 mm/mV", seen)).gains == ()
    assert not seen
    many = tuple(
        NameHint((float(x), float(y)), (8.0, 8.0), "25 mm/s", 0.0) for x in range(0, 280, 70) for y in range(0, 700, 70)
    )
    with_closer_scales(PageMarks(scale_hints=many), flat, image, ink_is("20 mm/mV", seen))
    assert len(seen) == MOST_WINDOWS < len(many)
