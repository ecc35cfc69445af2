"""What the ``ecg`` command promises, tried as a user would: in a process of its own, with all packages installed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

Ecg = Callable[..., Any]

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")


def test_every_area_of_an_installed_package_is_listed(ecg: Ecg):
    rows = json.loads(ecg("list", "--json").out)
    assert {"ecg-core", "ecg-render", "ecg-digitize"} <= {row["distribution"] for row in rows}
    assert not [row for row in rows if row["conflict"]]


def test_the_listing_of_kinds_is_all_of_the_listing(ecg: Ecg):
    from ecg_core.plugins.spec import KINDS

    rows = json.loads(ecg("list", "--json").out)
    assert {row["kind"] for row in rows} <= {*KINDS, "hooks"}
    tasks = json.loads(ecg("list", "tasks", "--json").out)
    assert tasks == [row for row in rows if row["kind"] == "tasks"]


def test_no_spec_of_ours_is_broken(ecg: Ecg):
    rows = json.loads(ecg("list", "--long", "--json").out)
    assert [row["error"] for row in rows if row["error"]] == []
    assert all(row["summary"] or row["kind"] == "hooks" for row in rows)


@needs_torch
def test_with_torch_every_plugin_of_ours_works(ecg: Ecg):
    ran = ecg("plugins", "check")
    assert ran.code == 0, ran.out
    assert ran.out.strip().endswith("plugins work, 0 do not")


@pytest.mark.skipif(find_spec("torch") is not None, reason="for an environment without torch")
def test_without_torch_the_check_names_the_extra(ecg: Ecg):
    ran = ecg("plugins", "check")
    assert ran.code == 3
    assert "pip install 'ecg-core[torch]'" in ran.out


@needs_torch
@pytest.mark.skipif(find_spec("torch_xla") is not None, reason="for an environment without torch_xla")
def test_a_backend_that_is_not_here_is_code_3_with_the_remedy(ecg: Ecg, tmp_path: Path):
    ran = ecg("run", "demo.fit", "--backend", "xla", "--out", "made")
    assert ran.code == 3
    assert ran.err.startswith("Error: The backend xla cannot be used here: torch_xla is not installed")
    assert "pip install" in ran.err
    assert "[tpu]" in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "made").exists()


@needs_torch
def test_a_mistyped_option_is_code_2_with_the_right_one(ecg: Ecg):
    ran = ecg("run", "demo.fit", "--set", "optim.lrr=1")
    assert (ran.code, ran.err) == (2, "Error: optim.lrr: unknown key (did you mean optim.lr?)\n")


@needs_torch
def test_a_part_of_a_section_keeps_the_rest_of_the_tasks_own_defaults(ecg: Ecg):
    ran = ecg("run", "demo.fit", "--help")
    (lr,) = [line.split() for line in ran.out.splitlines() if line.split()[:1] == ["optim.lr"]]
    from ecg_core.config import load_config
    from ecg_core.training.demo import DemoConfig

    assert lr[2] == str(DemoConfig().optim.lr)
    assert load_config(DemoConfig, overrides=["optim.weight_decay=0"]).optim.lr == DemoConfig().optim.lr


@pytest.mark.parametrize("words", [["list", "--long"], ["doctor"], ["run", "--help"]], ids=" ".join)
def test_a_reader_that_stops_early_sees_no_traceback(words: list[str]):
    command = subprocess.Popen(
        [sys.executable, "-m", "ecg_core.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert command.stdout is not None
    command.stdout.close()
    _, err = command.communicate(timeout=120)
    assert "Traceback" not in err


def test_the_script_is_the_module(tmp_path: Path):
    script = Path(sys.executable).with_name("ecg")
    if not script.exists():
        pytest.skip("the script stands elsewhere")
    outputs = {
        subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
        for command in ([script], [sys.executable, "-m", "ecg_core.cli"])
    }
    assert outputs == {"ecg, version 0.1.0\n"}
