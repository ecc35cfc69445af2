"""What comes to lie on a page: ink, covers, a table around it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ecg_render import Page
from ecg_render.degradations import handwriting, occlusion, table, text_overlay
from ecg_render.degradations.handwriting import write_strokes
from ecg_render.degradations.occlusion import Cover, cover_page
from ecg_render.degradations.table import add_margin
from ecg_render.degradations.text_overlay import overlay_text
from ecg_render.labels import PRINT, SHEET


@pytest.mark.parametrize("degrade", [handwriting.degrade, text_overlay.degrade])
def test_ink_is_labelled_and_hides_no_label(record_page: Page, degrade: Callable[[Page, int], Page]) -> None:
    for seed in range(4):
        written = degrade(record_page, seed)
        new = written.labels != record_page.labels
        assert new.any()
        np.testing.assert_array_equal(written.labels & ~np.uint8(PRINT), record_page.labels & ~np.uint8(PRINT))
        changed = (written.image != record_page.image).any(axis=2)
        assert (changed & new).sum() > 0.95 * new.sum()
        assert written.image[new].mean() < 140


def test_stroke_lies_where_it_was_drawn(gray_page: Page) -> None:
    path_mm = np.array([(10.0, 20.0), (30.0, 20.0)])
    written = write_strokes(gray_page, [path_mm], pen_mm=0.6, rgb=(0, 0, 0))
    rows, columns = np.nonzero(written.labels & PRINT)
    scale = gray_page.px_per_mm
    assert rows.mean() == pytest.approx(20 * scale - 0.5, abs=0.3)
    assert (columns.min(), columns.max()) == (
        pytest.approx(10 * scale - 0.5, abs=4),
        pytest.approx(30 * scale - 0.5, abs=4),
    )
    assert np.ptp(rows) + 1 == pytest.approx(0.6 * scale, abs=1.5)


def test_words_stand_at_their_place(gray_page: Page) -> None:
    written = overlay_text(gray_page, ["HH", "HH"], place_mm=(5.0, 12.0), size_mm=4.0, rgb=(0, 0, 0))
    rows, columns = np.nonzero(written.labels & PRINT)
    scale = gray_page.px_per_mm
    assert columns.min() == pytest.approx(5 * scale, abs=4)
    assert rows.max() == pytest.approx((12 + 1.25 * 4) * scale, abs=2)
    gaps = np.flatnonzero(np.diff(np.unique(rows)) > 1)
    assert len(gaps) == 1  # two lines


def test_cover_hides_labels_and_picture_beneath(gray_page: Page) -> None:
    outline_mm = np.array([(-5.0, 10.0), (20.0, 10.0), (20.0, 25.0), (-5.0, 25.0)])
    covered = cover_page(gray_page, Cover(outline_mm=outline_mm, rgb=(10, 200, 30)))
    scale = gray_page.px_per_mm
    hidden = slice(round(10 * scale) + 1, round(25 * scale) - 1), slice(0, round(20 * scale) - 1)
    assert not covered.labels[hidden].any()
    assert (covered.image[hidden] == (10, 200, 30)).all()
    assert (covered.labels == 0).sum() == pytest.approx(20 * 15 * scale**2, rel=0.02)
    assert (covered.labels[:, -100:] == SHEET).all()
    beside = covered.image[round(17 * scale), round(20 * scale) + 3]
    assert beside.mean() < 0.95 * 180  # its shadow


def test_occlusions_stay_small(record_page: Page) -> None:
    for seed in range(12):
        hidden = (occlusion.degrade(record_page, seed).labels == 0).mean()
        assert 0 < hidden < 0.2


def test_margin_is_paper_with_a_frame(record_page: Page) -> None:
    sheet = add_margin(record_page, 5.0, framed=True)
    margin = round(5 * record_page.px_per_mm)
    assert sheet.image.shape == (record_page.height_px + 2 * margin, record_page.width_px + 2 * margin, 3)
    assert (sheet.labels[: margin - 1] == SHEET).all()
    assert (sheet.labels[margin, margin:-margin] == SHEET | PRINT).all()
    inner = slice(margin + 2, -margin - 2)
    np.testing.assert_array_equal(sheet.image[inner, inner], record_page.image[2:-2, 2:-2])
    np.testing.assert_allclose(sheet.grid_points_px - record_page.grid_points_px, margin)


def test_table_is_no_sheet(record_page: Page) -> None:
    for seed in range(5):
        seen = table.degrade(record_page, seed)
        assert 0.3 < seen.sheet_mask.mean() < 0.95
        assert not seen.labels[seen.sheet_mask == 0].any()
        on, off = seen.image[seen.sheet_mask > 0], seen.image[seen.sheet_mask == 0]
        assert np.median(on) > np.median(off) + 10
