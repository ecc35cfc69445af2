"""What an installation brings along: no torch with the parts that do not learn, no renderer with what only reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PACKAGES = Path(__file__).parent.parent / "packages"

DRY_RUN = [
    *(sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"),
    *("--dry-run", "--ignore-installed", "--no-build-isolation", "--report", "-"),
]
"""Resolves a fresh installation, and installs nothing."""

LEARNING = ("torch", "torchvision", "torch-xla", "nvidia", "cuda", "triton", "timm", "diffusers", "safetensors", "jax")


def resolved(*requirements: str) -> dict[str, str]:
    """Name and version of every distribution that pip would install into an empty environment."""
    done = subprocess.run(
        [*DRY_RUN, *requirements], cwd=PACKAGES, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
    items: list[Any] = json.loads(done.stdout)["install"]
    return {item["metadata"]["name"].lower().replace("_", "-"): item["metadata"]["version"] for item in items}


def learning(names: dict[str, str]) -> list[str]:
    return [name for name in names if name.startswith(LEARNING)]


@pytest.mark.slow
def test_core_and_rendering_bring_no_torch_and_nothing_else_of_ours():
    names = resolved("./ecg-core", "./ecg-render")
    assert {name for name in names if name.startswith("ecg")} == {"ecg-core", "ecg-render"}
    assert learning(names) == []
    assert {"numpy", "wfdb", "opencv-python-headless"} <= set(names)


@pytest.mark.slow
def test_digitizing_brings_no_torch_and_no_renderer():
    names = resolved("./ecg-core", "./ecg-digitize")
    assert {name for name in names if name.startswith("ecg")} == {"ecg-core", "ecg-digitize"}
    assert learning(names) == []
    assert "opencv-python" not in names, "it needs libGL, and fights with the headless one"


@pytest.mark.slow
def test_what_prints_pages_is_an_extra_of_digitizing():
    names = resolved("./ecg-core", "./ecg-render", "./ecg-digitize[render]")
    assert {name for name in names if name.startswith("ecg")} == {"ecg-core", "ecg-render", "ecg-digitize"}
    assert learning(names) == []
