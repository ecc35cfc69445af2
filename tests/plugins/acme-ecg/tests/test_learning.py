"""Models and data sets of acme-ecg keep their contract with the task that trains them, those to come as well."""

from __future__ import annotations

import pytest

contracts = pytest.importorskip("ecg_seg.testing", reason="needs acme-ecg[seg]")


class TestModels(contracts.SegModelContract):
    distribution = "acme-ecg"


class TestDatasets(contracts.SegDatasetContract):
    distribution = "acme-ecg"
