from __future__ import annotations

import numpy as np

from ecg_digitize import digitize, draw_overlay


def test_the_overlay_is_coloured_where_the_trace_runs(page, page_image):
    digitization = digitize(page_image, method="neural")
    overlay = draw_overlay(digitization)
    assert overlay.shape == page_image.shape
    assert overlay.dtype == np.uint8
    colourful = np.ptp(overlay.astype(int), axis=2) > 60
    piece = page.pieces[0]
    columns = np.unique(np.round(piece.x_px).astype(int))
    rows = np.round(np.interp(columns, piece.x_px, piece.y_px)).astype(int)
    hits = [colourful[row - 3 : row + 4, column].any() for row, column in zip(rows, columns, strict=True)]
    assert np.mean(hits) > 0.95


def test_the_picture_given_is_left_as_it_was(page_image):
    before = page_image.copy()
    draw_overlay(digitize(page_image, method="neural"))
    np.testing.assert_array_equal(page_image, before)
