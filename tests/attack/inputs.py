"""An input to try: a few files, of which the first is the one to read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs


@attrs.frozen
class Input:
    """Something to read.

    Attributes:
        name: what was done to make it.
        files: content of each by its name; a name may have folders.
    """

    name: str
    files: Mapping[str, bytes] = attrs.field(repr=False)

    def write(self, folder: Path) -> Path:
        """Write the files; returns the first, or the folder above it where that is in one."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder / next(iter(self.files)).partition("/")[0]
