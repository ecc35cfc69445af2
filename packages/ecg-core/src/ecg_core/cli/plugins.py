"""``ecg list``, ``ecg info`` and ``ecg plugins check``."""

from __future__ import annotations

from typing import Any

import click

from ecg_core.cli.show import echo, echo_json
from ecg_core.errors import EXIT_UNAVAILABLE
from ecg_core.plugins.entry import HOOKS
from ecg_core.plugins.registry import registry
from ecg_core.plugins.report import as_table, check_plugins, find_anywhere, list_plugins
from ecg_core.plugins.spec import KINDS
from ecg_core.printable import printable

COMMANDS = {"tasks": "ecg run", "verbs": "ecg"}
"""How plugins of a kind are started; the others are named by options of tasks."""


@click.command("list", short_help="List what is installed: tasks, models, formats …")
@click.argument("kind", required=False, type=click.Choice([*KINDS, HOOKS]), metavar="[KIND]")
@click.option("--long", "long_", is_flag=True, help="With summaries, and what is broken.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(kind: str | None, long_: bool, as_json: bool) -> None:
    """List the plugins that are installed, all of them or those of one KIND: tasks, models, backends, formats …"""
    rows = list_plugins(registry(), kind, long=long_)
    if as_json:
        echo_json(rows)
        return
    echo(as_table([_cells(row) for row in rows]) or "nothing is installed")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    remark = row.get("summary", "")
    if row["conflict"]:
        remark = f"CONFLICT: say {row['distribution']}:{row['name']}"
    elif row.get("error"):
        remark = f"BROKEN: {row['error']}"
    return row["kind"], row["name"], f"{row['distribution']} {row['version']}", remark


@click.command(short_help="Show what is known of one plugin.")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def info(name: str, as_json: bool) -> None:
    """Show everything that is known of the plugin NAME (also KIND/NAME, DISTRIBUTION:NAME)."""
    described = [_describe(entry) for entry in find_anywhere(registry(), name)]
    if as_json:
        echo_json(described)
        return
    echo("\n\n".join(as_table([(key, str(value)) for key, value in one.items()]) for one in described))


def _describe(entry: Any) -> dict[str, Any]:
    import attrs

    status = registry().status(entry, import_implementation=True)
    spec = attrs.asdict(status.spec) if status.spec else {"implementation": entry.value}
    described = {"name": entry.name, "kind": entry.kind, "distribution": f"{entry.distribution} {entry.version}"}
    described |= {key: value for key, value in spec.items() if value not in (None, "", {}, ())}
    if entry.kind in COMMANDS:
        described["use"] = f"{COMMANDS[entry.kind]} {entry.name} --help"
    return described | {"status": f"broken: {status.error}" if status.error else "works"}


@click.group(short_help="Check that every plugin works.")
def plugins() -> None:
    """Look after plugins."""


@plugins.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def check(ctx: click.Context, /, as_json: bool) -> None:
    """Import every plugin that is installed, and say what does not work; exit code 3 if any."""
    statuses = check_plugins(registry())
    broken = [status for status in statuses if status.error]
    faults = registry().faults
    if as_json:
        rows = [{"plugin": status.entry.title, "error": str(status.error or "") or None} for status in statuses]
        echo_json([*({"plugin": None, "error": fault} for fault in faults), *rows])
    else:
        for fault in (*faults, *(status.error for status in broken)):
            echo(f"{printable(fault)}\n")
        echo(f"{len(statuses) - len(broken)} plugins work, {len(broken)} do not")
    ctx.exit(EXIT_UNAVAILABLE if broken or faults else 0)
