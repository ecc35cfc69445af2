"""Pixels folded to channels, as torch does it in one step."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from ecg_core.networks.folding import Unfold, folded, unfolded  # noqa: E402


@pytest.mark.parametrize("side", [1, 2, 4])
def test_squares_are_folded_as_pixel_unshuffle_does_and_unfolded_as_pixel_shuffle_does(side: int) -> None:
    images = torch.rand(2, 3, 8, 12)
    maps = folded(images, (side, side))
    torch.testing.assert_close(maps, functional.pixel_unshuffle(images, side), rtol=0, atol=0)
    torch.testing.assert_close(Unfold((side, side))(maps), functional.pixel_shuffle(maps, side), rtol=0, atol=0)


@pytest.mark.parametrize("fold", [(4, 2), (2, 4), (1, 3)])
def test_rectangles_unfold_to_what_was_folded(fold: tuple[int, int]) -> None:
    images = torch.randint(0, 256, (2, 3, 8, 12), dtype=torch.uint8)
    maps = folded(images, fold)
    assert maps.shape == (2, 3 * fold[0] * fold[1], 8 // fold[0], 12 // fold[1])
    assert maps[0, :, 0, 0].tolist() == images[0, :, : fold[0], : fold[1]].flatten().tolist()
    assert torch.equal(unfolded(maps, fold), images)
