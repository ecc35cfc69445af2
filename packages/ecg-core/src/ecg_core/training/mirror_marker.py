"""The file by which a mirror says which run copies to it, and what was put there."""

from __future__ import annotations

import json
from collections.abc import Iterable

import attrs

from ecg_core.errors import ConfigError

MARKER_FILE = "ecg-mirror.json"
MARKER_VERSION = 1


def _as_set(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


@attrs.frozen(kw_only=True)
class Marker:
    """Whose the copies in a place are.

    Attributes:
        run: id of the run, see `ecg_core.training.run_id`.
        writer: id of the process that copies; another one has gone on with the run where it changes.
        files: names within the place that the run has put there, or is about to.
    """

    run: str
    writer: str
    files: frozenset[str] = attrs.field(converter=_as_set)

    @classmethod
    def of_text(cls, text: bytes) -> Marker | None:
        """The marker in a file; None for what is none, or was cut short.

        Raises:
            ConfigError: a later release made it.
        """
        try:
            content = json.loads(text)
            version = int(content["marker"])
            marker = cls(run=str(content["run"]), writer=str(content["writer"]), files=map(str, content["files"]))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        if version != MARKER_VERSION:
            raise ConfigError(
                f"sync_to: a later release copied to this place ({MARKER_FILE} {version}); upgrade ecg-core"
            )
        return marker

    def as_text(self) -> str:
        content = {"marker": MARKER_VERSION, "run": self.run, "writer": self.writer, "files": sorted(self.files)}
        return json.dumps(content, indent=2) + "\n"

    def with_files(self, files: Iterable[str]) -> Marker:
        """The same of other files."""
        return attrs.evolve(self, files=files)
