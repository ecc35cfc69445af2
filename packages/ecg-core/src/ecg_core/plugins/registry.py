"""Find plugins by their entry points, load them when they are used, and explain those that cannot be.

Three tiers: an entry is metadata and imports nothing; its spec is a light import; its implementation is imported on
use. Nobody has priority: a name that two distributions register is a conflict, ours included.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, partial
from importlib import metadata
from typing import Any

import attrs
from packaging.utils import canonicalize_name

from ecg_core.errors import PluginBroken, PluginConflict, PluginError, PluginNotFound
from ecg_core.plugins.discovery import installed_entry_points, spare_the_others
from ecg_core.plugins.distributions import OURS
from ecg_core.plugins.entry import HOOKS, PluginEntry
from ecg_core.plugins.hints import way_out
from ecg_core.plugins.loading import import_for, spec_of
from ecg_core.plugins.spec import HOOKS_GROUP, KINDS, PluginSpec, VerbSpec, group_of

log = logging.getLogger(__name__)


@attrs.frozen
class PluginStatus:
    """Whether a plugin can be used.

    Attributes:
        entry: which one.
        spec: its spec, None if even that cannot be loaded, or for a hook.
        error: why it cannot be used; None if it can.
    """

    entry: PluginEntry
    spec: PluginSpec | None
    error: PluginError | None


class Registry:
    """The plugins that are installed.

    Args:
        discover: gives the entry points of a group; the installed ones by default.

    Attributes:
        faults: about each distribution whose entry points cannot be read.
    """

    def __init__(self, discover: Callable[[str], Iterable[metadata.EntryPoint]] | None = None) -> None:
        self.faults: tuple[str, ...] = ()
        if discover is None:  # read once, since every call of the library walks through all distributions
            found = installed_entry_points()
            self.faults = found.faults
            discover = partial(_of_group, found.points)
        self._discover = discover
        self._entries: dict[str, list[PluginEntry]] = {}
        self._left_out: set[str] = set()

    def entries(self, kind: str) -> list[PluginEntry]:
        """Every plugin of a kind, by name; imports nothing."""
        if kind not in self._entries:
            group = HOOKS_GROUP if kind == HOOKS else group_of(kind)
            found = [PluginEntry(kind, point.name, point.value, point) for point in self._discover(group)]
            self._entries[kind] = sorted(found, key=lambda entry: (entry.name, entry.value))
        return self._entries[kind]

    def all_entries(self) -> list[PluginEntry]:
        """Every plugin of every kind."""
        return [entry for kind in (*KINDS, HOOKS) for entry in self.entries(kind)]

    def distributions(self) -> set[str]:
        """Names of the distributions that register anything."""
        return {entry.distribution for entry in self.all_entries()}

    def find(self, kind: str, name: str) -> PluginEntry:
        """The one plugin of this name, or of ``distribution:name``.

        Raises:
            PluginNotFound: nobody registers it.
            PluginConflict: several distributions do.
        """
        distribution, _, plain_name = name.rpartition(":")
        matches = [entry for entry in self.entries(kind) if entry.name == plain_name]
        if distribution:
            matches = [entry for entry in matches if entry.distribution == canonicalize_name(distribution)]
        if not matches:
            raise self._not_found(kind, name)
        if len(matches) > 1:
            raise _conflict(kind, plain_name, matches)
        return matches[0]

    def load_spec(self, kind: str, name: str) -> Any:
        """The spec of a plugin.

        Raises:
            PluginError: it is absent, ambiguous, broken or made for another version of the interface.
        """
        return spec_of(self.find(kind, name))

    def load(self, kind: str, name: str) -> Any:
        """The implementation of a plugin, imported.

        Raises:
            PluginError: it is absent, ambiguous, broken or made for another version of the interface.
        """
        entry = self.find(kind, name)
        spec = spec_of(entry)
        return import_for(entry, spec, spec.implementation)

    def to_choose_from(self, kind: str) -> dict[str, PluginEntry]:
        """The plugins of a kind among which one is chosen without being named, by the names to load them by.

        What cannot be used is told once and left out. Nobody asked for any of them by name, so a name that is contested
        stops nothing here: the plugin of this project stays, and where none is of this project all are left out.
        """
        found: dict[str, PluginEntry] = {}
        for name in dict.fromkeys(entry.name for entry in self.entries(kind)):
            try:
                entry = self._only_or_ours(kind, name)
                spec_of(entry)
            except PluginError as error:
                self.leave_out(error)
            else:
                found[entry.qualified_name if name in self.conflicts(kind) else name] = entry
        return found

    def load_all(self, kind: str) -> dict[str, Any]:
        """The implementations of those `to_choose_from`, imported, by the same names."""
        loaded: dict[str, Any] = {}
        for name in self.to_choose_from(kind):
            try:
                loaded[name] = self.load(kind, name)
            except PluginError as error:
                self.leave_out(error)
        return loaded

    def leave_out(self, error: PluginError) -> None:
        """Say once in the log of the process that started the others that something is done without a plugin."""
        words = str(error)
        if words not in self._left_out:
            self._left_out.add(words)
            log.log(logging.WARNING if _is_first_process() else logging.DEBUG, "left out: %s", words)

    def _only_or_ours(self, kind: str, name: str) -> PluginEntry:
        """The plugin of a name, or that of this project where the name is contested, which is told."""
        try:
            return self.find(kind, name)
        except PluginConflict as conflict:
            ours = [entry for entry in self.entries(kind) if entry.name == name and entry.distribution in OURS]
            if len(ours) != 1:
                raise
            self.leave_out(PluginConflict(f"{conflict} Unless one is named, that of {ours[0].distribution} is taken."))
            return ours[0]

    def status(self, entry: PluginEntry, *, import_implementation: bool = False) -> PluginStatus:
        """Whether a plugin can be used, as a value: never raises for the plugin's own faults."""
        spec = None
        try:
            if entry.kind != HOOKS:
                spec = spec_of(entry)
                self.find(entry.kind, entry.name)
            if import_implementation:
                self._try_out(entry, spec)
        except PluginError as error:
            return PluginStatus(entry, spec, error)
        return PluginStatus(entry, spec, None)

    def conflicts(self, kind: str) -> set[str]:
        """Names of a kind that more than one distribution registers; hooks are told all of them and never conflict."""
        if kind == HOOKS:
            return set()
        counts = Counter(entry.name for entry in self.entries(kind))
        return {name for name, count in counts.items() if count > 1}

    def _try_out(self, entry: PluginEntry, spec: PluginSpec | None) -> None:
        """Import everything that a plugin names."""
        if spec is None:
            _register_hook(entry)
        elif isinstance(spec, VerbSpec):
            self._find_task_of(entry, spec)
        else:
            for target in (spec.implementation, getattr(spec, "config", None)):
                if target:
                    import_for(entry, spec, target)

    def _find_task_of(self, entry: PluginEntry, spec: VerbSpec) -> None:
        try:
            self.load_spec("tasks", spec.task)
        except PluginError as error:
            raise PluginBroken(f"The {entry.title} cannot be used: {error}") from error

    def _not_found(self, kind: str, name: str) -> PluginNotFound:
        names = sorted({entry.name for entry in self.entries(kind)})
        return PluginNotFound(
            f"No installed distribution brings the {kind.removesuffix('s')} {name!r}. "
            f"{way_out(kind, name.rpartition(':')[2], names, self.distributions())}"
        )


@cache
def registry() -> Registry:
    """The registry of this process; what it cannot read is told once, by the process that started the others."""
    installed = Registry()
    if installed.faults:
        spare_the_others()
    for fault in installed.faults:
        if _is_first_process():
            log.warning("%s", fault)
    return installed


def _is_first_process() -> bool:
    import multiprocessing

    return multiprocessing.parent_process() is None


def _register_hook(entry: PluginEntry) -> None:
    from ecg_core.plugins.hooks import make_manager, register_guarded

    if failure := register_guarded(make_manager(), entry):
        raise failure


def _conflict(kind: str, name: str, matches: list[PluginEntry]) -> PluginConflict:
    owners = " and ".join(f"{entry.distribution} {entry.version}" for entry in matches)
    return PluginConflict(
        f"The {kind.removesuffix('s')} {name!r} is registered by {owners}. Say which you mean: "
        f"{' or '.join(entry.qualified_name for entry in matches)}; or uninstall one of them."
    )


def _of_group(points: Iterable[metadata.EntryPoint], group: str) -> list[metadata.EntryPoint]:
    return [point for point in points if point.group == group]
