"""Fixtures that install distributions of others and run the ``ecg`` command as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import attrs
import pytest

PLUGINS_DIR = Path(__file__).parent / "plugins"

collect_ignore_glob = ["plugins/*"]
"""The distributions there bring tests of their own, which run where they are installed."""

PIP_INSTALL = [
    *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
    *("--no-deps", "--no-index", "--no-build-isolation", "--no-compile"),
]
"""Installs what is on the disk, with the build tool of this environment and without the network."""


@attrs.frozen
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Installs a distribution into a folder of its own, once; never into this environment.

    It is named by its folder in ``tests/plugins``, or by an absolute path.
    """

    @cache
    def install_once(name: str) -> Path:
        source = PLUGINS_DIR / name
        site = tmp_path_factory.mktemp(f"{source.name}-site")
        subprocess.run([*PIP_INSTALL, "--target", site, source], check=True, timeout=120)
        return site

    return install_once


@pytest.fixture(scope="session")
def environment(install: Callable[[str], Path]) -> Callable[..., dict[str, str]]:
    """Environment variables under which these distributions count as installed."""

    def make(*plugins: str) -> dict[str, str]:
        sites = [str(install(name)) for name in plugins]
        inherited = os.environ.get("PYTHONPATH")
        path = os.pathsep.join([*sites, *([inherited] if inherited else [])])
        return os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}

    return make


@pytest.fixture
def ecg(environment: Callable[..., dict[str, str]], tmp_path: Path) -> Callable[..., Ran]:
    """Runs ``ecg`` in a process of its own in a fresh folder, with ``plugins`` installed."""

    def run(*words: str | Path, plugins: tuple[str, ...] = ()) -> Ran:
        command = [sys.executable, "-m", "ecg_core.cli", *map(str, words)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(*plugins), capture_output=True, text=True, timeout=240, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
