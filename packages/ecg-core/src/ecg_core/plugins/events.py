"""Tell the hooks that are installed of what happens in a run."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, Any

import pluggy

from ecg_core.errors import PluginBroken, one_line
from ecg_core.plugins.entry import HOOKS
from ecg_core.plugins.guard import guarded
from ecg_core.plugins.hooks import make_manager, register_guarded
from ecg_core.plugins.registry import registry

if TYPE_CHECKING:
    from ecg_core.context import RunContext

log = logging.getLogger(__name__)


@cache
def installed_hooks() -> pluggy.PluginManager:
    """Every hook plugin that is installed and loads; the broken ones are logged once."""
    manager = make_manager()
    for entry in registry().entries(HOOKS):
        if failure := register_guarded(manager, entry):
            log.warning("%s", failure)
    return manager


def fire(event: str, context: RunContext, *, manager: pluggy.PluginManager | None = None, **values: Any) -> None:
    """Tell every hook of an event, one after the other; one that raises is logged and the next is told.

    Args:
        event: name of a function of `ecg_core.plugins.hooks.HookSpecs`.
        context: of the run; it may ask for silence by ``tell_hooks``.
        manager: of the hooks to tell; those that are installed by default.
        **values: the other arguments of the event.
    """
    if not context.tell_hooks:
        return
    caller = getattr((manager or installed_hooks()).hook, event)
    told = {"context": context, **values}
    for implementation in reversed(caller.get_hookimpls()):
        try:
            with guarded(f"The hook plugin {implementation.plugin_name}", event):
                implementation.function(*(told[name] for name in implementation.argnames))
        except PluginBroken as error:
            log.warning("%s", error)
        except Exception as error:
            log.warning("hook plugin %s failed in %s: %s", implementation.plugin_name, event, one_line(error))
            log.debug("where hook plugin %s failed", implementation.plugin_name, exc_info=True)
