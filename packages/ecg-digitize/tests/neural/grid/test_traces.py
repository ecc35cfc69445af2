"""Traces of pictures, seen by a network that is sure of wide ones only."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid import traces as traces_module
from ecg_digitize.digitizers.neural.grid.gridless import measure_gridless
from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS
from ecg_digitize.digitizers.neural.grid.traces import LARGEST_PX, Traces, clearer_traces

TRACE = OUTPUTS.index("trace")
WIDTH = 3000
SURE_PX = 2000
"""Longer side of a picture from which on its traces are wide enough."""


def sure_of_large(images: np.ndarray) -> tuple[np.ndarray, ...]:
    """A grid network that takes what is dark for traces: hardly where a picture is small, surely where it is large."""
    maps = np.full((1, len(OUTPUTS), *images.shape[2:]), -20, np.float32)
    is_dark = images[0].mean(axis=0) < 128
    maps[0, TRACE][is_dark] = 3.0 if images.shape[-1] >= SURE_PX else -1.0
    return (maps,)


def strip() -> np.ndarray:
    """A picture with one row across, all in one tile."""
    image = np.full((96, WIDTH, 3), 255, np.uint8)
    image[40:48, 200:-200] = 0
    return image


@pytest.fixture(autouse=True)
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are not cut into tiles, so that the network sees how large they are."""

    def maps(image: np.ndarray, network: object) -> np.ndarray:
        (logits,) = sure_of_large(image.transpose(2, 0, 1)[None])
        return np.asarray(1 / (1 + np.exp(-logits[0])))

    monkeypatch.setattr(traces_module, "grid_maps", maps)
    monkeypatch.setattr("ecg_digitize.digitizers.neural.grid.gridless.grid_maps", maps)


def test_traces_that_hardly_stand_out_are_looked_at_larger() -> None:
    small = Traces(np.full((48, 1500), 0.3, np.float32), 0.5)
    assert small.clarity == 0
    larger = clearer_traces(small, strip(), sure_of_large)
    assert larger.scale == pytest.approx(LARGEST_PX / WIDTH)
    assert larger.ink.shape[1] == LARGEST_PX
    assert larger.clarity == pytest.approx(1.0)


def test_clear_traces_and_those_of_the_largest_picture_stay() -> None:
    clear = Traces(np.full((48, 1500), 0.9, np.float32), 0.5)
    assert clearer_traces(clear, strip(), sure_of_large) is clear
    large = Traces(np.full((74, LARGEST_PX), 0.3, np.float32), LARGEST_PX / WIDTH)
    assert clearer_traces(large, strip(), sure_of_large) is large


def test_a_page_without_a_grid_whose_traces_only_a_larger_picture_shows_is_one() -> None:
    gridless = measure_gridless(strip(), sure_of_large)
    assert gridless.traces.scale == pytest.approx(LARGEST_PX / WIDTH)
    assert np.degrees(gridless.skew_rad) == pytest.approx(0.0, abs=0.15)
