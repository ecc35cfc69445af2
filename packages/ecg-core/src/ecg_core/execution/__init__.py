"""Apply a function to many items, in this process or in several; executors are plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ecg_core.protocols import Executor, Outcome

if TYPE_CHECKING:
    from ecg_core.config import Choice

DEFAULT_EXECUTOR = "processes"


def map_items(
    function: Callable[[Any], Any], items: Iterable[Any], *, workers: int = 1, executor: Choice | None = None
) -> Iterator[Outcome]:
    """Apply ``function`` to every item; one outcome each, in the order of completion.

    An item that fails gives an outcome with its error and never stops the others. Items are drawn as they are needed,
    so an endless or very long iterable takes constant memory.

    Args:
        function: for several processes it must be importable, a module-level function or a partial of one.
        items: values that can be pickled where several processes are used.
        workers: how many processes at a time, where no executor is given.
        executor: an ``ecg.executors`` plugin with its options.

    Raises:
        PluginError: no executor has the name, or it is broken.
    """
    return (make_executor(workers=workers) if executor is None else executor.make()).map(function, items)


def make_executor(name: str = DEFAULT_EXECUTOR, **options: Any) -> Executor:
    """An executor by name, with those of its options that are given.

    Raises:
        PluginError: no executor has the name, or it is broken.
    """
    from ecg_core.config.choice import default_choice

    executor: Executor = default_choice("executors", name, options).make()
    return executor
