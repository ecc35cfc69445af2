"""What the shipped weights must be able to do, on pages of records that nothing was trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecg_render import EndlessPages, PageRecipe, RecordFiles
from ecg_seg.evaluation import Tally
from ecg_seg.pages import RenderedPages
from ecg_seg.segmenter import LONG_SIDE_PX, Segmenter
from ecg_seg.weights import DEFAULT, load_weights, shipped_weights


def test_weights_that_were_asked_for_by_no_name_are_shipped() -> None:
    assert DEFAULT in shipped_weights()


@pytest.mark.parametrize("name", sorted(shipped_weights()))
def test_each_has_a_card_that_says_data_command_figures_and_licence(name: str) -> None:
    card = shipped_weights()[name].with_suffix(".md").read_text()
    assert all(word in card for word in ("doi", "licence", "ecg run seg.train", "## Figures", "## Limits"))


@pytest.mark.parametrize("name", sorted(shipped_weights()))
def test_they_name_no_file_of_the_machine_that_trained_them(name: str) -> None:
    assert "records" not in str(load_weights(name).about)


@pytest.mark.parametrize("name", sorted(shipped_weights()))
def test_they_say_which_plugin_made_them_and_what_it_tells_apart(name: str) -> None:
    config = load_weights(name).config
    assert set(config) == {"model", "classes"}
    assert config["model"]["name"] == "seg.unet"


@pytest.mark.parametrize(("degradation", "least_mean", "least_waveform"), [("none", 0.75, 0.85), ("phone", 0.6, 0.7)])
def test_they_segment_pages_they_never_saw(
    records: Path, degradation: str, least_mean: float, least_waveform: float
) -> None:
    segmenter = Segmenter.load()
    recipe = PageRecipe(degradations=(degradation,), least_dots_per_inch=150.0, most_dots_per_inch=200.0)
    found = sorted(str(path) for path in records.glob("*.npz"))
    pages = RenderedPages(EndlessPages(RecordFiles(tuple(found)), recipe, seed=5), 2, "classes")
    tally = Tally.empty(len(segmenter.classes.names))
    for number in range(len(pages)):
        tally.add(segmenter, pages[number], long_side_px=LONG_SIDE_PX)
    figures = tally.figures(segmenter.classes.names)
    assert figures["mean_iou"] >= least_mean
    assert figures["classes"]["waveform"]["iou"] >= least_waveform
