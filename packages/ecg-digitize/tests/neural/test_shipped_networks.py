"""What the shipped networks must be able to do, on pages of records that nothing was trained on."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest

from ecg_core import Record, competition_snr, synthesize_record
from ecg_core.errors import DataError
from ecg_core.metrics.snr import restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R, PaperSpec
from ecg_core.plugins.registry import registry
from ecg_digitize import Digitization, digitize
from ecg_digitize.digitizers.neural.networks import NETWORKS, calibration_of, suffix_of
from ecg_digitize.digitizers.neural.orientation import oriented
from ecg_render import Page, render_page
from ecg_render.styles import style_by_name

PLAIN = style_by_name("plain", np.random.default_rng(0))

FOLDER = Path(str(files("ecg_digitize.weights")))
SUFFIXES = (".onnx", ".safetensors")
LARGEST_MB = 40
LEAST_WITHOUT_GRID_DB = 12.0


@pytest.fixture(scope="module")
def clean(page: Page) -> Digitization:
    return digitize(page.image)


def snr_db(truth: Record, found: Digitization) -> float:
    return competition_snr(restrict_to_layout(truth, LAYOUT_3X4_1R), found.record).db


def rows_of(layout: str) -> list[tuple[str, int]]:
    return [(segment.lead, segment.row) for segment in registry().load("layouts", layout).segments]


@pytest.mark.parametrize("name", NETWORKS)
def test_each_is_there_for_both_engines_with_a_card(name: str) -> None:
    assert all((FOLDER / f"{name}{suffix}").exists() for suffix in SUFFIXES)
    card = (FOLDER / f"{name}.md").read_text()
    assert all(word in card for word in ("doi", "licence", "ecg run digitize.train_", "## Figures", "## Limits"))
    assert "/" + "records" not in (FOLDER / f"{name}{suffix_of('torch')}").read_bytes()[:4000].decode("latin1")


@pytest.mark.parametrize("name", NETWORKS)
def test_each_says_which_plugin_it_is_of(name: str) -> None:
    pytest.importorskip("torch")
    from ecg_core.training.weights import read_weights

    config = read_weights(FOLDER / f"{name}.safetensors").config
    assert set(config) == {"model"}
    assert config["model"]["name"] == f"digitize.{name}"


def test_they_fit_into_a_wheel() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir() if file.is_file()) < LARGEST_MB * 1e6
    assert calibration_of(None) == FOLDER / "confidence.json"


def test_a_clean_page_is_read(truth: Record, clean: Digitization) -> None:
    assert snr_db(truth, clean) >= 14
    assert rows_of(clean.quality.layout) == rows_of("3x4+1R")
    assert clean.reading.geometry.px_per_mm_x == pytest.approx(200 / 25.4, rel=5e-3)


@pytest.mark.parametrize(("degradation", "least_db"), [("scan", 12.0), ("phone", 8.0)])
def test_scans_and_photos_are_read(truth: Record, page: Page, degradation: str, least_db: float) -> None:
    found = digitize(registry().load("degradations", degradation)(page, 4).image)
    assert rows_of(found.quality.layout) == rows_of("3x4+1R")
    assert snr_db(truth, found) >= least_db


@pytest.mark.parametrize("orientation", [2, 3, 4])
def test_a_page_may_lie_any_way(page: Page, clean: Digitization, orientation: int) -> None:
    """Upside down, on its side, mirrored: the same record comes out."""
    found = digitize(oriented(page.image, orientation))
    assert found.quality.geometry.details["orientation"] == orientation
    both = np.isfinite(found.record.signal_mv) & np.isfinite(clean.record.signal_mv)
    assert np.median(np.abs(found.record.signal_mv - clean.record.signal_mv)[both]) < 0.03


def test_other_layouts_are_found(truth: Record) -> None:
    for layout in ("6x2", "12x1"):
        page = render_page(truth, layout=registry().load("layouts", layout), dots_per_inch=200)
        assert rows_of(digitize(page.image).quality.layout) == rows_of(layout)


def test_gain_is_read_off_the_pulses() -> None:
    record = synthesize_record(seed=5)
    page = render_page(record, paper=PaperSpec(gain_mm_per_mv=5.0), dots_per_inch=200)
    found = digitize(page.image)
    assert found.quality.paper.gain_mm_per_mv == 5
    assert found.quality.paper.gain_from in ("pulse", "printed")


@pytest.mark.parametrize("orientation", [0, 2])
def test_a_page_without_a_grid_is_read_by_the_width_of_its_rows(truth: Record, orientation: int) -> None:
    found = digitize(oriented(render_page(truth, style=PLAIN, dots_per_inch=200).image, orientation))
    assert found.quality.geometry.details["orientation"] == orientation
    assert snr_db(truth, found) > LEAST_WITHOUT_GRID_DB
    assert found.verdict != "refused"
    assert any("no grid" in warning for warning in found.warnings)


@pytest.mark.parametrize("picture", ["noise", "white", "letter"])
def test_what_is_no_ecg_is_refused(picture: str) -> None:
    image = np.full((900, 1200, 3), 255, np.uint8)
    if picture == "noise":
        image = np.random.default_rng(0).integers(0, 256, image.shape, np.uint8)
    if picture == "letter":
        for line in range(60, 860, 40):
            cv2.putText(image, "Dear colleague, the results of the patient", (40, line), 0, 1.2, (0, 0, 0), 2)
    with pytest.raises(DataError, match="no grid"):
        digitize(image)
