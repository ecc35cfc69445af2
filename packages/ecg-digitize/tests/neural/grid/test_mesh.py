from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.errors import DataError
from ecg_core.plugins.registry import registry
from ecg_core.synthetic import synthesize_record
from ecg_digitize.digitizers.neural.grid.flattening import flatten_whole
from ecg_digitize.digitizers.neural.grid.homography import apply_homographies, fit_homographies
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_render import Page, render_page

LATTICE = np.stack(np.meshgrid(np.arange(57.0), np.arange(44.0)), axis=-1)


def bent(strength_px: float = 12.0) -> np.ndarray:
    """Points of a tilted page with a wave in it."""
    x, y = LATTICE[..., 0], LATTICE[..., 1]
    scale = 1 + 0.003 * x + 0.002 * y
    wave = strength_px * np.sin(x / 9) * np.cos(y / 11)
    return np.stack((40 * (x + 0.1 * y) / scale + wave, 40 * (y - 0.08 * x) / scale + wave + 150), axis=-1)


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_a_homography_is_found_from_its_points(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.eye(3) + rng.normal(0, 0.1, (3, 3)) * [[1, 1, 200], [1, 1, 200], [1e-3, 1e-3, 0]]
    source = rng.uniform(0, 100, (1, 16, 2))
    target = apply_homographies(np.repeat(truth[None], 16, axis=0), source[0])[None]
    weights = np.ones((1, 16))
    weights[0, 3], target[0, 3] = 0, np.nan
    found = fit_homographies(source, target, weights)[0]
    np.testing.assert_allclose(found / found[2, 2], truth / truth[2, 2], rtol=1e-5, atol=1e-6)


def test_too_few_points_determine_nothing() -> None:
    found = fit_homographies(np.random.default_rng(0).random((1, 9, 2)), np.zeros((1, 9, 2)), np.eye(9)[:1] * 1.0)
    assert np.isnan(found).all()


def test_a_mesh_is_uneven_where_some_of_its_lines_are_those_beside_not_where_it_bends() -> None:
    leaping = bent()
    leaping[:12, 30:] += leaping[1:13, 30:] / 5 - leaping[:12, 30:] / 5  # by a millimetre, in a corner
    assert Mesh(bent()).unevenness < 0.02
    assert Mesh(leaping).unevenness > 0.04
    assert Mesh(leaping).irregularity < 0.01


def test_boxes_that_halve_over_a_page_grow_more_than_perspective_makes_them() -> None:
    """Lines between the dots of a grid were taken for its own in the lower half."""
    halved = LATTICE.copy()
    halved[22:, :, 1] = halved[22, :, 1] + (LATTICE[22:, :, 1] - 22) / 2
    assert Mesh(40 * halved).growth == pytest.approx(2.0, abs=0.01)
    assert Mesh(40 * halved.transpose(1, 0, 2)[..., ::-1]).growth == pytest.approx(2.0, abs=0.01)
    tilted = LATTICE / (1 + 0.008 * LATTICE[..., 1:])
    assert 1.2 < Mesh(40 * tilted).growth < 1.8
    assert Mesh(40 * LATTICE[:2, :2]).growth == 1.0
    holes = 40 * halved
    holes[5], holes[:, 9] = np.nan, np.nan
    assert Mesh(holes).growth >= 2.0


def test_holes_are_filled_from_around() -> None:
    truth = bent()
    holes = truth.copy()
    holes[np.random.default_rng(0).random(truth.shape[:2]) < 0.3] = np.nan
    holes[10:14, 20:24] = np.nan
    repaired = Mesh(holes).repaired()
    assert repaired.found.all()
    off = np.linalg.norm(repaired.points_px - truth, axis=-1)
    assert np.median(off[~np.isfinite(holes[..., 0])]) < 0.15
    assert off.max() < 2.5


@pytest.mark.parametrize("noise_px", [0.0, 1.0])
def test_a_large_hole_of_a_flat_page_is_filled_by_all_that_is_seen(noise_px: float) -> None:
    """A third of the page, at its edge: from neighbour to neighbour the errors grow beyond all bounds."""
    truth = bent(strength_px=0.0)
    seen = truth + np.random.default_rng(3).normal(0, noise_px, truth.shape)
    seen[8:, :20] = np.nan
    repaired = Mesh(seen).repaired()
    assert np.linalg.norm(repaired.points_px - truth, axis=-1)[8:, :20].max() < 2.0
    np.testing.assert_array_equal(repaired.points_px[:, 20:], seen[:, 20:])


def test_crossings_that_are_others_are_dropped_and_no_good_ones() -> None:
    points = bent()
    rng = np.random.default_rng(1)
    wrong = rng.random(points.shape[:2]) < 0.03
    points[wrong] += np.array([40.0, 0.0]) * rng.choice((-1, 1), (wrong.sum(), 1))
    kept = Mesh(points).without_outliers().found
    assert not kept[wrong].any()
    assert kept[~wrong].mean() > 0.85  # a neighbour of several wrong ones may go too
    mended = Mesh(points).without_outliers().repaired().points_px
    assert np.linalg.norm(mended - bent(), axis=-1).max() < 4


def test_strays_beyond_the_paper_are_trimmed_and_nothing_of_the_paper() -> None:
    truth = bent()
    points = np.pad(truth, ((5, 2), (30, 1), (0, 0)), constant_values=np.nan)
    points[0, 0] = points[3, 10:20] = points[-1, 5] = 7.0
    points[10, 40] = np.nan
    trimmed = Mesh(points).trimmed()
    assert trimmed.points_px.shape == truth.shape
    assert trimmed.found.sum() == truth[..., 0].size - 1


def test_a_sound_mesh_loses_nothing() -> None:
    np.testing.assert_array_equal(Mesh(bent()).trimmed().points_px, bent())

    assert Mesh(bent()).without_outliers().found.all()


def test_between_the_crossings_it_is_exact_to_a_fraction_of_a_pixel() -> None:
    x, y = np.meshgrid(np.arange(0.5, 55), np.arange(0.5, 42))
    found = Mesh(bent()).to_picture(np.stack((x.ravel(), y.ravel()), axis=1))
    scale = 1 + 0.003 * x + 0.002 * y
    wave = 12 * np.sin(x / 9) * np.cos(y / 11)
    truth = np.stack((40 * (x + 0.1 * y) / scale + wave, 40 * (y - 0.08 * x) / scale + wave + 150), axis=-1)
    assert np.linalg.norm(found - truth.reshape(-1, 2), axis=1).max() < 0.25


def test_fine_texture_does_not_come_back_as_moire() -> None:
    """Stripes of a pixel, shown at a quarter of their scale: gray, whichever way they run."""
    mesh = Mesh(LATTICE[:12, :12] * 80.0 + 5)
    stripes = np.zeros((900, 900), np.uint8)
    stripes[::2] = 255
    for image in (stripes, stripes.T):
        flat = mesh.flatten(np.ascontiguousarray(image), px_per_box=(20.0, 20.0), corner=(1.0, 1.0), size=(180, 180))
        assert flat.std() < 8
        assert flat.mean() == pytest.approx(127.5, abs=2)


def test_beyond_the_picture_there_is_blank_paper() -> None:
    """Of the colour that most of the picture has where the paper is; white where no paper is seen at all."""
    mesh = Mesh(LATTICE[:20, :20] * 20.0)
    image = np.full((300, 300, 3), (240, 220, 180), np.uint8)
    image[:, ::20] = (200, 60, 60)
    flat = mesh.flatten(image, px_per_box=(20.0, 20.0), corner=(5.0, 5.0), size=(260, 260))
    assert (flat[:, 205:] == (240, 220, 180)).all()
    assert (flat[205:, :] == (240, 220, 180)).all()
    gray = mesh.flatten(image[..., 0].copy(), px_per_box=(20.0, 20.0), corner=(5.0, 5.0), size=(260, 260))
    np.testing.assert_array_equal(gray, flat[..., 0])
    assert (mesh.flatten(image, px_per_box=(20.0, 20.0), corner=(40.0, 40.0), size=(50, 50)) == 255).all()


@given(seed=st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_places_on_the_picture_are_found_again_on_the_paper(seed: int) -> None:
    """Within the mesh, and a little beyond it."""
    mesh = Mesh(bent())
    lattice = np.random.default_rng(seed).uniform((-1, -1), (57, 44), (50, 2))
    np.testing.assert_allclose(mesh.to_lattice(mesh.to_picture(lattice)), lattice, atol=0.03)


@pytest.fixture(scope="module")
def page() -> Page:
    return render_page(synthesize_record(seed=4), dots_per_inch=120)


@pytest.mark.parametrize(("name", "median_px", "worst_px"), [("phone", 0.1, 1.0), ("phone-crumpled", 0.25, 3.0)])
def test_traces_of_photographed_pages_are_found_where_they_are(
    page: Page, name: str, median_px: float, worst_px: float
) -> None:
    """Where a point of the flat page's trace lies in the picture, by the mesh and by the renderer."""
    degraded = registry().load("degradations", name)(page, 7)
    first, last = page.grid_points_px[0, 0], page.grid_points_px[-1, -1]
    pitch = (last - first) / (np.array(page.grid_points_px.shape[1::-1]) - 1)
    mesh = Mesh(degraded.grid_points_px)
    off = []
    for flat, moved in zip(page.pieces, degraded.pieces, strict=True):
        lattice = (np.stack((flat.x_px, flat.y_px), axis=1) - first) / pitch
        off.append(np.linalg.norm(mesh.to_picture(lattice) - np.stack((moved.x_px, moved.y_px), axis=1), axis=1))
    distance = np.concatenate(off)
    assert np.median(distance) < median_px
    assert distance.max() < worst_px


def test_a_photographed_page_lies_flat_again(page: Page) -> None:
    degraded = registry().load("degradations", "camera")(page, 3)
    first = page.grid_points_px[0, 0]
    pitch = page.grid_points_px[0, 1, 0] - first[0]
    size = page.width_px, page.height_px
    flat = Mesh(degraded.grid_points_px).flatten(
        degraded.image, px_per_box=(pitch, pitch), corner=tuple(-first / pitch), size=size
    )
    inner = np.s_[40:-40, 40:-40]
    difference = np.abs(flat[inner].astype(int) - page.image[inner])
    assert difference.mean() < 6


def test_more_paper_than_a_page_has_is_refused_before_it_is_laid_flat() -> None:
    lines = np.stack(np.meshgrid(np.arange(500.0), np.arange(20.0)), axis=-1)
    with pytest.raises(DataError, match="mm of paper"):
        flatten_whole(Mesh(lines), np.zeros((20, 500, 3), np.uint8))
