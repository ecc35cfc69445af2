"""The shipped networks in floating point and in whole numbers: the same network, a little rounded."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from ecg_core.config import PluginOptions, structure
from ecg_digitize import Digitization, digitize
from ecg_digitize.digitizers.neural.networks import READER, STAGE_NETWORKS, load_network
from ecg_digitize.digitizers.neural.options import NeuralOptions
from ecg_render import Page

ENGINES = ("onnx", "torch")

MOST_ROUNDING = 0.08
"""Mean difference of an output, as a share of its standard deviation."""

MOST_MV, USUAL_MV = 0.2, 0.01
"""What the engines may differ by anywhere on a clean page, and in the mean; a millimetre is 0.1 mV."""


@pytest.mark.parametrize("name", STAGE_NETWORKS)
def test_whole_numbers_round_little(name: str, page: Page) -> None:
    image = np.ascontiguousarray(page.image[400:720, 300:940].transpose(2, 0, 1))[None]
    whole, floating = (load_network(name, engine)(image)[0] for engine in ENGINES)
    assert np.abs(whole - floating).mean() < MOST_ROUNDING * floating.std()


def test_the_reader_is_the_same() -> None:
    image = np.random.default_rng(0).integers(0, 256, (2, 3, 32, 160), np.uint8)
    for one, other in zip(*(load_network(READER, engine)(image) for engine in ENGINES), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3 * np.abs(other).max())


def test_both_read_a_page_alike(page: Page) -> None:
    whole, floating = (read_by(engine, page) for engine in ENGINES)
    assert whole.quality.layout_rows == floating.quality.layout_rows
    difference_mv = np.abs(whole.record.signal_mv - floating.record.signal_mv)
    assert np.nanmax(difference_mv) < MOST_MV
    assert np.nanmean(difference_mv) < USUAL_MV


def read_by(engine: str, page: Page) -> Digitization:
    options = structure(NeuralOptions, {"engine": engine})
    return digitize(page.image, digitizers=PluginOptions("digitizers", {"neural": options}))
