"""Pages without a grid, seen by a network that knows where their ink is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ecg_core import synthesize_record
from ecg_core.errors import DataError
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM
from ecg_digitize.digitizers.neural.grid.gridless import GridlessPage, measure_gridless
from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS
from ecg_digitize.digitizers.neural.grid.outline import find_outlines
from ecg_digitize.digitizers.neural.grid.traces import Traces
from ecg_digitize.digitizers.neural.markers.classes import CLASSES
from ecg_digitize.digitizers.neural.orientation import oriented
from ecg_digitize.digitizers.neural.stages import run_stages
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.digitizers.segments import printed_rows
from ecg_digitize.reader import layouts_named
from ecg_render import Page, render_page
from ecg_render.styles import style_by_name

PLAIN = style_by_name("plain", np.random.default_rng(0))


def darkness(images: np.ndarray) -> tuple[np.ndarray, ...]:
    """A grid network that takes what is dark for traces and sees no crossing."""
    maps = np.full((1, len(OUTPUTS), *images.shape[2:]), -20, np.float32)
    maps[0, OUTPUTS.index("trace")] = (128 - images[0].mean(axis=0)) / 10
    return (maps,)


@pytest.fixture(scope="module")
def page() -> Page:
    return render_page(synthesize_record(seed=3), style=PLAIN, dots_per_inch=150)


def turned(image: np.ndarray, degrees: float) -> np.ndarray:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return cv2.warpAffine(image, matrix, (width, height), borderValue=(255, 255, 255))


@pytest.mark.parametrize("degrees", [0.0, 2.3, -4.0, 12.0])
def test_skew_and_scale_are_seen(page: Page, degrees: float) -> None:
    gridless = measure_gridless(turned(page.image, degrees), darkness)
    assert np.degrees(gridless.skew_rad) == pytest.approx(degrees, abs=0.15)
    assert gridless.px_per_mm == pytest.approx(page.px_per_mm, rel=0.03)


def test_rows_may_run_down_the_picture(page: Page) -> None:
    gridless = measure_gridless(oriented(page.image, 1), darkness)
    assert abs(np.degrees(gridless.skew_rad)) < 0.15
    assert gridless.px_per_mm == pytest.approx(page.px_per_mm, rel=0.03)


def test_the_lattice_has_the_scale_and_the_skew() -> None:
    image = np.full((600, 900, 3), 255, np.uint8)
    gridless = GridlessPage(image, Traces(np.zeros((300, 450), np.float32), 0.5), np.radians(3.0), 8.0)
    flat = gridless.as_flat_page()
    assert not flat.has_grid
    across, down = (np.diff(flat.mesh.points_px, axis=axis).reshape(-1, 2) for axis in (1, 0))
    step = 40 * np.array([np.cos(gridless.skew_rad), np.sin(gridless.skew_rad)])
    np.testing.assert_allclose(across, np.broadcast_to(step, across.shape))
    np.testing.assert_allclose(down, np.broadcast_to([-step[1], step[0]], down.shape))
    assert flat.paper.shape[1] / PX_PER_MM == pytest.approx(900 / 8 + 20, abs=6)
    np.testing.assert_allclose(flat.mesh.points_px.mean(axis=(0, 1)), [449.5, 299.5], atol=0.5)


def test_twice_as_large_on_paper_is_half_as_many_pixels_a_millimetre() -> None:
    gridless = GridlessPage(np.zeros((9, 9, 3), np.uint8), Traces(np.zeros((9, 9), np.float32), 1.0), 0.0, 8.0)
    assert gridless.stretched(2.0).px_per_mm == 4.0


def photographed(page: Page, *, frame_px: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """A page on a dark desk, seen from one side; and where its corners lie."""
    height, width = page.image.shape[:2]
    corners = np.array([(90, 40), (width - 30, 130), (width - 120, height - 20), (30, height - 90)], np.float32)
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, corners + frame_px)
    size = (width + 2 * frame_px, height + 2 * frame_px)
    return cv2.warpPerspective(page.image, matrix, size, borderValue=(150, 130, 110)), matrix


def test_the_outline_of_the_sheet_tells_its_perspective(page: Page) -> None:
    """Rows and columns of the lattice lie along those of the page, which no skew alone does."""
    image, matrix = photographed(page)
    gridless = measure_gridless(image, darkness)
    assert gridless.outline is not None
    assert np.degrees(gridless.skew_rad) == pytest.approx(0.0, abs=0.3)
    points = gridless.as_flat_page().mesh.points_px
    on_page = cv2.perspectiveTransform(points.reshape(1, -1, 2).astype(np.float64), np.linalg.inv(matrix))
    on_page = on_page.reshape(points.shape)
    assert np.ptp(on_page[..., 1], axis=1).max() < 12
    assert np.ptp(on_page[..., 0], axis=0).max() < 12
    steps = [np.median(np.diff(on_page[..., axis], axis=1 - axis)) for axis in (0, 1)]
    assert steps[0] / steps[1] == pytest.approx(1.0, rel=0.05)


def test_a_sheet_whose_rows_run_otherwise_than_its_sides_tells_no_perspective(page: Page) -> None:
    """A shadow, or a second sheet, that has four sides by chance."""
    image = page.image.copy()
    height, width = image.shape[:2]
    shadow = np.array([(0, 0), (width, 0), (width, height // 3), (0, height // 8)], np.int32)
    cv2.fillPoly(image, [shadow], (180, 180, 190))
    gridless = measure_gridless(image, darkness)
    assert gridless.outline is None
    assert np.degrees(gridless.skew_rad) == pytest.approx(0.0, abs=0.15)


def test_what_holds_a_part_of_the_rows_is_no_sheet(page: Page) -> None:
    """A panel of another colour about two of the rows, whose sides run along them."""
    image = page.image.copy()
    height, width = image.shape[:2]
    panel = np.s_[height * 55 // 100 : height * 90 // 100, width // 50 : width * 49 // 50]
    image[panel] = np.minimum(image[panel], np.array([205, 205, 225], np.uint8))
    assert find_outlines(image)
    assert measure_gridless(image, darkness).outline is None


def test_without_traces_there_is_no_page() -> None:
    with pytest.raises(DataError, match="no traces"):
        measure_gridless(np.full((400, 600, 3), 255, np.uint8), darkness)


def dark_rows(strips: np.ndarray) -> tuple[np.ndarray, ...]:
    """A waveform network that takes what is dark for the trace."""
    dark = 255.0 - strips.mean(axis=1)
    absent = np.where(dark.max(axis=1, keepdims=True) > 100, -40.0, 40.0)
    return (np.concatenate((dark / 8, absent), axis=1).astype(np.float32),)


def test_where_its_names_cannot_be_read_its_rows_are_and_the_user_is_asked_for_them(page: Page) -> None:
    """The rows are taken to last about 10 s, whatever the resolution of the picture: nothing else tells the scale."""

    def nameless(images: np.ndarray) -> tuple[np.ndarray, ...]:
        background = np.full((1, len(CLASSES), *images.shape[2:]), -20, np.float32)
        background[0, 0] = 20
        return (background,)

    networks = {"grid": darkness, "markers": nameless, "waveform": dark_rows}
    found = run_stages(page.image, layouts_named("auto"), PrintSettings(), networks)
    assert printed_rows(found.layout) == (("?",),) * 4
    assert found.column.duration_s == pytest.approx(10, rel=0.05)
    assert any("row 1, 2, 3, 4 from the top" in doubt and "--layout" in doubt for doubt in found.doubts)
