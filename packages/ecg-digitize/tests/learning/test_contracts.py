"""Every model and data set that ecg-digitize registers keeps its contract, those to come as well."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ecg_core.config import Choice
from ecg_core.context import RunContext
from ecg_core.errors import ConfigError
from ecg_core.plugins.registry import registry
from ecg_digitize.testing import StageDatasetContract, StageModelContract

STAGES = {
    "digitize.markers": "markers",
    "digitize.grid": "grid",
    "digitize.waveform": "waveform",
    "digitize.reader": "reader",
    "digitize.words": "reader",
    "digitize.marker_views": "markers",
    "digitize.grid_crops": "grid",
    "digitize.strips": "waveform",
}
SMALL_PAGES = {"degradations": ["none"], "least_dots_per_inch": 60, "most_dots_per_inch": 65}
SMALL = {
    "digitize.marker_views": {"views_per_page": 2, "size_px": 96},
    "digitize.grid_crops": {"crops_per_page": 2, "size_px": 64},
    "digitize.strips": {"strips_per_page": 2, "width_px": 64},
    "digitize.words": {"crops_per_page": 2},
}


class TestModels(StageModelContract):
    distribution = "ecg-digitize"

    @property
    def stage(self) -> str:
        return STAGES[self.name]

    def options_of(self, name: str) -> Mapping[str, Any]:
        own = {"waveform": {"channels": [8, 12]}, "reader": {"channels": [8, 8, 12, 12], "width": 16, "hidden": 32}}
        return own.get(STAGES[name], {"backbone": "lighter"})


class TestDatasets(StageDatasetContract):
    distribution = "ecg-digitize"

    @property
    def stage(self) -> str:
        return STAGES[self.name]

    @pytest.fixture(autouse=True)
    def material(self, records: Path) -> None:
        self.records = str(records)

    def options_of(self, name: str, folder: Path) -> Mapping[str, Any]:
        own = {"records": self.records, "pages": SMALL_PAGES, "steps_per_epoch": 3, "validation_batches": 2}
        return {**own, **SMALL[name]}


def test_they_are_all_there() -> None:
    found = {
        entry.name
        for kind in ("models", "datasets")
        for entry in registry().entries(kind)
        if entry.distribution == "ecg-digitize"
    }
    assert found == STAGES.keys()


@pytest.mark.parametrize("changes", [{"model": "digitize.markers"}, {"data": "digitize.strips"}])
def test_a_plugin_of_another_stage_is_refused(changes: Mapping[str, str], tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from ecg_core.config import structure
    from ecg_digitize.learning.train import TrainStage1Config, run_stage1

    config = structure(TrainStage1Config, changes)
    assert isinstance(config.model, Choice)
    with pytest.raises(ConfigError, match=r"is made for the stage .*, and this task is about the stage grid"):
        run_stage1(config, RunContext(task="digitize.train_stage1", out_dir=tmp_path, backend="cpu"))
