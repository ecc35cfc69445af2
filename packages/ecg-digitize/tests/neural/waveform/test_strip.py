from __future__ import annotations

import numpy as np

from ecg_core.plugins.registry import registry
from ecg_core.synthetic import synthesize_record
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.waveform.strip import StripGeometry
from ecg_render import column_targets, render_page

GEOMETRY = StripGeometry()


def lattice_of(page):
    first = page.grid_points_px[0, 0]
    return first, (page.grid_points_px[-1, -1] - first) / (np.array(page.grid_points_px.shape[1::-1]) - 1)


def test_scales_and_extent() -> None:
    assert GEOMETRY.height_px == 64 * 6
    np.testing.assert_allclose(GEOMETRY.columns_box(2.0, 81), 2 + np.arange(81) / 80)
    np.testing.assert_allclose(GEOMETRY.rows_of(np.array([7.0, 8.0]), 7.0), [34 * 6, 34 * 6 + 30])


def test_the_trace_of_a_photographed_page_stands_where_its_truth_says() -> None:
    """On paper without a grid the ink about the true row has its middle there."""
    plain = registry().load("styles", "plain")
    flat = render_page(synthesize_record(seed=2), style=plain, dots_per_inch=200)
    photo = registry().load("degradations", "camera")(flat, 5)
    first, pitch = lattice_of(flat)
    zero_box = (flat.baselines_px[1] - first[1]) / pitch[1]
    strip = GEOMETRY.cut(Mesh(photo.grid_points_px), photo.image, start_box=6.0, zero_box=zero_box, width_px=1200)
    assert strip.shape == (GEOMETRY.height_px, 1200, 3)
    columns_px = first[0] + GEOMETRY.columns_box(6.0, 1200) * pitch[0]
    rows = GEOMETRY.rows_of((column_targets(flat, columns_px).y_px[1] - first[1]) / pitch[1], zero_box)
    level = np.abs(np.gradient(rows)) < 1
    darkness = 255 - strip.mean(axis=2)
    window = np.abs(np.arange(GEOMETRY.height_px)[:, None] - rows) <= 6
    weights = np.where(window, np.clip(darkness - 30, 0, None), 0)
    found = (weights * np.arange(GEOMETRY.height_px)[:, None]).sum(axis=0) / np.maximum(weights.sum(axis=0), 1)
    assert level.sum() > 500
    off = (found - rows)[level]
    assert abs(np.median(off)) < 0.1
    assert np.median(np.abs(off)) < 0.6  # a pen of 3 px over a noisy signal


def test_strips_of_all_rows_are_those_of_each_row_by_itself() -> None:
    photo = registry().load("degradations", "camera")(render_page(synthesize_record(seed=2), dots_per_inch=200), 5)
    mesh, zeros_box = Mesh(photo.grid_points_px), [22.03, 9.41, 15.9]
    strips = GEOMETRY.cut_rows(mesh, photo.image, start_box=6.0, zeros_box=zeros_box, width_px=320)
    half_a_pixel = 0.5 / (6 * 5)
    np.testing.assert_allclose([zero for zero, _ in strips], zeros_box, atol=half_a_pixel)
    for zero_box, strip in strips:
        alone = GEOMETRY.cut(mesh, photo.image, start_box=6.0, zero_box=zero_box, width_px=320)
        assert strip.shape == alone.shape
        # the sources of pixels are interpolated between those of every eighth, from another first one
        assert np.abs(strip.astype(int) - alone).mean() < 1
