"""The one ending of every digitizer: a reading becomes a record with its quality."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np
import pytest

from ecg_core.errors import CheckpointError
from ecg_core.synthetic import synthesize_record
from ecg_digitize.digitizers import PagePicture, Reading
from ecg_digitize.outputs.files import save_digitization
from ecg_digitize.record.calibration import Calibration
from ecg_digitize.record.digitization import build_digitization
from ecg_digitize.record.quality import SCHEMA, Quality

PAGE = PagePicture("a", np.full((300, 500, 3), 255, np.uint8), file=Path("folder/a.pdf"), number=3)
RECORD = synthesize_record(seed=3, duration_s=10.0)
DOCS = Path(__file__).parents[4] / "docs"


def build(reading: Reading):
    return build_digitization(PAGE, reading, method="fake", sampling_rate_hz=500.0)


def test_the_record_is_what_was_read(make_reading: Callable[..., Reading]) -> None:
    found = build(make_reading(RECORD))
    np.testing.assert_allclose(found.record.signal_mv, RECORD.signal_mv)
    assert found.record.sampling_rate_hz == 500
    assert found.verdict == "good"
    assert found.sample_clarity.min() == 1


def test_quality_json_is_the_form_of_the_quality(make_reading: Callable[..., Reading], tmp_path: Path) -> None:
    found = build(make_reading(RECORD, details={"rows_mm": [1.5, 2.5]}, engine="onnx", notes=["a note"]))
    files = save_digitization(found, tmp_path, "a")
    content = json.loads(files[-1].read_text())
    assert content == found.quality.to_plain()
    assert set(content) == {field.name for field in attrs.fields(Quality)}
    assert content["schema"] == SCHEMA == 2
    assert content["source"] == {"file": str(Path("folder/a.pdf")), "page": 3}
    assert (content["method"], content["engine"], content["verdict"]) == ("fake", "onnx", "good")
    assert content["warnings"] == ["a note"]
    assert content["advice"] == []
    assert content["layout_rows"] == [[lead] for lead in RECORD.lead_names]
    assert content["leads"]["V1"] == {"verdict": "good", "confidence": 1.0, "why": []}
    assert content["paper"] == {
        "speed_mm_per_s": 25.0,
        "speed_from": "assumed",
        "speed_certainty": 1.0,
        "gain_mm_per_mv": 10.0,
        "gain_from": "assumed",
        "gain_certainty": 1.0,
        "disagreeing": [],
    }
    assert content["geometry"] == {"px_per_mm_x": 8.0, "px_per_mm_y": 8.0, "rotation_deg": 1.5, "rows_mm": [1.5, 2.5]}


def test_evidence_is_weighed_by_the_calibration_that_the_reading_names(
    make_reading: Callable[..., Reading], tmp_path: Path
) -> None:
    """The relation of the limb leads is told of the assembled record, so it comes in at the end."""
    features = ("seen", "relation", "is_limb")
    weights = np.array([1.0, 0.0, -1.0])
    path = Calibration(features, np.zeros(3), np.ones(3), weights, 0.0).write(tmp_path / "c.json")
    evidence = {lead: {"seen": 2.0} for lead in RECORD.lead_names}
    found = build(make_reading(RECORD, evidence=evidence, calibration=path))
    assert found.confidence["V1"] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-3)
    assert found.confidence["II"] == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-3)
    assert found.quality.evidence["II"] == {"seen": 2.0, "relation": 0.0, "is_limb": 1.0}
    with pytest.raises(CheckpointError, match="weighs seen, of which the digitizer tells nothing"):
        build(make_reading(RECORD, evidence={"I": {}}, calibration=path))


def test_every_field_of_the_schema_stands_in_the_reference() -> None:
    reference = (DOCS / "reference" / "quality.md").read_text(encoding="utf-8")
    assert f"`schema` is {SCHEMA}" in reference
    missing = [field.name for field in attrs.fields(Quality) if f"| `{field.name}` |" not in reference]
    assert not missing
