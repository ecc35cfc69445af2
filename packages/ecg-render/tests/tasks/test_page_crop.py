from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.record import Record
from ecg_render import render_page
from ecg_render.tasks.page_crop import crop_around, local_px_per_mm, square

MakeRecord = Callable[..., Record]


def test_scale_of_a_clean_page_is_its_resolution(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), dots_per_inch=100)
    for at_px in ((0, 0), (500, 400), (1099, 849), (5000, -90)):
        assert local_px_per_mm(page, at_px) == pytest.approx(100 / 25.4, rel=1e-6)


def test_scale_follows_the_page_where_it_is_stretched(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), dots_per_inch=100)

    def stretch(points: np.ndarray) -> np.ndarray:
        """The right half twice as large."""
        return np.where(points[:, :1] > 500, 2, 1) * points

    stretched = page.warped(stretch, image=page.image, labels=page.labels)
    assert local_px_per_mm(stretched, (100, 400)) == pytest.approx(100 / 25.4)
    assert local_px_per_mm(stretched, (2000, 800)) == pytest.approx(200 / 25.4)


def test_crop_has_its_size_on_the_paper(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), dots_per_inch=254)
    assert crop_around(page, (1000, 900), 30).shape == (300, 300, 3)


@given(x=st.floats(-500, 500), y=st.floats(-500, 500), side=st.integers(1, 150))
def test_square_stays_within_the_picture_and_around_its_middle(x: float, y: float, side: int) -> None:
    image = np.arange(60 * 90).reshape(60, 90)
    piece = square(image, (x, y), side)
    assert piece.shape == (min(side, 60), min(side, 90))
    top, left = divmod(int(piece[0, 0]), 90)
    if side / 2 < x < 90 - side / 2:
        assert abs(left + side / 2 - x) <= 0.5
    if side / 2 < y < 60 - side / 2:
        assert abs(top + side / 2 - y) <= 0.5
