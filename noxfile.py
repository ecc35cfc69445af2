"""Every check of the repository. `nox` runs them all; `nox -s tests -- packages/ecg-core -k snr` runs a few tests."""

from __future__ import annotations

import os
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "imports", "tests_light", "tests", "tests_xla"]

WITH_TORCH = ("core", "digitize", "classify")
"""Packages that do without torch unless asked."""

PACKAGES = ("core", "render", "seg", "digitize", "classify", "diffusion")
TEST_TOOLS = ("pytest>=8", "pytest-timeout", "hypothesis>=6.100", "hatchling", "pip")
OPTIONAL = ("matplotlib>=3.8", "pillow-heif>=0.16", "nbclient>=0.10", "ipykernel>=6.29", "zarr>=3")
"""What extras of the packages bring, beside torch, and what runs the notebooks."""

SCRIPTS = ("benchmarks", "examples", "docs", "training")
LIGHT_PACKAGES = ("core", "render", "digitize", "classify")
DIGITIZE_ON_TORCH = ("learning", "neural/test_engines_agree.py", "neural/words/test_spelling.py")
"""Tests of ecg-digitize that run on torch: pages are read without, which once is enough to test."""

DIGITIZE_WITH_OPTIONAL = (
    "digitizers",
    "evaluation",
    "outputs",
    "pages",
    "record",
    "tasks",
    "neural/test_shipped_networks.py",
)
"""Tests of ecg-digitize that are run with its optional packages, too. What is in none of both, and ecg-render, knows
neither torch nor these: `tests_light` has it."""

COMMANDS_ON_TORCH = ("xla", "test_command_line.py", "test_third_party_plugin.py", "test_classify_commands.py")
"""Tests of the ``ecg`` command in which networks are trained; the others say the same on any torch."""

XLA_PINS = ("torch==2.9.*", "torchvision==0.24.*", "torch_xla==2.9.0")


def _editable(*names: str, extra: str = "") -> list[str]:
    """Words for pip that install packages of this repository in place."""
    return [word for name in names for word in ("-e", f"packages/ecg-{name}{extra if name in WITH_TORCH else ''}")]


def _single_threaded(session: nox.Session) -> None:
    """Keep numeric libraries from crowding each other: the tests start processes of their own."""
    session.env.setdefault("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "2"))


@nox.session
def lint(session: nox.Session) -> None:
    """Style and common mistakes (ruff)."""
    session.install("ruff>=0.14")
    session.run("ruff", "check", *(session.posargs or ["."]))
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Static types of every package, and of the scripts that only people start (mypy, strict)."""
    session.install("mypy>=1.15", *TEST_TOOLS, *_editable(*PACKAGES, extra="[torch]"))
    for package in PACKAGES:
        session.run("mypy", f"packages/ecg-{package}/src")
    session.run("mypy", *(str(file) for folder in SCRIPTS for file in sorted(Path(folder).glob("*.py"))))


@nox.session
def imports(session: nox.Session) -> None:
    """Direction of imports between the packages and within them (import-linter)."""
    session.install("import-linter>=2.17", *_editable(*LIGHT_PACKAGES))
    paths = os.pathsep.join(str(Path("packages", f"ecg-{name}", "src").resolve()) for name in PACKAGES)
    session.run("lint-imports", "--no-cache", env={"PYTHONPATH": paths})


@nox.session
def tests_light(session: nox.Session) -> None:
    """Everything that must work without torch, in an environment that has none."""
    session.install(*TEST_TOOLS, *_editable(*LIGHT_PACKAGES))
    _single_threaded(session)
    session.run("python", "-c", "import importlib.util as u; assert u.find_spec('torch') is None, 'torch came along'")
    without = ("--ignore", "tests/attack")  # `tests` has it, and once is enough
    session.run(
        "pytest", *(session.posargs or [*(f"packages/ecg-{name}" for name in LIGHT_PACKAGES), "tests", *without])
    )


@nox.session
def tests(session: nox.Session) -> None:
    """All that torch or an optional package has a part in, on the newest ones; `tests_light` has the rest."""
    session.install(*TEST_TOOLS, *OPTIONAL, *_editable(*PACKAGES, extra="[torch]"))
    _single_threaded(session)
    chosen = [f"packages/ecg-{name}" for name in PACKAGES if name not in ("render", "digitize")]
    chosen += [f"packages/ecg-digitize/tests/{path}" for path in (*DIGITIZE_ON_TORCH, *DIGITIZE_WITH_OPTIONAL)]
    session.run("pytest", *(session.posargs or [*chosen, "tests"]))


@nox.session
def tests_xla(session: nox.Session) -> None:
    """All that runs on torch, on torch 2.9, with the comparison of cpu and xla (XLA on the CPU, one device and two)."""
    session.install(*XLA_PINS, *TEST_TOOLS, *_editable(*PACKAGES, extra="[torch]"))
    _single_threaded(session)
    with_torch = [f"packages/ecg-{name}" for name in PACKAGES if name not in ("render", "digitize")]
    with_torch += [f"packages/ecg-digitize/tests/{path}" for path in DIGITIZE_ON_TORCH]
    with_torch += [f"tests/{path}" for path in COMMANDS_ON_TORCH]
    session.run("pytest", *(session.posargs or with_torch))


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """A benchmark by name: `nox -s bench -- startup`."""
    session.install(*_editable(*PACKAGES, extra="[torch]"))
    if not session.posargs:
        session.error("say which: " + ", ".join(sorted(path.stem for path in Path("benchmarks").glob("*.py"))))
    session.run("python", f"benchmarks/{session.posargs[0]}.py", *session.posargs[1:])


@nox.session(default=False)
def attack(session: nox.Session) -> None:
    """Thousands of bad inputs and killed runs, counted: `nox -s attack -- --inputs 3000 --kills 20` (an hour)."""
    session.install(*TEST_TOOLS, *_editable(*PACKAGES, extra="[torch]"))
    _single_threaded(session)
    session.run("python", "-m", "attack", *session.posargs, env={"PYTHONPATH": str(Path("tests").resolve())})
