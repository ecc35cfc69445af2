"""Hook ``acme-events``: every event of a run as a line of ``acme_events.jsonl`` in the run folder.

A function takes those arguments of its event that it needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecg_core.context import RunContext
from ecg_core.plugins.hooks import hookimpl

EVENTS_FILE = "acme_events.jsonl"


@hookimpl
def run_start(context: RunContext) -> None:
    _append(context, event="run_start", task=context.task, backend=context.backend)


@hookimpl
def epoch_end(context: RunContext, epoch: int) -> None:
    _append(context, event="epoch_end", epoch=epoch)


@hookimpl
def evaluation_end(context: RunContext, metrics: Mapping[str, float]) -> None:
    _append(context, event="evaluation_end", **metrics)


@hookimpl
def checkpoint_saved(context: RunContext, path: Path) -> None:
    _append(context, event="checkpoint_saved", name=path.name)


@hookimpl
def run_end(context: RunContext, error: BaseException | None) -> None:
    _append(context, event="run_end", error=None if error is None else type(error).__name__)


def _append(context: RunContext, **values: Any) -> None:
    with (context.out_dir / EVENTS_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")
