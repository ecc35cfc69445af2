"""What to tell about a name that nobody registers: what to install, the nearest name, or what there is."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence

from ecg_core.plugins.distributions import AREAS

NAMES_IN_A_MESSAGE = 16
"""More are not told one by one."""


def way_out(kind: str, name: str, names: Sequence[str], installed: Collection[str]) -> str:
    """What to do about the name of a plugin that nobody registers, in a sentence or two.

    Args:
        kind: of the plugin, ``tasks`` say.
        name: that was asked for.
        names: those of the kind that there are.
        installed: the distributions that are installed.
    """
    area = name.partition(".")[0]
    of_area = [each for each in names if each.startswith(f"{area}.")]
    if not of_area and (owner := owner_to_install(name, installed)):
        return f"The {kind} of {area} come with {owner}: pip install {owner}"
    if name == area and of_area:  # `digitize`, which misspells none of them
        return f"{_there_are(kind, of_area)}"
    return did_you_mean(name, of_area or names) + _there_are(kind, names)


def owner_to_install(name: str, installed: Collection[str]) -> str | None:
    """The distribution of this project that brings names like this one; None if it is installed, or nobody does."""
    owner = AREAS.get(name.partition(".")[0])
    return None if owner in installed else owner


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """``Did you mean seg.train? `` with the nearest of the names; empty if none is near."""
    close = difflib.get_close_matches(name, list(names), n=1)
    return f"Did you mean {close[0]}? " if close else ""


def _there_are(kind: str, names: Sequence[str]) -> str:
    if len(names) > NAMES_IN_A_MESSAGE:
        return f"`ecg list {kind}` shows the {len(names)} that are installed."
    return f"Installed: {', '.join(names) or 'none at all'}. `ecg list {kind}` shows where each comes from."
