"""Events of a run, for loggers, trackers and schedulers of others.

A hook plugin is a module or object under the entry-point group ``ecg.hooks`` whose functions carry ``@hookimpl`` and
have the names below. A function may take fewer arguments than its specification names, so specifications can grow.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from ecg_core.errors import PluginBroken, one_line
from ecg_core.plugins.entry import PluginEntry
from ecg_core.plugins.guard import guarded
from ecg_core.plugins.loading import load_guarded

if TYPE_CHECKING:
    from ecg_core.context import RunContext

PROJECT = "ecg"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HookSpecs:
    """Every event. ``context`` is the run's `ecg_core.context.RunContext`; in several processes only rank 0 tells."""

    @hookspec
    def run_start(self, context: RunContext) -> None:
        """A task is about to start; its run folder holds ``config.yaml``."""

    @hookspec
    def run_end(self, context: RunContext, summary: Mapping[str, Any], error: BaseException | None) -> None:
        """A task has ended; ``error`` is None unless it failed."""

    @hookspec
    def step_end(self, context: RunContext, step: int, metrics: Mapping[str, float]) -> None:
        """Optimizer steps up to ``step`` are done; told every ``log_every_steps`` with the figures of the last one."""

    @hookspec
    def epoch_end(self, context: RunContext, epoch: int, metrics: Mapping[str, float]) -> None:
        """An epoch (counted from 1) is done."""

    @hookspec
    def evaluation_end(self, context: RunContext, step: int, metrics: Mapping[str, float]) -> None:
        """The validation split has been measured."""

    @hookspec
    def picture_drawn(self, context: RunContext, name: str, path: Path, step: int) -> None:
        """A model has drawn a picture in an evaluation; ``path`` is its PNG file."""

    @hookspec
    def checkpoint_saved(self, context: RunContext, path: Path, step: int) -> None:
        """A checkpoint folder is complete on disk."""


def make_manager() -> pluggy.PluginManager:
    """A manager that knows the events and no plugin."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(HookSpecs)
    return manager


def register_guarded(manager: pluggy.PluginManager, entry: PluginEntry) -> PluginBroken | None:
    """Load one hook plugin; a failure is returned, not raised, so that it cannot break the others."""
    try:
        plugin = load_guarded(entry)
    except PluginBroken as error:
        return error
    try:
        with guarded(f"The {entry.title}"):
            manager.register(plugin, name=entry.qualified_name)
            manager.check_pending()
            _check_functions(manager, plugin)
    except Exception as error:  # noqa: BLE001 - pluggy looks through a stranger's object
        if manager.has_plugin(entry.qualified_name):
            manager.unregister(name=entry.qualified_name)
        return PluginBroken(
            f"The {entry.title} cannot be used: {one_line(error)}. The events and their arguments stand in "
            "ecg_core.plugins.hooks.HookSpecs. The fault lies in the plugin itself: tell its authors, or uninstall it."
        )
    return None


def _check_functions(manager: pluggy.PluginManager, plugin: Any) -> None:
    """Refuse what would be registered and never told."""
    callers = manager.get_hookcallers(plugin) or []
    if not callers:
        raise ValueError("no function in it carries @hookimpl from ecg_core.plugins.hooks")
    for implementation in (each for caller in callers for each in caller.get_hookimpls() if each.plugin is plugin):
        if implementation.wrapper or implementation.hookwrapper:
            raise ValueError(
                f"{implementation.function.__name__} is a wrapper; events are told to plain functions only"
            )
