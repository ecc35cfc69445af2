"""At which sizes of a picture its grid is sought, by a network that answers as each test has it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from ecg_core.errors import DataError
from ecg_digitize.digitizers.neural.grid import flattening, traces
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage, _ink_beyond, _scales, flatten_page
from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS
from ecg_digitize.digitizers.neural.grid.mesh import Mesh

HEIGHT, WIDTH, BOX_PX = 1300, 1700, 32.0
SMALL = 1024
PICTURE = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)

Sees = Callable[[float, tuple[int, int], np.random.Generator], np.ndarray]
"""The crossings that a network sees on a picture made so many times as large, which has so many rows and columns."""


def crossings(scale: float, off_px: float, share: float, rng: np.random.Generator) -> np.ndarray:
    """So many of the crossings of the page's grid, each so far off."""
    x, y = np.meshgrid(np.arange(100, WIDTH - 90, BOX_PX), np.arange(80, HEIGHT - 70, BOX_PX))
    points = np.stack((x, y), axis=-1).reshape(-1, 2) * scale
    kept = points[rng.random(len(points)) < share]
    return np.asarray(kept + rng.normal(0, off_px, kept.shape))


def strays(number: int, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Crossings that are none."""
    return rng.uniform((4, 4), (shape[1] - 5, shape[0] - 5), (number, 2))


def ruled(apart_px: float) -> np.ndarray:
    """A picture with thin lines so far apart, across and down."""
    x, y = np.meshgrid(*(np.exp(-(((np.arange(length) + 2) % apart_px - 2) ** 2)) for length in (WIDTH, HEIGHT)))
    return np.repeat(np.rint(255 - 20 * (x + y)).astype(np.uint8)[..., None], 3, axis=2)


def flatten_seeing(monkeypatch: pytest.MonkeyPatch, sees: Sees, picture: np.ndarray = PICTURE) -> FlatPage:
    """The page by a network that sees certain crossings."""

    def maps(image: np.ndarray, _network: object) -> np.ndarray:
        shape = image.shape[:2]
        heat = np.zeros(shape, np.float32)
        points = sees(shape[1] / WIDTH, shape, np.random.default_rng(7))
        column, row = np.rint(points).astype(int).T
        heat[row, column] = 1.0
        heat = cv2.GaussianBlur(heat, (0, 0), 1.5)
        found = np.zeros((len(OUTPUTS), *shape), np.float32)
        found[OUTPUTS.index("crossing")] = heat / heat.max()
        return found

    for module in (flattening, traces):
        monkeypatch.setattr(module, "grid_maps", maps)
    return flatten_page(picture, lambda _batch: [])


def test_a_grid_that_is_regular_at_another_size_only_is_found_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """At full size noise looks like crossings as near as those of a grid; it is gone when made smaller."""

    def sees(scale: float, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        return crossings(scale, 0.2, 1.0, rng) if max(shape) <= SMALL else strays(6000, shape, rng)

    page = flatten_seeing(monkeypatch, sees)
    assert page.found > 0.95
    assert not page.is_faint
    assert page.mesh.box_px == pytest.approx(BOX_PX, rel=0.01)


def test_a_faint_grid_is_one_lattice(monkeypatch: pytest.MonkeyPatch) -> None:
    def sees(scale: float, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        share = 0.7 if max(shape) <= SMALL else 0.3
        return np.concatenate((crossings(scale, 1.6, share, rng), strays(1200, shape, rng)))

    page = flatten_seeing(monkeypatch, sees)
    assert page.is_faint
    assert page.mesh.box_px == pytest.approx(BOX_PX, rel=0.01)


def test_crossings_anywhere_are_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="no grid"):
        flatten_seeing(monkeypatch, lambda _scale, shape, rng: strays(3000, shape, rng))


def test_where_crossings_lie_anywhere_lines_of_every_millimetre_tell_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    page = flatten_seeing(monkeypatch, lambda _scale, shape, rng: strays(3000, shape, rng), ruled(BOX_PX / 5))
    assert page.found > 0.95
    assert not page.is_faint
    assert not page.is_uneven
    assert page.mesh.box_px == pytest.approx(BOX_PX, rel=0.01)


def test_lines_of_every_millimetre_that_leap_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a crease those beside were taken for them."""
    points = np.stack(np.meshgrid(np.arange(100, WIDTH - 90, BOX_PX), np.arange(80, HEIGHT - 70, BOX_PX)), axis=-1)
    points[:15, 25:, 1] += BOX_PX / 5
    monkeypatch.setattr(flattening, "mesh_by_millimetres", lambda _image: Mesh(points))
    assert flatten_seeing(monkeypatch, lambda _scale, shape, rng: strays(3000, shape, rng)).is_uneven


@pytest.mark.parametrize(("times", "is_finer"), [(1.0, True), (1.25, False)])
def test_lines_of_every_millimetre_mend_a_grid_if_their_boxes_are_its_own(
    monkeypatch: pytest.MonkeyPatch, times: float, is_finer: bool
) -> None:
    """Of one of which a good part is not seen."""

    def sees(scale: float, _shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        return crossings(scale, 0.4, 0.8, rng)

    page = flatten_seeing(monkeypatch, sees, ruled(times * BOX_PX / 5))
    assert page.mesh.box_px == pytest.approx(BOX_PX, rel=0.01)
    assert (page.found > 0.95) == is_finer


def test_clear_lines_of_every_millimetre_count_more_than_what_is_hardly_a_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dots of which the network takes some for crossings, at a distance that the grid does not have."""

    def sees(scale: float, _shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        return crossings(scale, 0.9 * scale, 0.62, rng)

    hardly = flatten_seeing(monkeypatch, sees)
    assert not hardly.is_faint
    assert hardly.mesh.box_px == pytest.approx(BOX_PX, rel=0.01)
    page = flatten_seeing(monkeypatch, sees, ruled(1.25 * BOX_PX / 5))
    assert page.found > 0.95
    assert page.mesh.box_px == pytest.approx(1.25 * BOX_PX, rel=0.01)


@pytest.mark.parametrize(
    ("long_side_px", "sizes_px"), [(4000, [1536, 2304, 1024]), (1566, [1536, 1024]), (1200, [1200, 1024]), (900, [900])]
)
def test_a_grid_is_sought_at_sizes_that_differ_and_never_enlarged(long_side_px: int, sizes_px: list[int]) -> None:
    assert [round(scale * long_side_px) for scale in _scales(long_side_px)] == sizes_px


def test_ink_of_traces_beyond_the_grid_and_its_margin_is_told() -> None:
    """The grid reaches from (100, 80) to (420, 240); two boxes about it are looked at, too."""
    x, y = np.meshgrid(np.arange(100.0, 421.0, BOX_PX), np.arange(80.0, 241.0, BOX_PX))
    mesh = Mesh(np.stack((x, y), axis=-1))
    trace = np.zeros((600, 800), np.float32)
    trace[160, 120:400] = 0.9
    trace[290, 100:200] = 0.9
    trace[450] = 0.3
    assert _ink_beyond(mesh, trace) == 0
    trace[400, 120:500] = 0.9
    assert _ink_beyond(mesh, trace) == pytest.approx(0.5)
    assert _ink_beyond(mesh, np.zeros_like(trace)) == 0
