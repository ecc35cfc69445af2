"""Warn when a compiled step does not stay compiled, or does not stay on the device."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

log = logging.getLogger(__name__)


class CompilationWatch:
    """Looks at what a backend tells of itself; says nothing where steps are not compiled.

    The first stretch of steps may compile, and so may whatever lies between two stretches: evaluations, checkpoints.
    """

    def __init__(self) -> None:
        self._before: int | None = None
        self._known_fallbacks: set[str] = set()

    def begin(self, diagnostics: Mapping[str, Any]) -> None:
        """A stretch of steps begins, not the first."""
        if self._before is not None:
            self._before = diagnostics.get("compilations", 0)

    def end(self, diagnostics: Mapping[str, Any], step: int) -> None:
        """A stretch of steps has ended at ``step``."""
        compilations = diagnostics.get("compilations", 0)
        if self._before is not None and compilations > self._before:
            log.warning(
                "up to step %d the step was compiled %d more times: does a batch shape or a number in it change?",
                *(step, compilations - self._before),
            )
        self._before = compilations
        if fresh := set(diagnostics.get("fallbacks", ())) - self._known_fallbacks:
            self._known_fallbacks |= fresh
            log.warning("operators that run on the host and cut the step in pieces: %s", ", ".join(sorted(fresh)))
