from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecg_core.plugins.registry import Registry

Ecg = Callable[..., Any]

SHAKY_PLUGIN = """
import attrs
from ecg_core.plugins.spec import BackendSpec, FormatSpec, LayoutSpec

csv = FormatSpec(implementation="shaky.csv:Csv", summary="Another CSV", suffixes=(".shaky",))
old = LayoutSpec(implementation="shaky.layout:old", summary="Made long ago", api=0)
raising = BackendSpec(implementation="shaky.backend:Raising", summary="Cannot even be asked")
absent = BackendSpec(implementation="shaky.backend:Absent", summary="Is not here")
"""
SHAKY_BACKEND = """
from ecg_core.protocols import Availability

class Raising:
    def available(self):
        raise RuntimeError("driver\\nlost")

class Absent:
    def available(self):
        return Availability(False, "no abacus found", "Buy one.", {"beads": "0 of 10"})
"""


@pytest.fixture
def shaky(distribution: Callable[..., Path]) -> None:
    """A distribution with a conflict, plugins that cannot be used, and backends that are not here."""
    distribution(
        "shaky-kit",
        version="3.0",
        entry_points={
            "ecg.formats": {"csv": "shaky.plugin:csv"},
            "ecg.layouts": {"old": "shaky.plugin:old"},
            "ecg.tasks": {"shaky.go": "shaky.absent:go"},
            "ecg.hooks": {"deaf": "shaky.deaf"},
            "ecg.backends": {"raising": "shaky.plugin:raising", "absent": "shaky.plugin:absent"},
        },
        modules={"shaky.plugin": SHAKY_PLUGIN, "shaky.backend": SHAKY_BACKEND, "shaky.deaf": "told = 0\n"},
    )


