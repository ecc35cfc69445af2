"""What to tell who asks for a command that ``ecg`` does not have."""

from __future__ import annotations

import difflib

import click

from ecg_core.errors import PluginNotFound
from ecg_core.plugins.distributions import VERBS
from ecg_core.plugins.hints import owner_to_install
from ecg_core.plugins.registry import registry


def explain_unknown(ctx: click.Context, name: str, commands: list[str]) -> Exception:
    """The error about a command that is not there, with what to install or what to write instead.

    Args:
        ctx: of the line.
        name: the command that was asked for.
        commands: those that there are.
    """
    installed = registry().distributions()
    absent_verbs = {verb: owner for verb, owner in VERBS.items() if owner not in installed}
    if owner := absent_verbs.get(name):
        return PluginNotFound(f"ecg {name} comes with {owner}: pip install {owner}")
    if owner := owner_to_install(name, installed):
        area = name.partition(".")[0]
        return PluginNotFound(
            f"ecg has no command {name!r}; the tasks of {area} come with {owner}: pip install {owner}"
        )
    return click.UsageError(f"No such command {name!r}. {_way_out(name, commands, absent_verbs)}", ctx)


def _way_out(name: str, commands: list[str], absent_verbs: dict[str, str]) -> str:
    tasks = sorted({entry.name for entry in registry().entries("tasks")})
    if name in tasks:
        return f"It is a task: ecg run {name}"
    if of_area := [task for task in tasks if task.startswith(f"{name}.")]:
        return f"The tasks of {name} are run by `ecg run TASK`: {', '.join(of_area)}."
    close = difflib.get_close_matches(name, [*commands, *absent_verbs], n=1)
    if not close:
        return f"There are {', '.join(commands)}."
    owner = absent_verbs.get(close[0])
    return f"Did you mean {close[0]}?" + (f" It comes with {owner}: pip install {owner}" if owner else "")
