from __future__ import annotations

import csv
import json

import cv2
import pytest

from ecg_core import write_record
from ecg_digitize.evaluate import EvaluateConfig, run


@pytest.fixture
def folder(tmp_path, truth, page_image):
    for stem in ("heart", "lost"):
        write_record(truth, tmp_path / "data" / f"{stem}.hea")
    cv2.imwrite(str(tmp_path / "data" / "heart-0.png"), page_image[..., ::-1])
    (tmp_path / "data" / "lost.png").write_bytes(b"")
    return tmp_path / "data"


def test_pages_are_scored_and_one_that_is_not_read_counts_as_zeros(folder, context):
    result = run(EvaluateConfig(pages=(str(folder),), truth=folder), context)
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
