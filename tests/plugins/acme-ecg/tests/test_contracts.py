"""Every plugin of acme-ecg keeps its contract with ecg-core."""

from __future__ import annotations

from pathlib import Path

from ecg_core import write_record
from ecg_core.testing import (
    BackboneContract,
    BackendContract,
    ExecutorContract,
    FormatContract,
    HookContract,
    SpecContract,
    TaskContract,
    synthetic_record,
)


class TestEverything(SpecContract):
    distribution = "acme-ecg"
    needs = ("torch",)


class TestTinyBackbone(BackboneContract):
    name = "acme.tiny"


class TestAcmeJson(FormatContract):
    name = "acme-json"
    tolerance_mv = 0.0


class TestAcmeCpu(BackendContract):
    name = "acme-cpu"


class TestThreads(ExecutorContract):
    name = "acme-threads"
    options = {"threads": 2}  # noqa: RUF012


class TestHello(TaskContract):
    name = "acme.hello"

    def overrides(self, folder: Path) -> list[str]:
        (path,) = write_record(synthetic_record(), folder / "page.csv")
        return [f"records=['{path}']"]


class TestEventLog(HookContract):
    name = "acme-events"
