"""A distribution that is broken in every way: each fault is told, and nothing else suffers from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ecg_core import synthesize_record, write_record

OWNER = "acme-broken 0.3.1"
OWN_FAULT = "The fault lies in the plugin itself: tell its authors, or uninstall it."

CAUSES = {
    "broken.spec-import": (
        f"The task broken.spec-import of {OWNER} cannot be used: importing acme_broken.spec_that_fails:task failed "
        f"with RuntimeError: acme_broken.spec_that_fails never works. {OWN_FAULT}"
    ),
    "broken.spec-exit": (
        f"The task broken.spec-exit of {OWNER} cannot be used: importing acme_broken.spec_that_exits:task failed "
        f"with SystemExit: no licence. {OWN_FAULT}"
    ),
    "broken.spec-type": (
        f"The task broken.spec-type of {OWNER} is broken: acme_broken.plugin:no_spec should be a TaskSpec "
        "(from ecg_core.plugins.spec), found dict. Tell its authors, or uninstall it."
    ),
    "broken.import": (
        f"The task broken.import of {OWNER} cannot be used: importing acme_broken.module_that_fails:run failed with "
        "ImportError: cannot import name 'module_that_was_forgotten' from 'acme_broken'"
    ),
    "broken.extra": (
        f"The task broken.extra of {OWNER} cannot be used: importing acme_broken.module_that_needs_more:run failed "
        "with ModuleNotFoundError: No module named 'surely_absent_accelerator'. It needs surely_absent_accelerator, "
        "which is not installed. Install it: pip install 'acme-broken[fast]'"
    ),
    "broken.attribute": (
        f"The task broken.attribute of {OWNER} cannot be used: importing acme_broken.works:walk failed with "
        f"AttributeError: module 'acme_broken.works' has no attribute 'walk'. {OWN_FAULT}"
    ),
    "broken.older": (
        f"The task broken.older of {OWNER} was made for version 0 of the plugin interface; this ecg-core speaks "
        "version 1. Upgrade acme-broken: pip install --upgrade acme-broken"
    ),
    "broken.newer": (
        f"The task broken.newer of {OWNER} was made for version 2 of the plugin interface; this ecg-core speaks "
        "version 1. Upgrade ecg-core: pip install --upgrade ecg-core"
    ),
    "broken.future": (
        f"The task broken.future of {OWNER} cannot be used: importing acme_broken.spec_of_the_future:task failed with "
        "ImportError: cannot import name 'SpecOfTheFuture' from 'ecg_core.plugins.spec'"
    ),
}
"""What using each broken task says, from the beginning."""

BROKEN_SPECS = ("broken.spec-import", "broken.spec-exit", "broken.spec-type", "broken.older", "broken.newer")
"""Those of which already the spec is unusable, so that a listing can tell."""

HOOK_CAUSES = {
    "import-fails": (
        f"The hook import-fails of {OWNER} cannot be used: importing acme_broken.hook_that_fails failed with "
        "OSError: acme_broken.hook_that_fails never works"
    ),
    "wrong-signature": (
        f"The hook wrong-signature of {OWNER} cannot be used: PluginValidationError: Plugin "
        "'acme-broken:wrong-signature' for hook 'run_start'"
    ),
    "unknown-event": (
        f"The hook unknown-event of {OWNER} cannot be used: PluginValidationError: unknown hook 'run_begin'"
    ),
}


@pytest.fixture
def broken(ecg: Callable[..., Any]) -> Callable[..., Any]:
    """The command where a good and the broken distribution are installed."""
    return partial(ecg, plugins=("acme-ecg", "acme-broken"))


@pytest.fixture
def record(tmp_path: Path) -> Path:
    (path,) = write_record(synthesize_record(duration_s=1, sampling_rate_hz=100), tmp_path / "page.csv")
    return path


class TestUse:
    @pytest.mark.parametrize("name", CAUSES)
    def test_using_it_says_what_failed_where_and_what_to_do(self, broken: Callable[..., Any], name: str):
        ran = broken("run", name, "--out", "made")
        assert ran.code == 3
        assert ran.err.startswith(f"Error: {CAUSES[name]}")
        assert ran.err.count("\n") == 1, "one paragraph"

    def test_what_core_lacks_points_at_another_version_of_it(self, broken: Callable[..., Any]):
        ran = broken("run", "broken.future")
        assert "ecg_core.plugins.spec has no name SpecOfTheFuture: the import path is wrong, or" in ran.err
        assert ran.err.endswith("upgrade both: pip install --upgrade ecg-core acme-broken\n")

    def test_its_cause_can_be_seen_where_it_was_raised(self, broken: Callable[..., Any]):
        ran = broken("run", "broken.import", "--traceback")
        assert ran.code == 3
        assert "module_that_fails.py" in ran.err

    def test_a_verb_without_its_task(self, broken: Callable[..., Any]):
        assert broken("--help").code == 0
        ran = broken("smash", "page.png")
        assert ran.code == 3
        assert "No installed distribution brings the task 'broken.absent'" in ran.err


class TestConflict:
    def test_use_names_both_and_what_to_write(self, broken: Callable[..., Any]):
        ran = broken("run", "demo.fit", "--out", "made")
        assert ran.code == 3
        owners = ran.err.removeprefix("Error: The task 'demo.fit' is registered by ").partition(". Say which")[0]
        assert sorted(owners.split(" and ")) == [OWNER, "ecg-core 0.1.0"]
        assert "acme-broken:demo.fit" in ran.err
        assert "ecg-core:demo.fit" in ran.err

    def test_naming_the_distribution_solves_it(self, broken: Callable[..., Any]):
        ran = broken("run", "acme-broken:demo.fit", "--set", "word=mine", "--out", "made", "--json")
        assert ran.code == 0
        assert json.loads(ran.out)["said"] == "mine"

    @pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
    def test_ours_is_reached_in_the_same_way(self, broken: Callable[..., Any]):
        ran = broken("run", "ecg-core:demo.fit", "--help")
        assert ran.code == 0
        assert "Train a tiny network on made-up heartbeats" in ran.out

    def test_a_suffix_that_two_formats_claim_is_told_for_the_file(self, broken: Callable[..., Any], record: Path):
        ran = broken("hello", record, "--min-duration-s", "0", "--out", "made")
        assert ran.code == 1
        assert "page.csv" in ran.err
        assert "acme-broken:csv" in ran.err
        assert "ecg-core:csv" in ran.err

    def test_the_listing_shows_both(self, broken: Callable[..., Any]):
        rows = json.loads(broken("list", "formats", "--json").out)
        contested = [row for row in rows if row["name"] == "csv"]
        assert sorted(row["distribution"] for row in contested) == ["acme-broken", "ecg-core"]
        assert all(row["conflict"] for row in contested)
        text = broken("list", "tasks").out
        assert "CONFLICT: say acme-broken:demo.fit" in text
        assert "CONFLICT: say ecg-core:demo.fit" in text


class TestListing:
    def test_a_plain_listing_never_minds(self, broken: Callable[..., Any]):
        ran = broken("list")
        assert (ran.code, ran.err) == (0, "")
        assert "acme.hello" in ran.out
        assert all(name in ran.out for name in CAUSES)

    def test_a_long_listing_shows_why_a_spec_cannot_be_used(self, broken: Callable[..., Any]):
        ran = broken("list", "--long", "--json")
        assert ran.code == 0
        errors = {row["name"]: row["error"] for row in json.loads(ran.out)}
        assert all(errors[name].startswith(CAUSES[name]) for name in BROKEN_SPECS)
        assert errors["acme.hello"] is None
        text = broken("list", "--long").out
        assert all(f"BROKEN: {CAUSES[name]}" in text for name in BROKEN_SPECS)

    def test_info_tells_it_of_one(self, broken: Callable[..., Any]):
        ran = broken("info", "broken.extra")
        assert ran.code == 0
        assert f"broken: {CAUSES['broken.extra']}" in ran.out

    def test_the_doctor_tells_it_and_goes_on(self, broken: Callable[..., Any]):
        ran = broken("doctor", "--json")
        assert ran.code == 0
        report = json.loads(ran.out)
        causes = [row["cause"] for row in report["broken_plugins"]]
        assert all(any(cause.startswith(CAUSES[name]) for cause in causes) for name in BROKEN_SPECS)
        backends = {row["name"]: row for row in report["backends"]}
        assert backends["abacus"]["ok"] is False
        assert backends["abacus"]["reason"] == "asking it failed with RuntimeError: the driver is lost"
        assert {"cpu", "cuda", "xla", "acme-cpu"} <= set(backends)


class TestCheck:
    def test_every_cause_is_shown_and_the_code_is_3(self, broken: Callable[..., Any]):
        ran = broken("plugins", "check")
        assert ran.code == 3
        causes = [*CAUSES.values(), *HOOK_CAUSES.values(), "The format 'csv' is registered by"]
        missing = [cause for cause in causes if cause not in ran.out]
        assert not missing

    def test_good_ones_pass_it(self, broken: Callable[..., Any]):
        rows = {row["plugin"]: row["error"] for row in json.loads(broken("plugins", "check", "--json").out)}
        assert rows["task acme.hello of acme-ecg 1.4.0"] is None
        assert rows["hook acme-events of acme-ecg 1.4.0"] is None
        assert rows[f"hook raises of {OWNER}"] is None, "it only breaks when it is told"


class TestRun:
    def test_a_run_goes_on_with_the_good_plugins(self, broken: Callable[..., Any], tmp_path: Path):
        write_record(synthesize_record(duration_s=2, sampling_rate_hz=100), tmp_path / "page.npz")
        ran = broken("hello", tmp_path / "page.npz", "--out", "made")
        assert ran.code == 0, ran.err
        for cause in HOOK_CAUSES.values():
            assert ran.err.count(f"warning: {cause}") == 1
        assert "warning: hook plugin acme-broken:raises failed in run_start: ConnectionError: no tracker" in ran.err
        told = [json.loads(line) for line in (tmp_path / "made" / "acme_events.jsonl").read_text().splitlines()]
        assert [each["event"] for each in told] == ["run_start", "run_end"]

    @pytest.mark.slow
    @pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
    def test_auto_passes_over_a_backend_that_fails(self, broken: Callable[..., Any]):
        words = ["--set", "epochs=1", "--set", "batches=2", "--out", "made"]
        ran = broken("run", "ecg-core:demo.fit", *words)
        assert ran.code == 0, ran.err
        assert "abacus (RuntimeError: the driver is lost)" in ran.err
