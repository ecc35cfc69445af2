"""Figures of classifiers trained already, so that a resumed evaluation trains none of them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import ConfigError

FOLDER = "trained"


class ResultCache:
    """Figures of trained classifiers in a folder of the run, one file each.

    Args:
        run_folder: folder of the run.
        resume: whether to use earlier results.

    Raises:
        ConfigError: there are earlier results, and the run is not to be resumed.
    """

    def __init__(self, run_folder: Path, *, resume: bool) -> None:
        self._folder = run_folder / FOLDER
        if not resume and any(self._folder.glob("*.json")):
            raise ConfigError(
                f"{run_folder} holds an earlier evaluation: go on with it by --resume, or choose another by --out"
            )

    def path(self, name: str, suffix: str) -> Path:
        """Return the path of a file of a classifier."""
        return self._folder / f"{name}{suffix}"

    def get(self, name: str, made_of: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the figures of a classifier; None where there are none of the same pictures and options."""
        try:
            content = json.loads(self.path(name, ".json").read_text(encoding="utf-8"))
            return dict(content["figures"]) if content["made_of"] == digest(made_of) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, name: str, made_of: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
        """Save the figures of a classifier."""
        content = {"made_of": digest(made_of), "figures": dict(figures)}
        atomic_write_text(self.path(name, ".json"), json.dumps(content, indent=2) + "\n")


def digest(made_of: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain values, in hexadecimal digits."""
    return sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
