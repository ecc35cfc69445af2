"""What core tells of the packages that are not installed is what these packages register."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ecg_core.plugins.distributions import AREAS, VERBS

FILES = (Path(__file__).parent.parent / "packages").glob("*/pyproject.toml")
PROJECTS: list[Any] = [tomllib.loads(file.read_text(encoding="utf-8"))["project"] for file in FILES]


def registered(kind: str) -> dict[str, str]:
    """Name of every plugin of a kind that our other distributions register → its distribution."""
    others = [project for project in PROJECTS if project["name"] != "ecg-core"]
    return {name: project["name"] for project in others for name in project["entry-points"].get(f"ecg.{kind}", {})}


def test_every_area_and_every_command_is_told_with_its_distribution():
    assert registered("areas") == AREAS
    assert registered("verbs") == VERBS


def test_tasks_models_and_data_sets_are_named_by_the_area_of_their_distribution():
    named = registered("tasks") | registered("models") | registered("datasets")
    assert named
    assert {name: AREAS.get(name.partition(".")[0]) for name in named} == named
