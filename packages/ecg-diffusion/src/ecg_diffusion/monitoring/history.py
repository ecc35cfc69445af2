"""The figures that a training has left so far, in ``metrics.jsonl`` and ``config.yaml`` of its run folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import attrs
import numpy as np

from ecg_core.config import read_yaml
from ecg_core.errors import DataError
from ecg_core.training.journal import METRICS_FILE

CONFIG_FILE = "config.yaml"
RECENT_SHARE, RECENT_LINES = 0.05, 5

Kind = Literal["vae", "diffusion"]
MEASURES: Mapping[Kind, str] = {"diffusion": "mse", "vae": "reconstruction"}
"""The figure that shows the progress of a training, in lines of both training and validation."""


@attrs.frozen(kw_only=True)
class Series:
    """A figure over the steps.

    Attributes:
        steps: int64, shape (lines,).
        values: float64, shape (lines,); NaN where it was not finite.
    """

    steps: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.steps)

    def median(self, begin: float, end: float) -> float:
        """Return the median of the finite values from step ``begin`` to ``end``; NaN where there are none."""
        inside = self.values[(self.steps >= begin) & (self.steps <= end)]
        inside = inside[np.isfinite(inside)]
        return float(np.median(inside)) if len(inside) else float("nan")

    def finite(self) -> Series:
        """Return the series without values that are not finite."""
        there = np.isfinite(self.values)
        return Series(steps=self.steps[there], values=self.values[there])


@attrs.frozen(kw_only=True)
class History:
    """The log of a training.

    Attributes:
        kind: kind of the network.
        step: last step that was logged.
        total_steps: steps of the whole training; ``step`` where the options do not say it.
        lines: lines of metrics.jsonl.
        config: options of the training, empty where they are missing.
    """

    kind: Kind
    step: int
    total_steps: int
    lines: Sequence[Mapping[str, Any]]
    config: Mapping[str, Any]

    @property
    def measure(self) -> str:
        """Name of the figure that shows the progress."""
        return MEASURES[self.kind]

    @property
    def fraction(self) -> float:
        """Share of the training that is done, from 0 to 1."""
        return min(self.step / self.total_steps, 1.0)

    def series(self, event: str, name: str) -> Series:
        """Collect a figure from the lines of an event that have it."""
        own = [line for line in self.lines if line["event"] == event and name in line]
        values = [float("nan") if line[name] is None else float(line[name]) for line in own]
        return Series(steps=np.array([line["step"] for line in own], int), values=np.array(values, float))

    def last(self, event: str, name: str) -> float:
        """Return the last value of a figure; NaN where there is none."""
        values = self.series(event, name).values
        return float(values[-1]) if len(values) else float("nan")

    def recent(self) -> float:
        """Return the recent measure of training: its median over the last twentieth of it, at least five lines."""
        found = self.series("train", self.measure).finite()
        if not len(found):
            return float("nan")
        begin = min(self.step - RECENT_SHARE * self.total_steps, found.steps[-min(RECENT_LINES, len(found))])
        return found.median(begin, self.step)

    def count(self, event: str) -> int:
        """Count the lines of an event."""
        return sum(line["event"] == event for line in self.lines)


def read_history(run: Path) -> History:
    """Read the log of a run folder.

    Raises:
        DataError: there is no log, nothing is logged yet, or the run is of another task.
    """
    lines = list(_lines(run / METRICS_FILE))
    steps = [line["step"] for line in lines if line["event"] == "train"]
    if not steps:
        raise DataError(f"{run}: nothing is logged yet; look again after log_every_steps steps")
    kind = _kind(run, lines)
    config = read_yaml(run / CONFIG_FILE) if (run / CONFIG_FILE).is_file() else {}
    step = max(steps)
    return History(kind=kind, step=step, total_steps=max(step, _total(config, lines)), lines=lines, config=config)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read the lines of a journal; the last may be cut short while it is being written."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: name the run folder of diffusion.train_vae or diffusion.train ({error})"
        ) from error
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and isinstance(found.get("step"), int) and "event" in found:
            yield found


def _kind(run: Path, lines: Sequence[Mapping[str, Any]]) -> Kind:
    for kind, measure in MEASURES.items():
        if any(measure in line for line in lines):
            return kind
    raise DataError(
        f"{run}: no training of diffusion.train_vae or diffusion.train; its lines have neither "
        f"{' nor '.join(sorted(MEASURES.values()))}"
    )


def _total(config: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> int:
    """Return the steps of the whole training; epochs count by the steps that the past ones took."""
    if isinstance(config.get("steps"), int):
        return int(config["steps"])
    last = max((line for line in lines if "epoch" in line), key=lambda line: line["step"], default=None)
    if last is None or not isinstance(config.get("epochs"), int) or not last["epoch"]:
        return 0
    return round(config["epochs"] * last["step"] / last["epoch"])
