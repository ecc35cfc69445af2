from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.orientation import NUM_ORIENTATIONS, oriented, upright

IMAGE = np.arange(24).reshape(2, 4, 3)


@pytest.mark.parametrize("orientation", range(NUM_ORIENTATIONS))
def test_there_and_back(orientation: int) -> None:
    np.testing.assert_array_equal(upright(oriented(IMAGE, orientation), orientation), IMAGE)


def test_all_eight_differ_and_the_first_is_upright() -> None:
    seen = {oriented(IMAGE, each).tobytes() + bytes(oriented(IMAGE, each).shape) for each in range(NUM_ORIENTATIONS)}
    assert len(seen) == NUM_ORIENTATIONS
    np.testing.assert_array_equal(oriented(IMAGE, 0), IMAGE)


def test_a_quarter_turns_counterclockwise_and_a_mirror_swaps_left_and_right() -> None:
    plane = np.array([[1, 2], [3, 4]])
    np.testing.assert_array_equal(oriented(plane, 1), [[2, 4], [1, 3]])
    np.testing.assert_array_equal(oriented(plane, 4), [[2, 1], [4, 3]])
