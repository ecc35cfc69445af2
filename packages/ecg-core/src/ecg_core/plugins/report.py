"""Listings of plugins: rows of plain values for a table or for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecg_core.errors import PluginNotFound
from ecg_core.plugins.entry import HOOKS, PluginEntry
from ecg_core.plugins.hints import did_you_mean, owner_to_install
from ecg_core.plugins.registry import PluginStatus, Registry
from ecg_core.plugins.spec import KINDS
from ecg_core.printable import printable


def list_plugins(registry: Registry, kind: str | None = None, *, long: bool = False) -> list[dict[str, Any]]:
    """A row for each plugin. Without ``long`` only metadata is read, and nothing is imported."""
    kinds = [kind] if kind else [*KINDS, HOOKS]
    return [_row(registry, entry, long=long) for kind in kinds for entry in registry.entries(kind)]


def check_plugins(registry: Registry) -> list[PluginStatus]:
    """The status of every plugin, after importing its implementation."""
    return [registry.status(entry, import_implementation=True) for entry in registry.all_entries()]


def broken_plugins(registry: Registry) -> list[PluginStatus]:
    """The plugins whose spec cannot be loaded or whose name is contested; implementations stay unimported."""
    statuses = (registry.status(entry) for entry in registry.all_entries())
    return [status for status in statuses if status.error]


def find_anywhere(registry: Registry, name: str) -> list[PluginEntry]:
    """The plugins of a name, of any kind; ``kind/name`` and ``distribution:name`` narrow it down.

    Raises:
        PluginNotFound: there is none.
    """
    kind, _, plain = name.rpartition("/")
    wanted = [entry for entry in registry.all_entries() if not kind or entry.kind == kind]
    matches = [entry for entry in wanted if plain in (entry.name, entry.qualified_name)]
    if not matches:
        raise _nowhere(registry, name, plain)
    return matches


def _nowhere(registry: Registry, name: str, plain: str) -> PluginNotFound:
    """The error about a name that no plugin of any kind has."""
    if owner := owner_to_install(plain, registry.distributions()):
        hint = f"{owner} may bring it: pip install {owner}. "
    else:
        hint = did_you_mean(plain, sorted({entry.name for entry in registry.all_entries()}))
    return PluginNotFound(f"No installed plugin is called {name!r}. {hint}`ecg list` shows all of them.")


def _row(registry: Registry, entry: PluginEntry, *, long: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "kind": entry.kind,
        "name": entry.name,
        "distribution": entry.distribution,
        "version": entry.version,
    }
    row["conflict"] = entry.name in registry.conflicts(entry.kind)
    if long:
        status = registry.status(entry)
        row["summary"] = status.spec.summary if status.spec else ""
        row["error"] = str(status.error) if status.error else None
    return row


def as_table(rows: Sequence[Sequence[str]], *, indent: str = "") -> str:
    """Rows in aligned columns, each on a line; the last column is left as long as it is."""
    if not rows:
        return ""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return "\n".join(
        indent + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    )
