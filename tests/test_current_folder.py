"""`ecg` never takes files of the folder that it is started in for modules: that folder may hold anybody's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecg_core import synthesize_record, write_record

BY_SCRIPT = (sys.executable, "-c", "import sys; sys.path.remove(''); from ecg_core.cli.main import main; main()")
"""What the console script does, which has no current folder on its path either."""

BY_MODULE = (sys.executable, "-m", "ecg_core.cli")
SHADOWS = ("socket", "selectors", "tempfile", "shutil", "csv", "numpy", "attrs", "click", "ecg_render")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with records, and with files that are named as modules are."""
    for number in (1, 2):
        write_record(synthesize_record(duration_s=10, sampling_rate_hz=250, seed=number), tmp_path / f"r{number}.npz")
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"import os\nos.write(2, b'{name} was run')\nos._exit(1)\n")
    return tmp_path


def run(folder: Path, *words: str, python_path: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    inherited = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}
    environment |= {"PYTHONPATH": os.pathsep.join([*python_path, *inherited]), "OMP_NUM_THREADS": "1"}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("command", [BY_SCRIPT, BY_MODULE], ids=["script", "module"])
def test_a_listing(folder: Path, command: tuple[str, ...]) -> None:
    ran = run(folder, *command, "list", "tasks")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("command", [BY_SCRIPT, BY_MODULE], ids=["script", "module"])
def test_a_batch_of_several_processes(folder: Path, command: tuple[str, ...]) -> None:
    pytest.importorskip("ecg_render")
    words = ("render", "r1.npz", "r2.npz", "--workers", "2", "--dots-per-inch", "60", "--out", "made")
    ran = run(folder, *command, *words)
    assert ran.returncode == 0, ran.stderr
    assert "was run" not in ran.stderr


def test_what_a_plugin_starts_leaves_it_out_too(folder: Path) -> None:
    """A spec stands for any plugin that starts a Python of its own, data workers of torch say."""
    site = folder / "site"
    (site / "acme-1.0.dist-info").mkdir(parents=True)
    (site / "acme-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (site / "acme-1.0.dist-info" / "entry_points.txt").write_text("[ecg.backends]\nacme = acme_spec:backend\n")
    (site / "acme_spec.py").write_text(
        "import subprocess, sys\nfrom ecg_core.plugins.spec import BackendSpec\n"
        "subprocess.run([sys.executable, '-c', 'import socket, numpy'], check=True)\n"
        "backend = BackendSpec(implementation='acme_spec:backend', summary='none')\n"
    )
    ran = run(folder, *BY_MODULE, "list", "backends", "--long", python_path=(str(site),))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "BROKEN" not in ran.stdout


def test_a_folder_on_the_python_path_is_the_users_choice(folder: Path) -> None:
    ran = run(folder, *BY_MODULE, "list", python_path=(str(folder),))
    assert "was run" in ran.stderr
