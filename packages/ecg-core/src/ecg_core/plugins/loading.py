"""Import what a plugin names, and explain what fails."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ecg_core.errors import PluginBroken, PluginIncompatible, one_line
from ecg_core.plugins.entry import PluginEntry
from ecg_core.plugins.guard import ENDINGS, UserSignals
from ecg_core.plugins.import_faults import missing_part
from ecg_core.plugins.spec import API_VERSION, KINDS, PluginSpec

CORE = "ecg-core"


def spec_of(entry: PluginEntry) -> Any:
    """Load and check the spec that an entry names.

    Raises:
        PluginBroken: the import fails, or gives something else than a spec of the kind.
        PluginIncompatible: the spec was made for another version of the interface.
    """
    spec = load_guarded(entry)
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
    return load_guarded(entry, partial(import_string, target), spec=spec, target=target)


def load_guarded(
    entry: PluginEntry,
    load: Callable[[], Any] | None = None,
    *,
    spec: PluginSpec | None = None,
    target: str | None = None,
) -> Any:
    """Import something of a plugin; a module that would end the process is broken like any other.

    Args:
        entry: of the plugin.
        load: imports; by default what the entry names.
        spec: of the plugin, where it is known.
        target: import string of what is imported, by default that of the entry.

    Raises:
        PluginBroken: it fails.
    """
    with UserSignals() as signals:
        try:
            return (load or entry.load)()
        except (Exception, *ENDINGS) as error:
            if isinstance(error, ENDINGS) and signals.meant(error):
                raise
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
    own_package = target.partition(":")[0].partition(".")[0]
    missing = _missing_outside(error, own_package=own_package)
    if missing and spec and spec.extra:
        remedy = f"It needs {missing}, which is not installed. Install it: pip install '{spec.extra}'"
    elif missing:
        remedy = f"It needs {missing}, which is not installed. Reinstall it: pip install --upgrade {entry.distribution}"
    elif (part := missing_part(error)) and part.package != own_package:
        remedy = (
            f"{part.sentence}: the import path is wrong, or {entry.distribution} was made for another version of "
            f"{part.distribution} than {part.version}. Correct the path if the plugin is yours, else upgrade both: "
            f"pip install --upgrade {part.distribution} {entry.distribution}"
        )
    else:
        remedy = "The fault lies in the plugin itself: tell its authors, or uninstall it."
    return PluginBroken(f"The {entry.title} cannot be used: importing {target} failed with {one_line(error)}. {remedy}")


def _missing_outside(error: BaseException, *, own_package: str) -> str | None:
    """Name of the absent top-level module that made an import fail, None if the plugin is to blame itself."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    top_level = error.name.partition(".")[0]
    if top_level == own_package or find_spec(top_level) is not None:
        return None
    return top_level
