"""``ecg doctor``."""

from __future__ import annotations

import textwrap
from typing import Any

import click

from ecg_core.cli.show import echo, echo_json
from ecg_core.plugins.registry import registry
from ecg_core.plugins.report import as_table
from ecg_core.printable import printable

LINE_WIDTH = 100


@click.command(short_help="Show what is missing or broken, and what to do.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Show what is installed, which devices can be used, what is broken, and what to do about it."""
    from ecg_core.doctor import diagnose

    report = diagnose(registry())
    if as_json:
        echo_json(report)
    else:
        echo(_as_text(report))


def _as_text(report: dict[str, Any]) -> str:
    sections = [
        as_table([(key, report[key]) for key in ("python", "executable", "platform")]),
        "Installed\n" + as_table(list(report["distributions"].items()), indent="  "),
        "Plugins, by kind (`ecg list` shows where each comes from)\n" + _plugins(report["plugins"]),
        "Libraries that these use\n"
        + as_table([(name, version or "not installed") for name, version in report["libraries"].items()], indent="  "),
        "Backends\n" + as_table([_backend_cells(row) for row in report["backends"]], indent="  "),
        *(
            f"Devices of {row['name']}\n" + as_table(list(row["details"].items()), indent="  ")
            for row in report["backends"]
            if row.get("details")
        ),
    ]
    if report["broken_plugins"]:
        causes = "\n".join(f"  {printable(row['cause'])}" for row in report["broken_plugins"])
        sections.append(f"Broken plugins\n{causes}")
    return "\n\n".join(sections)


def _plugins(names: dict[str, list[str]]) -> str:
    """A line a kind, folded where it is long."""
    width = LINE_WIDTH - max(map(len, names), default=0)
    rows: list[tuple[str, str]] = []
    for kind, own in names.items():
        lines = textwrap.wrap(", ".join(own), width, break_on_hyphens=False)
        rows += zip((kind, *[""] * (len(lines) - 1)), lines, strict=True)
    return as_table(rows, indent="  ")


def _backend_cells(row: dict[str, Any]) -> tuple[str, str, str]:
    reason = row["reason"].rstrip(".")
    return row["name"], "yes" if row["ok"] else "no", f"{reason}. {row['fix']}" if row["fix"] else reason
