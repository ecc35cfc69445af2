"""Runs scenarios on XLA:CPU, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

SCENARIOS = Path(__file__).with_name("scenarios.py")

if find_spec("torch_xla") is None:
    collect_ignore_glob = ["test_*.py"]


def environment(**changes: str | None) -> dict[str, str]:
    """The environment of this process with changes; None takes a variable away."""
    merged = {**os.environ, "OMP_NUM_THREADS": "1", **changes}
    return {name: value for name, value in merged.items() if value is not None}


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Run a scenario with ``PJRT_DEVICE=CPU``; gives what it returns. The same call is run once."""
    done: dict[tuple, Any] = {}

    def run(name: str, **arguments: str) -> Any:
        key = (name, *sorted(arguments.items()))
        if key not in done:
            folder = tmp_path_factory.mktemp(name)
            words = [f"{argument}={value}" for argument, value in {"out": str(folder / "run"), **arguments}.items()]
            command = [sys.executable, str(SCENARIOS), name, str(folder / "result.json"), *words]
            ended = subprocess.run(
                command, capture_output=True, text=True, timeout=240, check=False, env=environment(PJRT_DEVICE="CPU")
            )
            assert ended.returncode == 0, ended.stderr
            done[key] = json.loads((folder / "result.json").read_text())
        return done[key]

    return run
