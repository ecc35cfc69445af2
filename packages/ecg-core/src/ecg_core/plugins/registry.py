"""Find plugins by their entry points, load them when they are used, and explain those that cannot be.

Three tiers: an entry is metadata and imports nothing; its spec is a light import; its implementation is imported on
use. Nobody has priority: a name that two distributions register is a conflict, ours included.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Any

import attrs
from packaging.utils import canonicalize_name

from ecg_core import __version__
from ecg_core.errors import PluginBroken, PluginConflict, PluginError, PluginIncompatible, PluginNotFound, one_line
from ecg_core.plugins.spec import API_VERSION, HOOKS_GROUP, KINDS, PluginSpec, VerbSpec, group_of

HOOKS = "hooks"
CORE = "ecg-core"

IMPORT_FAULTS = (Exception, SystemExit)
"""What a stranger's module may raise when it is imported; a module that ends the process is broken, too."""


@attrs.frozen(slots=False)
class PluginEntry:
    """What is known of a plugin without importing anything.

    Attributes:
        kind: ``tasks``, ``models`` … or ``hooks``.
        name: the plugin's name.
        value: import string of its spec, of the hook module for a hook.
    """

    kind: str
    name: str
    value: str
    _entry_point: metadata.EntryPoint = attrs.field(repr=False)

    @cached_property
    def distribution(self) -> str:
        """Name of the distribution that registers it."""
        return canonicalize_name(self._entry_point.dist.name) if self._entry_point.dist else "unknown"

    @cached_property
    def version(self) -> str:
        """Version of that distribution."""
        return self._entry_point.dist.version if self._entry_point.dist else "unknown"

    @property
    def qualified_name(self) -> str:
        """``distribution:name``, which is accepted wherever a name is."""
        return f"{self.distribution}:{self.name}"

    @property
    def title(self) -> str:
        """How messages call it: ``task seg.train of ecg-seg 0.1.0``."""
        return f"{self.kind.removesuffix('s')} {self.name} of {self.distribution} {self.version}"

    def load(self) -> Any:
        """Import what the entry point names; raises whatever the import raises."""
        return self._entry_point.load()


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
    """

    def __init__(self, discover: Callable[[str], Iterable[metadata.EntryPoint]] | None = None) -> None:
        self._discover = discover or _installed_entry_points()
        self._entries: dict[str, list[PluginEntry]] = {}

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
        names = [entry.name for entry in self.entries(kind)]
        close = difflib.get_close_matches(name.rpartition(":")[2], names, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        known = ", ".join(sorted(set(names))) or "none at all"
        return PluginNotFound(
            f"No installed distribution brings the {kind.removesuffix('s')} {name!r}.{hint} Installed: {known}. "
            f"`ecg list {kind}` shows where each comes from."
        )


@cache
def registry() -> Registry:
    """The registry of this process."""
    return Registry()


def spec_of(entry: PluginEntry) -> Any:
    """Load and check the spec that an entry names.

    Raises:
        PluginBroken: the import fails, or gives something else than a spec of the kind.
        PluginIncompatible: the spec was made for another version of the interface.
    """
    try:
        spec = entry.load()
    except IMPORT_FAULTS as error:
        raise broken(entry, error) from error
    expected = KINDS[entry.kind]
    if not isinstance(spec, expected):
        raise PluginBroken(
            f"The {entry.title} is broken: {entry.value} should be a {expected.__name__} "
            f"(from ecg_core.plugins.spec), found {type(spec).__name__}. Tell its authors, or uninstall it."
        )
    if spec.api != API_VERSION:
        newer = CORE if spec.api > API_VERSION else entry.distribution
        raise PluginIncompatible(
            f"The {entry.title} was made for version {spec.api} of the plugin interface; this {CORE} speaks "
            f"version {API_VERSION}. Upgrade {newer}: pip install --upgrade {newer}"
        )
    return spec


def import_for(entry: PluginEntry, spec: PluginSpec, target: str) -> Any:
    """Import ``package.module:attribute`` on behalf of a plugin.

    Raises:
        PluginBroken: it fails; the message says what to install where that would help.
    """
    try:
        return import_string(target)
    except IMPORT_FAULTS as error:
        raise broken(entry, error, spec=spec, target=target) from error


def import_string(target: str) -> Any:
    """What ``package.module:attribute`` names."""
    module, _, attribute = target.partition(":")
    value = import_module(module)
    for name in filter(None, attribute.split(".")):
        value = getattr(value, name)
    return value


def broken(
    entry: PluginEntry, error: BaseException, *, spec: PluginSpec | None = None, target: str | None = None
) -> PluginBroken:
    """The error that says what failed in a plugin, and what to do about it."""
    target = target or entry.value
    missing = _missing_outside(error, own_package=target.partition(":")[0].partition(".")[0])
    if missing and spec and spec.extra:
        remedy = f"It needs {missing}, which is not installed. Install it: pip install '{spec.extra}'"
    elif missing:
        remedy = f"It needs {missing}, which is not installed. Reinstall it: pip install --upgrade {entry.distribution}"
    elif _is_from_core(error) and entry.distribution != CORE:
        remedy = (
            f"It was made for another version of {CORE} than {__version__}. "
            f"Upgrade both: pip install --upgrade {CORE} {entry.distribution}"
        )
    else:
        remedy = "The fault lies in the plugin itself: tell its authors, or uninstall it."
    return PluginBroken(f"The {entry.title} cannot be used: importing {target} failed with {one_line(error)}. {remedy}")


def _is_from_core(error: BaseException) -> bool:
    """Whether an import failed because ecg-core has no such module or name."""
    return isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "ecg_core"


def _missing_outside(error: BaseException, *, own_package: str) -> str | None:
    """Name of the absent top-level module that made an import fail, None if the plugin is to blame itself."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    top_level = error.name.partition(".")[0]
    if top_level == own_package or find_spec(top_level) is not None:
        return None
    return top_level


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


def _installed_entry_points() -> Callable[[str], Iterable[metadata.EntryPoint]]:
    """Look-up by group; read from disk once, since every call of the library walks through all distributions."""
    found = metadata.entry_points().select()
    return lambda group: found.select(group=group)