class TestList:
    def test_a_line_a_plugin_with_its_distribution(self, ecg: Ecg):
        ran = ecg("list", "formats")
        assert ran.code == 0
        lines = [line.split() for line in ran.out.splitlines()]
        assert ["formats", "wfdb", "ecg-core", "0.1.0"] in lines

    def test_a_kind_of_which_nothing_is_installed(self, ecg: Ecg, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("ecg_core.cli.plugins.registry", lambda: Registry(discover=lambda group: ()))
        assert ecg("list", "datasets").out == "nothing is installed\n"

    def test_an_unknown_kind(self, ecg: Ecg):
        assert ecg("list", "colours").code == 2

    @pytest.mark.usefixtures("shaky")
    def test_both_of_a_conflict_are_shown(self, ecg: Ecg):
        for words in (["list", "formats"], ["list", "formats", "--long"]):
            ran = ecg(*words)
            assert ran.code == 0
            assert "CONFLICT: say ecg-core:csv" in ran.out
            assert "CONFLICT: say shaky-kit:csv" in ran.out

    @pytest.mark.usefixtures("shaky")
    def test_long_adds_summaries_and_what_is_broken(self, ecg: Ecg):
        ran = ecg("list", "--long")
        assert ran.code == 0
        assert "WFDB header and signal files, as on PhysioNet" in ran.out
        assert "BROKEN: The task shaky.go of shaky-kit 3.0 cannot be used" in ran.out
        assert "BROKEN: The layout old of shaky-kit 3.0 was made for version 0 of the plugin interface" in ran.out

    @pytest.mark.usefixtures("shaky")
    def test_json(self, ecg: Ecg):
        rows = {(row["distribution"], row["name"]): row for row in json.loads(ecg("list", "--long", "--json").out)}
        assert rows["ecg-core", "wfdb"] == {
            "kind": "formats",
            "name": "wfdb",
            "distribution": "ecg-core",
            "version": "0.1.0",
            "conflict": False,
            "summary": "WFDB header and signal files, as on PhysioNet",
            "error": None,
        }
        assert rows["shaky-kit", "csv"]["conflict"] is True
        assert "shaky.absent" in rows["shaky-kit", "shaky.go"]["error"]


class TestInfo:
    def test_everything_that_is_known(self, ecg: Ecg):
        ran = ecg("info", "serial")
        assert ran.code == 0
        lines = dict(line.split(maxsplit=1) for line in ran.out.splitlines())
        assert lines["kind"] == "executors"
        assert lines["distribution"] == "ecg-core 0.1.0"
        assert lines["implementation"] == "ecg_core.execution.serial:SerialExecutor"
        assert lines["status"] == "works"

    @pytest.mark.usefixtures("shaky")
    def test_a_broken_one_says_so_and_is_no_error(self, ecg: Ecg):
        ran = ecg("info", "shaky.go")
        assert ran.code == 0
        assert "broken: The task shaky.go of shaky-kit 3.0 cannot be used" in ran.out

    @pytest.mark.usefixtures("shaky")
    def test_json_has_one_entry_a_match(self, ecg: Ecg):
        found = json.loads(ecg("info", "csv", "--json").out)
        assert [each["distribution"] for each in found] == ["ecg-core 0.1.0", "shaky-kit 3.0"]
        (only,) = json.loads(ecg("info", "shaky-kit:csv", "--json").out)
        assert only["summary"] == "Another CSV"

    def test_an_absent_one(self, ecg: Ecg):
        ran = ecg("info", "absent")
        assert (ran.code, ran.err) == (
            3,
            "Error: No installed plugin is called 'absent'. `ecg list` shows all of them.\n",
        )


@pytest.mark.usefixtures("shaky")
class TestCheck:
    def test_causes_are_shown_and_the_code_is_3(self, ecg: Ecg):
        ran = ecg("plugins", "check")
        assert ran.code == 3
        for cause in (
            "The task shaky.go of shaky-kit 3.0",
            "The layout old of shaky-kit 3.0",
            "The hook deaf of shaky-kit 3.0",
            "The format 'csv'",
        ):
            assert cause in ran.out

    def test_json(self, ecg: Ecg):
        ran = ecg("plugins", "check", "--json")
        assert ran.code == 3
        errors = {row["plugin"]: row["error"] for row in json.loads(ran.out)}
        assert errors["executor serial of ecg-core 0.1.0"] is None
        assert "made for version 0" in errors["layout old of shaky-kit 3.0"]


def test_where_everything_works_the_check_is_0(ecg: Ecg, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ecg_core.cli.plugins.check_plugins", lambda _registry: [])
    ran = ecg("plugins", "check")
    assert (ran.code, ran.out) == (0, "0 plugins work, 0 do not\n")


@pytest.mark.usefixtures("shaky")
class TestDoctor:
    def test_it_tells_versions_backends_and_causes(self, ecg: Ecg):
        ran = ecg("doctor")
        assert ran.code == 0
        text = " ".join(ran.out.split())
        assert "shaky-kit 3.0" in text
        assert "executors processes, serial" in text
        assert "absent no no abacus found. Buy one." in text
        assert "Devices of absent beads 0 of 10" in text
        assert "raising no asking it failed with RuntimeError: driver lost" in text
        assert "Broken plugins" in text
        assert "The layout old of shaky-kit 3.0 was made for version 0" in text

    def test_json(self, ecg: Ecg):
        report = json.loads(ecg("doctor", "--json").out)
        assert report["distributions"]["ecg-core"] == "0.1.0"
        assert report["libraries"]["numpy"]
        assert report["plugins"]["executors"] == ["processes", "serial"]
        assert {"absent", "cpu", "raising"} <= set(report["plugins"]["backends"])
        assert {row["name"] for row in report["backends"]} == {"absent", "cpu", "cuda", "raising", "xla"}
        assert {
            "name": "absent",
            "distribution": "shaky-kit",
            "ok": False,
            "reason": "no abacus found",
            "fix": "Buy one.",
            "details": {"beads": "0 of 10"},
        } in (report["backends"])
        assert any("layout old" in row["plugin"] for row in report["broken_plugins"])
