"""What tells a training run from every other: an id that its folder of checkpoints keeps."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import CheckpointError

RUN_FILE = "run.json"


def run_id(checkpoints: Path) -> str:
    """The id of the run whose checkpoints lie in a folder; it is made when it is first asked for.

    Raises:
        CheckpointError: it is damaged.
    """
    file = checkpoints / RUN_FILE
    if not file.exists():
        note_run_id(checkpoints, uuid4().hex)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["run"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{file} is damaged: {error!r}; remove it, and copy to a new place by sync_to") from error
    return str(found)


def note_run_id(checkpoints: Path, run: str) -> None:
    """Note that a folder holds the checkpoints of a run."""
    atomic_write_text(checkpoints / RUN_FILE, json.dumps({"run": run}) + "\n")
