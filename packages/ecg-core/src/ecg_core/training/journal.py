"""``metrics.jsonl``: one JSON object a line, each written in one piece."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecg_core.atomic import writing

METRICS_FILE = "metrics.jsonl"


class Journal:
    """Appends lines to a file that a crash can cut only between two of them.

    Args:
        path: the file; made with the first line.
        enabled: False where another process writes it.
    """

    def __init__(self, path: Path, *, enabled: bool = True) -> None:
        self._path, self._enabled = path, enabled

    def write(self, event: str, values: Mapping[str, Any]) -> None:
        """Append one line; numbers that are not finite become null, as JSON has none.

        Raises:
            OutputError: the disk is full, say.
        """
        if not self._enabled:
            return
        line = json.dumps(without_nan({"event": event, **values}), allow_nan=False) + "\n"
        with writing(self._path):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(descriptor, line.encode())
            finally:
                os.close(descriptor)

    def size_bytes(self) -> int:
        """Length of the file now, for a checkpoint."""
        return self._path.stat().st_size if self._path.exists() else 0

    def cut(self, size_bytes: int) -> None:
        """Take back all lines after a length, those of steps that a resumed run does again."""
        if self._enabled and self.size_bytes() > size_bytes:
            os.truncate(self._path, size_bytes)


def without_nan(tree: Any) -> Any:
    """Nested plain values with None for every number that is not finite."""
    if isinstance(tree, Mapping):
        return {name: without_nan(value) for name, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [without_nan(value) for value in tree]
    return None if isinstance(tree, float) and not math.isfinite(tree) else tree
