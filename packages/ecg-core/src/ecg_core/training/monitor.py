"""The best evaluation so far, and which figure decides it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ecg_core.errors import ConfigError


class Monitor:
    """Follows one figure of the evaluations.

    Args:
        name: of the figure.
        mode: ``min`` or ``max``, what is good.

    Attributes:
        best: the best value so far, None before the first.
        best_step: where it was found.
    """

    def __init__(self, name: str, mode: str) -> None:
        self._name, self._mode = name, mode
        self.best: float | None = None
        self.best_step = 0

    def observe(self, figures: Mapping[str, float], step: int) -> bool:
        """Whether the figures of an evaluation beat all before.

        Raises:
            ConfigError: the evaluation gives no such figure.
        """
        if self._name not in figures:
            raise ConfigError(
                f"monitor: the evaluation gives no figure {self._name!r}; it gives {', '.join(sorted(figures))}"
            )
        value = float(figures[self._name])
        if not math.isfinite(value) or not self._beats_best(value):
            return False
        self.best, self.best_step = value, step
        return True

    def _beats_best(self, value: float) -> bool:
        if self.best is None:
            return True
        return value < self.best if self._mode == "min" else value > self.best

    def state_dict(self) -> dict[str, Any]:
        return {"name": self._name, "mode": self._mode, "best": self.best, "best_step": self.best_step}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state, or anew if another figure is followed now."""
        if (state["name"], state["mode"]) == (self._name, self._mode):
            self.best, self.best_step = state["best"], state["best_step"]
        else:
            self.best, self.best_step = None, 0
