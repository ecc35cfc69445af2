"""How results look on the terminal, and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import click

from ecg_core.context import TaskResult
from ecg_core.errors import EXIT_DONE, EXIT_FAILED
from ecg_core.printable import LINES, printable


def echo(text: str, *, err: bool = False) -> None:
    """Print a text of our own that may name things of others; every command prints by this."""
    click.echo(printable(text, keep=LINES), err=err)


def show_result(result: TaskResult, out_dir: Path, *, as_json: bool) -> int:
    """Print what a task hands back; returns the exit code, 1 if any item failed."""
    if as_json:
        failures = [{"item": failure.item, "reason": failure.reason} for failure in result.failures]
        echo_json({**result.summary, "out_dir": str(out_dir), "failures": failures})
    else:
        for line in summary_lines(result.summary):
            echo(line)
        _show_failures(result)
        echo(f"written to {printable(out_dir)}")
    return EXIT_FAILED if result.failures else EXIT_DONE


def _show_failures(result: TaskResult) -> None:
    if result.failures:
        echo(f"{len(result.failures)} failed:", err=True)
    for failure in result.failures:
        echo(f"  {printable(failure.item)}: {printable(failure.reason)}", err=True)


def summary_lines(summary: Mapping[str, Any], indent: str = "") -> list[str]:
    """``name: value`` lines; nested mappings are indented below their name."""
    lines = []
    for name, value in ((printable(name), value) for name, value in summary.items()):
        if isinstance(value, Mapping):
            lines += [f"{indent}{name}:", *summary_lines(value, indent + "  ")]
        elif isinstance(value, float):
            lines.append(f"{indent}{name}: {value:.4g}")
        else:
            lines.append(f"{indent}{name}: {printable(value)}")
    return lines


def echo_json(value: Any) -> None:
    """Print a value as JSON; NaN and infinity, which it cannot hold, become null, numbers of numpy plain ones."""
    click.echo(json.dumps(_finite(value), indent=2, default=str, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, Integral):
        return value if isinstance(value, bool) else int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    return value
