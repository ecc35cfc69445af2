"""Device families behind one seam, `ecg_core.protocols.Backend`; found through the entry points ``ecg.backends``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ecg_core.errors import BackendUnavailable, PluginError, one_line
from ecg_core.plugins.guard import guarded

if TYPE_CHECKING:
    from ecg_core.plugins.registry import Registry
    from ecg_core.protocols import Backend

AUTO = "auto"

log = logging.getLogger(__name__)


def open_backend(name: str, *, registry: Registry | None = None) -> Backend:
    """The backend of a name, not yet set up; ``auto`` takes the best that is available.

    Raises:
        BackendUnavailable: it cannot be used here; there is no fall-back.
        PluginError: no such backend, or a broken one.
    """
    if registry is None:
        from ecg_core.plugins.registry import registry as installed

        registry = installed()
    if name == AUTO:
        return _best_backend(registry)
    with guarded(f"The backend {name}"):
        backend: Backend = registry.load("backends", name)()
    require(backend)
    return backend


def require(backend: Backend) -> None:
    """Stop unless a backend can be used here.

    Raises:
        BackendUnavailable: with the reason, and what would help.
    """
    with guarded(f"The backend {backend.name}", "available"):
        found = backend.available()
    if not found.ok:
        raise BackendUnavailable(f"The backend {backend.name} cannot be used here: {found.reason}. {found.fix}")


def _best_backend(registry: Registry) -> Backend:
    """The available backend of the highest preference; says in the log which, and why not a better one."""
    passed_over: list[str] = []
    for name in _names_by_preference(registry):
        try:
            with guarded(f"The backend {name}", "available"):
                backend: Backend = registry.load("backends", name)()
                found = backend.available()
        except PluginError as error:
            passed_over.append(f"{name} ({error})")
            continue
        except Exception as error:  # noqa: BLE001 - a stranger's backend may raise anything
            passed_over.append(f"{name} ({one_line(error)})")
            continue
        if found.ok:
            better = f"; not {', '.join(passed_over)}" if passed_over else ""
            log.info("backend %s: %s%s", backend.name, found.reason, better)
            return backend
        passed_over.append(f"{backend.name} ({found.reason})")
    raise BackendUnavailable(
        f"No backend can be used here: {'; '.join(passed_over) or 'none is installed'}. "
        "The cpu backend needs only PyTorch: pip install 'ecg-core[torch]'"
    )


def _names_by_preference(registry: Registry) -> list[str]:
    """Names that load, best first; among equals by name."""
    preferences: dict[str, int] = {}
    for entry in registry.entries("backends"):
        try:
            preferences[entry.qualified_name] = registry.load_spec("backends", entry.qualified_name).preference
        except PluginError as error:
            log.warning("%s", error)
    return sorted(preferences, key=lambda name: (-preferences[name], name))
