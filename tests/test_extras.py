"""Every extra that a text, a message or a spec tells to install is one that its distribution has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import attrs

from ecg_core.plugins.registry import registry

ROOT = Path(__file__).parent.parent
PROJECT_FILES = sorted([*ROOT.glob("packages/*/pyproject.toml"), *ROOT.glob("tests/plugins/*/pyproject.toml")])
PROJECTS: dict[str, Any] = {
    project["name"]: project
    for project in (tomllib.loads(file.read_text(encoding="utf-8"))["project"] for file in PROJECT_FILES)
}

WITH_EXTRAS = re.compile(r"\b((?:ecg|acme)-[a-z]+)\[([^\]\s{}%]+)\]")
DRAWS_BY_EXTRA = re.compile(r'\bpackage="(ecg-[a-z]+)"')
"""How a package tells `ecg_core.plots.save_plots` whose extra ``plots`` to name."""

TEXT_SUFFIXES = {".md", ".py", ".toml", ".ipynb", ".yaml"}


@attrs.frozen
class Named:
    """An extra as a file names it."""

    file: str
    distribution: str
    extra: str


def texts() -> Iterator[Path]:
    """Everything that a user reads or that makes a message: all but the tests."""
    folders = ("docs", "examples", "benchmarks", "notebooks", "packages", "tests/plugins")
    inside = chain.from_iterable((ROOT / folder).rglob("*") for folder in folders)
    for path in chain(ROOT.glob("*"), inside):
        parts = path.relative_to(ROOT).parts
        if path.suffix in TEXT_SUFFIXES and (parts[0] != "packages" or parts[2] != "tests"):
            yield path


def named_in(path: Path) -> Iterator[Named]:
    text = path.read_text(encoding="utf-8")
    file = str(path.relative_to(ROOT))
    for distribution, extras in WITH_EXTRAS.findall(text):
        yield from (Named(file, distribution, extra.strip()) for extra in extras.split(","))
    for distribution in DRAWS_BY_EXTRA.findall(text):
        yield Named(file, distribution, "plots")


def exists(named: Named) -> bool:
    return named.extra in PROJECTS.get(named.distribution, {}).get("optional-dependencies", {})


def test_every_extra_that_is_named_exists():
    named = [each for path in texts() for each in named_in(path)]
    assert {"ecg-core", "ecg-digitize", "ecg-classify", "acme-ecg"} <= {each.distribution for each in named}
    assert [each for each in named if not exists(each)] == []


def test_the_test_would_notice():
    assert WITH_EXTRAS.findall("pip install 'ecg-core[torch,absent]'") == [("ecg-core", "torch,absent")]
    assert not exists(Named("a.md", "ecg-core", "absent"))


def test_the_extra_of_every_spec_of_ours_exists():
    specs = [registry().status(entry) for entry in registry().all_entries() if entry.distribution in PROJECTS]
    named = [
        Named(status.entry.title, *WITH_EXTRAS.findall(status.spec.extra)[0])
        for status in specs
        if status.spec and status.spec.extra
    ]
    assert named
    assert [each for each in named if not exists(each)] == []
