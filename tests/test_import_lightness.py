"""Looking around imports nothing that takes long."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"torch", "cv2", "timm", "diffusers", "wfdb", "scipy", "pandas", "matplotlib"}

REPORT = f"""
import atexit, sys
atexit.register(lambda: sys.stderr.write("\\nHEAVY " + " ".join(set(sys.modules) & {HEAVY!r})))
"""


def imported_by(script: str) -> set[str]:
    """The heavy modules that a fresh Python has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT + script], capture_output=True, text=True, timeout=60, check=False
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith("HEAVY"), done.stderr
    return set(last.split()[1:])


def run(*words: str) -> str:
    return f"from ecg_core.cli.main import main\nmain({list(words)!r})\n"


def test_the_test_would_notice():
    assert imported_by("import scipy.signal") == {"scipy"}


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("--version",),
        ("list",),
        ("list", "formats", "--json"),
        ("list", "--long"),
        ("run", "--help"),
        ("doctor", "--help"),
        ("plugins", "check", "--help"),
    ],
    ids=" ".join,
)
def test_these_commands_import_nothing_heavy(words: tuple[str, ...]):
    assert imported_by(run(*words)) == set()


def test_the_doctor_asks_every_backend_without_importing_torch():
    assert "torch" not in imported_by(run("doctor"))


@pytest.mark.parametrize("name", ["cpu", "serial", "3x4+1R", "demo.fit", "csv"])
def test_info_imports_the_one_plugin_and_no_learning(name: str):
    assert not imported_by(run("info", name)) & {"torch", "timm", "diffusers"}


LIGHT = (
    "config",
    "execution",
    "execution.batch",
    "execution.processes",
    "layouts",
    "pictures",
    "plugins.hooks",
    "processes.pool",
    "processes.ranks",
)


@pytest.mark.parametrize("module", ["ecg_core", *(f"ecg_core.{name}" for name in LIGHT)])
def test_the_light_half_of_the_core_stays_light(module: str):
    assert imported_by(f"import {module}") == set()


@pytest.mark.parametrize("name", ["Record", "read_record", "PaperSpec", "synthesize_record", "competition_snr"])
def test_records_need_no_torch_and_no_pictures(name: str):
    assert not imported_by(f"from ecg_core import {name}") & {"torch", "cv2", "wfdb", "pandas", "matplotlib"}


def test_pages_are_read_without_the_parts_of_scipy_that_take_longest() -> None:
    script = (
        "import sys, ecg_digitize.tasks.pages, ecg_digitize.digitizers.neural.digitizer\n"
        "import ecg_digitize.digitizers.vector.digitizer\n"
        "assert not {'scipy.signal', 'scipy.stats', 'scipy.optimize', 'scipy.interpolate'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
