"""What is known of trained classifiers already, so that an evaluation that was stopped trains none of them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import ConfigError

FOLDER = "trained"


class Kept:
    """Figures of trained classifiers in a folder, a file each.

    Args:
        run_folder: in which the folder is made.
        resume: whether to use what is there.

    Raises:
        ConfigError: there is something, and it was not asked to go on.
    """

    def __init__(self, run_folder: Path, *, resume: bool) -> None:
        self._folder = run_folder / FOLDER
        if not resume and any(self._folder.glob("*.json")):
            raise ConfigError(
                f"{run_folder} holds an earlier evaluation: go on with it by --resume, or choose another by --out"
            )

    def path(self, name: str, suffix: str) -> Path:
        """A file of a classifier."""
        return self._folder / f"{name}{suffix}"

    def get(self, name: str, made_of: Mapping[str, Any]) -> dict[str, Any] | None:
        """Figures of a classifier, None where there are none of the same pictures and options."""
        try:
            content = json.loads(self.path(name, ".json").read_text(encoding="utf-8"))
            return dict(content["figures"]) if content["made_of"] == digest(made_of) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, name: str, made_of: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
        """Keep figures of a classifier."""
        content = {"made_of": digest(made_of), "figures": dict(figures)}
        atomic_write_text(self.path(name, ".json"), json.dumps(content, indent=2) + "\n")


def digest(made_of: Mapping[str, Any]) -> str:
    """Of plain values: the same for the same."""
    return sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
