"""A distribution whose list of entry points is damaged, be it nobody's plugin, stops no command."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from ecg_core import synthesize_record, write_record


@pytest.fixture
def site(tmp_path: Path) -> Path:
    info = tmp_path / "site" / "worn-0.7.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: worn\nVersion: 0.7\n")
    (info / "entry_points.txt").write_text("[console_scripts]\nlost\n")
    return info.parent


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("list",), id="list"),
        pytest.param(("doctor",), id="doctor"),
        pytest.param(
            ("render", "a.npz", "b.npz", "--workers", "2", "--out", "made"), id="workers", marks=pytest.mark.slow
        ),
        pytest.param(
            ("run", "demo.fit", "--set", "epochs=1", "--set", "batches=2", "--out", "made"),
            id="torch",
            marks=[pytest.mark.slow, pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")],
        ),
    ],
)
def test_it_is_told_once(site: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    for number, name in enumerate("ab"):
        record = synthesize_record(duration_s=10, sampling_rate_hz=250, seed=number)
        write_record(record, tmp_path / f"{name}.npz")
    inherited = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(site), *inherited]), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "ecg_core.cli", *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning: The entry points of worn 0.7") == 1
