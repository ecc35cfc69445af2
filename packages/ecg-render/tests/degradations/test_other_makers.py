"""Faxes, copies, screenshots and cropped pictures: what they keep, what they lose, and where things are then."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_core.plugins.registry import registry
from ecg_core.synthetic import synthesize_record
from ecg_render import Page, render_page
from ecg_render.degradations import crop, fax, paper_tone, photocopy, screenshot, thermal, weak_grid, zoomed
from ecg_render.degradations.chain import degrade_by_name
from ecg_render.degradations.cutting import cut_page
from ecg_render.degradations.resizing import resized
from ecg_render.labels import HORIZONTAL, LINES, PRINT, PULSE, SHEET, TRACE, VERTICAL

DOT_REACH_PX = 9
SEEDS = range(8)


@pytest.fixture(scope="module")
def page() -> Page:
    """A page at 150 dpi."""
    return render_page(synthesize_record(seed=3), dots_per_inch=150)


def scale_of(moved: Page, before: Page) -> float:
    """How many times the distances between the crossings have grown."""
    across = [np.linalg.norm(np.diff(each.grid_points_px, axis=1), axis=-1) for each in (moved, before)]
    return float(np.median(across[0]) / np.median(across[1]))


def dot_offsets(moved: Page, before: Page) -> np.ndarray:
    """How far the ink of every dot that is still seen lies from its coordinates, in pixels of the page before."""
    scale = scale_of(moved, before)
    reach = int(np.ceil(DOT_REACH_PX * scale))
    size = np.array([moved.width_px, moved.height_px])
    gray = moved.image[..., 1].astype(float)
    found = []
    for point in moved.grid_points_px.reshape(-1, 2):
        x, y = np.rint(point).astype(int)
        if not (reach <= x < size[0] - reach and reach <= y < size[1] - reach):
            continue
        window = gray[y - reach : y + reach + 1, x - reach : x + reach + 1]
        darkness = (np.median(window) - 40 - window).clip(0)
        if darkness.sum() > 300 * scale**2:
            rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
            centre = np.array([(darkness * columns).sum(), (darkness * rows).sum()]) / darkness.sum()
            found.append((np.array([x, y]) + centre - point) / scale)
    return np.array(found)


@pytest.mark.parametrize("name", ["crop", "cropped", "fax", "photocopy", "screen-photo", "screenshot", "zoomed"])
def test_crossings_follow_the_picture(name: str, dotted_page: Page) -> None:
    seen = 0
    for seed in range(5):
        moved = registry().load("degradations", name)(dotted_page, seed)
        offsets = dot_offsets(moved, dotted_page)
        if len(offsets) < 50:  # a fax that loses the dots, as it loses a weak grid
            continue
        seen += 1
        assert np.mean(np.hypot(*offsets.T) < 0.6) > 0.85, f"seed {seed}"
        assert np.abs(np.median(offsets, axis=0)).max() < 0.2, f"seed {seed}"
    assert seen >= 3


def test_labels_follow_a_resized_picture(dotted_page: Page) -> None:
    for size in ((1000, 400), (400, 557), (1440, 1114)):
        moved = resized(dotted_page, size)
        for x, y in np.rint(moved.grid_points_px.reshape(-1, 2)).astype(int):
            assert moved.labels[y, x] & HORIZONTAL


def test_a_fax_is_black_and_white_in_eight_dots_a_millimetre(page: Page) -> None:
    two_tone = 0
    for seed in SEEDS:
        sent = fax.degrade(page, seed)
        if set(np.unique(sent.image)) == {0, 255}:
            two_tone += 1
            assert sent.width_px == pytest.approx(page.width_px / page.px_per_mm * 8, abs=1)
    assert 3 <= two_tone < len(SEEDS)  # the others were scanned again


def test_a_fax_keeps_the_trace_and_often_a_black_grid(page: Page) -> None:
    of_grid = []
    for seed in SEEDS:
        sent = fax.degrade(page, seed)
        dark = sent.image[..., 0] < 128
        assert dark[sent.trace_mask > 0].mean() > 0.45
        alone = (sent.labels & (HORIZONTAL | VERTICAL) > 0) & (sent.labels & (TRACE | PULSE | PRINT) == 0)
        of_grid.append(dark[alone].mean())
    assert max(of_grid) > 0.5
    assert min(of_grid) < 0.1


def test_thermal_paper_fades_the_print_and_darkens_the_paper(page: Page) -> None:
    ink = page.trace_mask > 0
    bare = page.labels == SHEET
    for seed in SEEDS:
        aged = thermal.degrade(page, seed)
        assert aged.image[ink].mean() > page.image[ink].mean()
        red, _green, blue = aged.image[bare].mean(axis=0)
        assert blue < red
        assert red - aged.image[ink].mean() > 25  # it can still be read


def test_a_photocopy_is_gray_and_of_another_size(page: Page) -> None:
    scales = []
    for seed in SEEDS:
        copy = photocopy.degrade(page, seed)
        assert np.ptp(copy.image.astype(int), axis=2).max() <= 8  # JPEG alone may tint it
        scales.append(scale_of(copy, page))
    assert 0.69 < min(scales) < 0.95
    assert max(scales) < 1.21


def test_a_screenshot_is_coarse_and_not_always_square(page: Page) -> None:
    ratios = []
    for seed in SEEDS:
        shot = screenshot.degrade(page, seed)
        across = np.linalg.norm(shot.grid_points_px[0, 1] - shot.grid_points_px[0, 0]) / 5
        down = np.linalg.norm(shot.grid_points_px[1, 0] - shot.grid_points_px[0, 0]) / 5
        assert 2.2 < down < 4.1
        ratios.append(across / down)
    assert max(np.abs(np.log(ratios))) > 0.03
    assert max(np.abs(np.log(ratios))) < np.log(1.17)


def test_the_window_about_a_page_is_no_paper(page: Page) -> None:
    framed = screenshot.in_a_window(page, np.random.default_rng(1))
    assert framed.height_px > page.height_px
    assert not framed.labels[:15].any()
    assert (framed.labels & SHEET > 0).sum() == (page.labels & SHEET > 0).sum()


def test_a_crop_keeps_the_traces_and_cuts_the_rest(page: Page) -> None:
    lost_pulses = lost_head = 0
    for seed in range(30):
        cropped = crop.degrade(page, seed)
        assert cropped.width_px < page.width_px or cropped.height_px < page.height_px
        for piece in cropped.pieces:
            inside = (piece.x_px > 0) & (piece.x_px < cropped.width_px) & (piece.y_px > 0)
            inside &= piece.y_px < cropped.height_px
            assert inside.mean() > 0.9
        for name in cropped.lead_names:
            x, y = name.centre_px
            assert -1 <= x <= cropped.width_px
            assert -1 <= y <= cropped.height_px
        lost_pulses += len(cropped.pulses) < len(page.pulses)
        lost_head += cropped.height_px < 0.85 * page.height_px
    assert lost_pulses > 5
    assert lost_head > 5


def test_what_is_cut_off_is_no_longer_printed(page: Page) -> None:
    name = next(each for each in page.lead_names if each.lead == "I")
    left, _, right, _ = name.box_px
    for beyond_px, kept in ((-1, True), (1, False)):
        cut = cut_page(page, round((left + right) / 2) + beyond_px, 0, page.width_px, page.height_px)
        assert ("I" in {each.lead for each in cut.lead_names}) == kept
    assert len(cut.pieces) == len(page.pieces)


def test_a_weak_grid_alone_grows_weaker(page: Page) -> None:
    weak = weak_grid.degrade(page, 1)
    grid = (page.labels & LINES > 0) & paper_tone.grid_alone(page)
    paper = np.array(paper_tone.paper_rgb(page), float)
    before, after = (np.abs(each.image[grid] - paper).mean() for each in (page, weak))
    assert after < 0.75 * before
    ink = page.trace_mask > 0
    np.testing.assert_array_equal(weak.image[ink], page.image[ink])
    np.testing.assert_array_equal(weak.labels, page.labels)


def test_a_zoomed_picture_has_another_millimetre(page: Page) -> None:
    scales = [scale_of(zoomed.degrade(page, seed), page) for seed in range(20)]
    assert min(scales) < 0.8
    assert max(scales) > 1.25
    assert max(each * max(page.width_px, page.height_px) for each in scales) <= 3602


def test_degradations_are_joined_in_order(page: Page) -> None:
    joined = degrade_by_name(page, "crop+zoomed", 4)
    by_hand = zoomed.degrade(crop.degrade(page, 4), 5)
    np.testing.assert_array_equal(joined.image, by_hand.image)
    np.testing.assert_array_equal(joined.grid_points_px, by_hand.grid_points_px)
    assert degrade_by_name(page, "none", 4) is page


def test_dark_paper_without_lines_goes_through() -> None:
    bare = Page.of_picture(np.full((80, 120, 3), 60, np.uint8), np.full((80, 120), SHEET, np.uint8))
    for name in ("fax", "thermal", "photocopy", "weak-grid", "crop"):
        degraded = registry().load("degradations", name)(bare, 1)
        assert degraded.image.shape[:2] == degraded.labels.shape


@pytest.mark.parametrize("name", ["fax", "thermal", "photocopy"])
def test_a_page_of_a_dark_viewer_is_printed_dark_on_light(name: str, page: Page) -> None:
    dark = page.redrawn(255 - page.image)
    printed = registry().load("degradations", name)(dark, 3)
    assert printed.image[printed.trace_mask > 0].mean() < printed.image[printed.labels == SHEET].mean() - 25
