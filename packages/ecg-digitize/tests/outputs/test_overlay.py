from __future__ import annotations

import numpy as np

from ecg_digitize import digitize, draw_overlay
from ecg_digitize.outputs import overlay


def test_the_overlay_is_coloured_where_the_trace_runs(page, page_image):
    digitization = digitize(page_image, method="neural")
    drawn = draw_overlay(digitization)
    assert drawn.shape == page_image.shape
    assert drawn.dtype == np.uint8
    colourful = np.ptp(drawn.astype(int), axis=2) > 60
    piece = page.pieces[0]
    columns = np.unique(np.round(piece.x_px).astype(int))
    rows = np.round(np.interp(columns, piece.x_px, piece.y_px)).astype(int)
    hits = [colourful[row - 3 : row + 4, column].any() for row, column in zip(rows, columns, strict=True)]
    assert np.mean(hits) > 0.95


def test_names_stand_with_the_confidence_that_quality_tells(page_image, monkeypatch):
    digitization = digitize(page_image, method="neural")
    written = []
    monkeypatch.setattr(overlay, "_write", lambda _overlay, text, *_others: written.append(text))
    draw_overlay(digitization)
    told = {tuple(text.split(" ")) for text in written if " " in text}
    assert told == {
        (trace.lead, f"{digitization.quality.confidence[trace.name]:.2f}") for trace in digitization.reading.traces
    }
    assert any(abs(trace.clarity - digitization.confidence[trace.name]) > 0.01 for trace in digitization.reading.traces)


def test_the_picture_given_is_left_as_it_was(page_image):
    before = page_image.copy()
    draw_overlay(digitize(page_image, method="neural"))
    np.testing.assert_array_equal(page_image, before)
