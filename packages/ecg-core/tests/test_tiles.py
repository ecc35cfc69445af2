from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.tiles import Tiling, predict_tiles


def levels(batch: np.ndarray) -> np.ndarray:
    """A network that looks at single pixels: the result of a tile is that of the whole."""
    return batch[:, :2].astype(np.float32)


MULTIPLES = st.sampled_from((0, 8, 32))


@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    overlap=st.integers(0, 16),
    multiple=MULTIPLES,
    seed=st.integers(0, 99),
)
def test_tiles_give_what_the_whole_gives(height: int, width: int, overlap: int, multiple: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    found = predict_tiles(image, levels, 2, Tiling(size_px=32, overlap_px=overlap, multiple_px=multiple))
    np.testing.assert_allclose(found, image[..., :2].transpose(2, 0, 1), rtol=1e-5, atol=1e-3)


@given(length=st.integers(1, 5000), overlap=st.integers(0, 32), multiple=MULTIPLES)
def test_every_pixel_is_in_a_tile_and_neighbours_share_the_overlap(length: int, overlap: int, multiple: int) -> None:
    side, starts = Tiling(size_px=64, overlap_px=overlap, multiple_px=multiple).along(length)
    assert starts[0] == 0
    assert all(later - earlier <= side - overlap for earlier, later in pairwise(starts))
    assert starts[-1] + side == length or length < side


@given(length=st.integers(1, 5000))
def test_tiles_of_any_size_are_no_larger_than_they_have_to_be(length: int) -> None:
    side, starts = Tiling(size_px=512, overlap_px=64, multiple_px=16).along(length)
    assert side <= 512
    assert side % 16 == 0
    assert len(starts) * side < length + 64 * (len(starts) - 1) + 16 * len(starts)


def test_neighbours_are_blended_without_a_step() -> None:
    """Tiles that disagree by one: along the row the result climbs and falls in small steps."""
    calls = iter(range(100))

    def disagreeing(batch: np.ndarray) -> np.ndarray:
        return np.full((1, 1, 64, 64), next(calls) % 2, np.float32)

    image = np.zeros((64, 200, 3), np.uint8)
    found = predict_tiles(image, disagreeing, 1, Tiling(size_px=64, overlap_px=32))[0, 0]
    assert np.abs(np.diff(found)).max() < 0.1
    assert found.min() == 0
    assert found.max() == 1


def test_too_large_an_overlap_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        Tiling(size_px=64, overlap_px=40)
    with pytest.raises(ValueError, match="no multiple"):
        Tiling(size_px=64, multiple_px=24, overlap_px=8)
