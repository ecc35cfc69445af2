"""Every model and data set that ecg-classify registers keeps its contract, those to come as well."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ecg_classify.testing import ClassifyDatasetContract, ClassifyModelContract


class TestModels(ClassifyModelContract):
    distribution = "ecg-classify"

    def options_of(self, name: str) -> Mapping[str, Any]:
        return {"classify.resnet1d": {"width": 8, "stem_stride": 8}}.get(name, {})


class TestDatasets(ClassifyDatasetContract):
    distribution = "ecg-classify"

    @pytest.fixture(autouse=True)
    def material(self, prepared_folder: Path) -> None:
        self.own = {"classify.prepared": {"folder": str(prepared_folder)}}

    def options_of(self, name: str, folder: Path) -> Mapping[str, Any]:
        return self.own[name]
