from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np
import pytest
import torch

from ecg_core.config import to_plain
from ecg_core.errors import CheckpointError, ConfigError, PluginNotFound
from ecg_core.tiles import Tiling
from ecg_core.training.weights import Weights
from ecg_seg.models.unet import SegUNet
from ecg_seg.options import SegNetworkConfig
from ecg_seg.segmenter import Segmenter
from ecg_seg.weights import load_weights


def weights(kind: str = "classes", **about: object) -> Weights:
    config = SegNetworkConfig(classes=kind)
    torch.manual_seed(0)
    told = {"task": "seg.train", "config": to_plain(config), **about}
    return Weights(path=Path("made"), tensors=config.make().state_dict(), about=told)


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("kind", ["classes", "grid-wave", "grid"])
def test_every_pixel_gets_probabilities_that_sum_to_one(kind: str) -> None:
    segmenter = Segmenter(weights(kind), tiling=Tiling(size_px=64, overlap_px=16))
    seen = segmenter.segment(picture(90, 130))
    assert seen.probabilities.shape == (len(segmenter.classes.names), 90, 130)
    np.testing.assert_allclose(seen.probabilities.sum(axis=0), 1, atol=1e-5)
    np.testing.assert_array_equal(seen.mask, seen.probabilities.argmax(axis=0))


def test_a_large_picture_is_worked_on_small_and_its_mask_has_its_size() -> None:
    segmenter = Segmenter(weights(), tiling=Tiling(size_px=64, overlap_px=16))
    seen = segmenter.segment(picture(300, 201), long_side_px=100)
    assert seen.probabilities.shape[1:] == (100, 67)
    assert seen.mask.shape == (300, 201)
    assert segmenter.segment(picture(70, 67), long_side_px=0).probabilities.shape[1:] == (70, 67)


def test_it_gives_what_the_network_gives() -> None:
    made = weights()
    model = SegNetworkConfig().make().eval()
    assert isinstance(model, SegUNet)
    made.put_into(model)
    image = picture(64, 64)
    with torch.inference_mode():
        expected = model(torch.from_numpy(image).permute(2, 0, 1)[None]).softmax(dim=1)[0]
    seen = Segmenter(made, tiling=Tiling(size_px=64, overlap_px=16)).segment(image)
    np.testing.assert_allclose(seen.probabilities, expected, atol=1e-5)


def test_nothing_is_downloaded_for_a_network_that_was_pretrained() -> None:
    made = weights()
    pretrained = {"model": {"name": "seg.unet", "pretrained": True}}  # the backbone light has none
    Segmenter(attrs.evolve(made, about={**made.about, "config": pretrained}))


def test_weights_of_another_task_are_refused() -> None:
    with pytest.raises(CheckpointError, match=r"holds weights of 'classify\.train', not of seg\.train"):
        Segmenter(weights(task="classify.train"))


def test_weights_of_another_network_are_refused() -> None:
    small = attrs.evolve(weights("grid"), about=weights().about)
    with pytest.raises(CheckpointError, match="made belongs to another network"):
        Segmenter(small)


def test_options_that_this_version_does_not_know_are_told() -> None:
    made = weights()
    newer = {"model": {"name": "seg.unet", "depth": 3}}
    with pytest.raises(CheckpointError, match=r"another version perhaps: model\.depth: unknown key"):
        Segmenter(attrs.evolve(made, about={**made.about, "config": newer}))


def test_a_model_that_is_not_installed_is_named() -> None:
    made = weights()
    foreign = {"model": {"name": "nobody.net", "width": 3}}
    with pytest.raises(PluginNotFound, match=r"nobody\.net"):
        Segmenter(attrs.evolve(made, about={**made.about, "config": foreign}))


def test_a_name_that_is_nothing_is_explained() -> None:
    with pytest.raises(ConfigError, match=r"'nowhere' is neither a run folder or file nor shipped; shipped are"):
        load_weights("nowhere")
