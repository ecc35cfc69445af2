from __future__ import annotations

import csv
import json

import attrs
import cv2
import numpy as np
import pytest

from ecg_core import write_record
from ecg_core.errors import ConfigError, DataError, PluginError
from ecg_core.leads import STANDARD_LEADS
from ecg_core.metrics.snr import PageSnr
from ecg_digitize.evaluation.score import PageScore, PrintedPage
from ecg_digitize.evaluation.tables import group_figures, scored_leads
from ecg_digitize.evaluation.task import EvaluateConfig, run


@pytest.fixture
def folder(tmp_path, truth, page_image):
    for stem in ("heart", "lost"):
        write_record(truth, tmp_path / "data" / f"{stem}.hea")
    cv2.imwrite(str(tmp_path / "data" / "heart-0.png"), page_image[..., ::-1])
    (tmp_path / "data" / "lost.png").write_bytes(b"")
    return tmp_path / "data"


def test_pages_are_scored_and_one_that_is_not_read_counts_as_zeros(folder, context):
    result = run(EvaluateConfig(method="neural", pages=(str(folder),), truth=folder), context)
    assert [failure.item.rpartition("/")[2] for failure in result.failures] == ["lost.png"]
    scores = json.loads((context.out_dir / "snr.json").read_text())
    heart, lost = scores["pages"]
    assert heart["snr_db"] >= 18
    assert lost["snr_db"] == 0  # noise as strong as the signal
    mean_ratio = (10 ** (heart["snr_db"] / 10) + 1) / 2
    assert 10 ** (scores["mean_snr_db"] / 10) == pytest.approx(mean_ratio, rel=0.01)
    rows = list(csv.DictReader((context.out_dir / "snr.csv").read_text().splitlines()))
    assert [row["page"] for row in rows] == ["heart-0.png", "lost.png"]
    assert float(rows[0]["V2"]) > 10
    assert {row["group"] for row in rows} == {"data"}


def test_records_are_printed_degraded_and_read_back(folder, context):
    degradations = ("none", "scan")
    config = EvaluateConfig(
        method="neural", records=(str(folder),), degradations=degradations, style="standard", limit=1
    )
    result = run(config, context)
    assert not result.failures
    scores = json.loads((context.out_dir / "snr.json").read_text())
    assert [page["group"] for page in scores["pages"]] == list(degradations)
    assert scores["groups"]["none"]["mean_snr_db"] >= 18
    assert [page["structure"] for page in scores["pages"]] == ["right", "right"]
    assert scores["structure"] == {"right": 2}
    assert scores["groups"]["none"]["leads"]["V2"] == scores["pages"][0]["V2"]
    assert result.summary["groups"]["scan"]["number"] == 1


def test_scores_are_drawn(folder, context):
    pytest.importorskip("matplotlib")
    run(EvaluateConfig(method="neural", pages=(str(folder),), truth=folder), context)
    for name in ("snr.png", "reliability.png"):
        assert cv2.imread(str(context.out_dir / name)).shape[0] > 300


def test_a_picture_of_the_user_is_never_replaced_by_a_plot(folder, context):
    pytest.importorskip("matplotlib")
    context.out_dir.mkdir(exist_ok=True)
    (context.out_dir / "snr.png").write_text("mine")
    with pytest.raises(DataError, match=r"snr\.png is there already"):
        run(EvaluateConfig(method="neural", pages=(str(folder),), truth=folder), context)
    assert (context.out_dir / "snr.png").read_text() == "mine"


def test_without_matplotlib_there_are_tables_and_advice(folder, context, monkeypatch, caplog):
    monkeypatch.setattr("ecg_core.plots.find_spec", lambda _name: None)
    caplog.set_level("INFO")
    run(EvaluateConfig(method="neural", pages=(str(folder),), truth=folder), context)
    assert "pip install 'ecg-digitize[plots]'" in caplog.text
    assert (context.out_dir / "snr.csv").exists()
    assert not (context.out_dir / "snr.png").exists()


def test_what_is_missing_is_named_before_the_first_page(folder, tmp_path, context):
    with pytest.raises(ConfigError, match="pages, records"):
        run(EvaluateConfig(), context)
    with pytest.raises(ConfigError, match="truth: name the folder"):
        run(EvaluateConfig(method="neural", pages=(str(folder),)), context)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no recording found in"):
        run(EvaluateConfig(method="neural", records=(str(tmp_path / "empty"),)), context)


def test_leads_beside_the_twelve_have_columns_of_their_own() -> None:
    def score(**lead_db: float) -> PageScore:
        snr = PageSnr(ratio=10.0, lead_db=lead_db)
        return PageScore(
            page="a", group="x", truth="", snr=snr, verdict="good", confidence={}, evidence={}, seconds=1.0
        )

    scores = [score(I=10.0), score(V6=11.0, V7=12.0)]
    assert scored_leads(scores) == (*STANDARD_LEADS, "V7")
    assert group_figures(scores)["x"]["leads"] == {"I": 10.0, "V6": 11.0, "V7": 12.0}


def test_the_printed_layout_may_be_told_as_rows(folder, context):
    rows = "I aVR V1 V4 / II aVL V2 V5 / III aVF V3 V6"
    config = EvaluateConfig(
        method="neural", pages=(str(folder / "heart-0.png"),), truth=folder, printed_layout=rows, plots=False
    )
    run(config, context)
    (heart,) = json.loads((context.out_dir / "snr.json").read_text())["pages"]
    assert heart["snr_db"] >= 18
    with pytest.raises(ConfigError, match='"V7R" is no lead'):
        run(attrs.evolve(config, printed_layout="I V7R"), attrs.evolve(context, overwrite=True))


def test_recordings_are_printed_as_makers_print_them(truth, tmp_path):
    """The truth is what the page shows: leads that the recording lacks, and times that it does not last, with them."""
    location = str(write_record(truth, tmp_path / "heart.hea")[0])
    layout = "V3R V7 / V4R V8 / II V9"
    for style in ("standard", "maker"):
        shown, page = PrintedPage(location, "none", 100.0, style, layout).printed()
        assert [piece.lead for piece in page.pieces] == ["V3R", "V7", "V4R", "V8", "II", "V9"]
        known = {lead for lead in shown.lead_names if np.isfinite(shown.lead_mv(lead)).any()}
        assert known == {"V3R", "V4R", "II", "V7", "V8", "V9"}
    looks = {PrintedPage(location, "none", 100.0, "maker", "maker").printed()[1].layout for _ in range(2)}
    assert len(looks) == 1  # the same whenever it is drawn


def test_what_is_to_be_drawn_is_checked_before_the_first_page(folder, context):
    wrong = {"drawn_layout": "I V7R", "style": "no such style", "degradations": ("scan+no such thing",)}
    for name, value in wrong.items():
        config = attrs.evolve(EvaluateConfig(method="neural", records=(str(folder),)), **{name: value})
        with pytest.raises((ConfigError, PluginError), match=r"V7R|no such"):
            run(config, context)
    assert not (context.out_dir / "snr.json").exists()
