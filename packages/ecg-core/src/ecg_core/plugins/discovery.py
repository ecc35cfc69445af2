"""Read the entry points of every distribution; one whose list is damaged is named, and stops nobody else's."""

from __future__ import annotations

import os
from importlib import metadata
from typing import Any

import attrs
from packaging.utils import canonicalize_name

from ecg_core.errors import one_line

UNKNOWN = "unknown"
GROUP_BEGINS = "ecg."
"""Groups of entry points that are none of plugins are left alone."""

TORCH_READS_THEM = "TORCH_DEVICE_BACKEND_AUTOLOAD"


@attrs.frozen
class EntryPointsFound:
    """Plugins of every distribution that is installed.

    Attributes:
        points: their entry points, of all whose lists can be read.
        faults: a sentence or two about each whose list cannot.
    """

    points: tuple[metadata.EntryPoint, ...]
    faults: tuple[str, ...] = ()


def installed_entry_points() -> EntryPointsFound:
    """What is installed; read from disk."""
    if _strict:
        return _one_by_one()
    try:
        found = metadata.entry_points()
        ours = filter(_is_ours, found.groups)
        return EntryPointsFound(tuple(point for group in ours for point in found.select(group=group)))
    except Exception:  # noqa: BLE001 - the library stops at the first malformed line, whoever's it is, in any way
        return _one_by_one()


def spare_the_others() -> None:
    """Have other libraries pass over damaged lists, too: torch and fsspec read all of them when they are imported.

    Python's own function would stop at them, so nothing that works is changed by this. Torch is told by its variable
    as well, which reaches processes that import it before anything else.
    """
    if not _strict:
        _strict.append(metadata.Distribution.entry_points.fget)  # type: ignore[attr-defined]
        metadata.Distribution.entry_points = property(_lenient)  # type: ignore[assignment, method-assign]
    os.environ.setdefault(TORCH_READS_THEM, "0")


_strict: list[Any] = []
"""Python's own function, where it was replaced."""


def _lenient(distribution: metadata.Distribution) -> Any:
    try:
        return _strictly(distribution)
    except Exception:  # noqa: BLE001 - see above
        return metadata.EntryPoints(())


def _strictly(distribution: metadata.Distribution) -> Any:
    return _strict[0](distribution) if _strict else distribution.entry_points


def name_of(distribution: metadata.Distribution | None) -> str:
    """Name of a distribution as it is compared; one without metadata has none."""
    return canonicalize_name(_stated(distribution, "name"))


def version_of(distribution: metadata.Distribution | None) -> str:
    """Version of a distribution, where it says one."""
    return _stated(distribution, "version")


def _one_by_one() -> EntryPointsFound:
    points: list[metadata.EntryPoint] = []
    faults: list[str] = []
    seen = set()
    for distribution in metadata.distributions():
        name = name_of(distribution)
        if name in seen and name != UNKNOWN:  # one earlier on the path hides those behind it
            continue
        seen.add(name)
        try:
            points += (point for point in _strictly(distribution) if _is_ours(point.group))
        except Exception as error:  # noqa: BLE001 - see above
            faults.append(_fault(distribution, error))
    return EntryPointsFound(tuple(points), tuple(faults))


def _is_ours(group: str) -> bool:
    return group.startswith(GROUP_BEGINS)


def _fault(distribution: metadata.Distribution, error: Exception) -> str:
    name, file = name_of(distribution), distribution.locate_file("")
    return (
        f"The entry points of {name} {version_of(distribution)} (in {file}) cannot be read, and whatever it registers "
        f"is left out: {_malformed_line(distribution) or one_line(error)}. Tell its authors, or reinstall it: "
        f"pip install --force-reinstall {name}"
    )


def _malformed_line(distribution: metadata.Distribution) -> str:
    """Which line of ``entry_points.txt`` is none; empty if all of them look well."""
    try:
        lines = (distribution.read_text("entry_points.txt") or "").splitlines()
    except ValueError:
        return "entry_points.txt is no text in UTF-8"
    for number, line in enumerate(map(str.strip, lines), start=1):
        is_section = line.startswith("[") and line.endswith("]")
        if line and not line.startswith("#") and not is_section and "=" not in line:
            return f"line {number} of entry_points.txt is no `name = value`: {line!r}"
    return ""


def _stated(distribution: metadata.Distribution | None, what: str) -> str:
    try:
        stated: Any = getattr(distribution, what)
    except Exception:  # noqa: BLE001 - absent or damaged metadata is told in many ways
        stated = None
    return str(stated or UNKNOWN)
