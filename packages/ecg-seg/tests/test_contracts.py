"""Every model and data set that ecg-seg registers keeps its contract, those to come as well."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ecg_seg.testing import SegDatasetContract, SegModelContract

SMALL_PAGES = {"degradations": ["none"], "least_dots_per_inch": 60, "most_dots_per_inch": 65}
SMALL_CROPS = {"width_px": 64, "height_px": 64, "samples_per_page": 2}


class TestModels(SegModelContract):
    distribution = "ecg-seg"


class TestDatasets(SegDatasetContract):
    distribution = "ecg-seg"

    @pytest.fixture(autouse=True)
    def material(self, records: Path, crop_folder: Path) -> None:
        self.own = {
            "seg.endless": {
                "records": str(records),
                "pages": SMALL_PAGES,
                "crops": SMALL_CROPS,
                "steps_per_epoch": 3,
                "validation_batches": 2,
            },
            "seg.crops": {"folders": str(crop_folder), "validation_share": 0.25},
        }

    def options_of(self, name: str, folder: Path) -> Mapping[str, Any]:
        return self.own[name]
