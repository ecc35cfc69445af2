"""Files of the current folder are not modules of what is started there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecg_core.processes.pool import WorkerPool, answer
from ecg_core.safe_path import VARIABLE

SHADOWS = ("selectors", "signal", "socket", "struct")
"""Modules of Python that `multiprocessing` imports before it hears of the path of its parent."""

POOL = """
from ecg_core.processes.pool import WorkerPool, answer
if __name__ == "__main__":
    with WorkerPool(1) as pool:
        print(answer(pool.ask(abs, -7), if_died="it died"))
"""
RANKS = """
from ecg_core.processes.ranks import run_ranks
if __name__ == "__main__":
    print(run_ranks(abs, [-7], 1))
"""


def environment_without_current_folder() -> dict[str, str]:
    """An empty word on PYTHONPATH stands for the current folder."""
    words = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return {key: value for key, value in os.environ.items() if key != VARIABLE} | {"PYTHONPATH": os.pathsep.join(words)}


@pytest.mark.parametrize("script", [POOL, RANKS], ids=["pool", "ranks"])
def test_a_process_is_started_without_the_current_folder(script: str, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    for name in SHADOWS:
        (here / f"{name}.py").write_text(f"import os\nos.write(2, b'{name} was run')\nos._exit(1)\n")
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py"],
        cwd=here,
        env=environment_without_current_folder(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("7\n", "")


@pytest.mark.parametrize("told", [None, "", "1"])
def test_what_a_process_starts_itself_is_as_in_its_parent(monkeypatch: pytest.MonkeyPatch, told: str | None) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if told is not None:
        monkeypatch.setenv(VARIABLE, told)
    with WorkerPool(1) as pool:
        there = answer(pool.ask(os.getenv, VARIABLE), if_died="it died")
    assert os.environ.get(VARIABLE) == told
    assert (there or None) == (told or None)
