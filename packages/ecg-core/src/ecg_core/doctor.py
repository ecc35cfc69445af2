"""What is installed here, what works, what does not and why."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from typing import Any

import attrs
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ecg_core.errors import PluginError, one_line
from ecg_core.plugins.entry import HOOKS, PluginEntry
from ecg_core.plugins.guard import guarded
from ecg_core.plugins.registry import Registry
from ecg_core.plugins.report import broken_plugins
from ecg_core.plugins.spec import KINDS


def diagnose(registry: Registry) -> dict[str, Any]:
    """A report of plain values: system, distributions, plugins by kind, libraries, backends and broken plugins."""
    distributions = {entry.distribution: entry.version for entry in registry.all_entries()}
    return {
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "distributions": dict(sorted(distributions.items())),
        "plugins": {kind: names for kind in (*KINDS, HOOKS) if (names := _names(registry, kind))},
        "libraries": _libraries(distributions),
        "backends": [_backend(registry, entry) for entry in registry.entries("backends")],
        "broken_plugins": [
            *({"plugin": None, "cause": fault} for fault in registry.faults),
            *({"plugin": status.entry.title, "cause": str(status.error)} for status in broken_plugins(registry)),
        ],
    }


def _names(registry: Registry, kind: str) -> list[str]:
    """Names of the plugins of a kind; one that two distributions register stands there as ``distribution:name``."""
    conflicts = registry.conflicts(kind)
    return [entry.qualified_name if entry.name in conflicts else entry.name for entry in registry.entries(kind)]


def _libraries(distributions: dict[str, str]) -> dict[str, str | None]:
    """Version of everything that the plugin distributions ask for, in extras too; None where it is not installed."""
    wanted = {name for distribution in distributions for name in _required_names(distribution)}
    return {name: _version(name) for name in sorted(wanted - set(distributions))}


def _required_names(distribution: str) -> set[str]:
    try:
        return {canonicalize_name(Requirement(line).name) for line in metadata.requires(distribution) or ()}
    except (metadata.PackageNotFoundError, InvalidRequirement):
        return set()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _backend(registry: Registry, entry: PluginEntry) -> dict[str, Any]:
    row: dict[str, Any] = {"name": entry.name, "distribution": entry.distribution}
    try:
        with guarded(f"The {entry.title}", "available"):
            availability = registry.load("backends", entry.qualified_name)().available()
    except PluginError as error:
        return row | {"ok": False, "reason": str(error), "fix": ""}
    except Exception as error:  # noqa: BLE001 - a stranger's backend may raise anything
        return row | {"ok": False, "reason": f"asking it failed with {one_line(error)}", "fix": "Tell its authors."}
    return row | attrs.asdict(availability)
