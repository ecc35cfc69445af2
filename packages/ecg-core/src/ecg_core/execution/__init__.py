"""Apply a function to many items, in this process or in several; engines come as plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ecg_core.protocols import Executor, Outcome


def map_items(
    function: Callable[[Any], Any], items: Iterable[Any], *, workers: int = 1, executor: str | None = None
) -> Iterator[Outcome]:
    """Apply ``function`` to every item; one outcome each, in the order of completion.

    An item that fails gives an outcome with its error and never stops the others. Items are drawn as they are needed,
    so an endless or very long iterable takes constant memory.

    Args:
        function: for several processes it must be importable, a module-level function or a partial of one.
        items: values that can be pickled where several processes are used.
        workers: how many at a time.
        executor: name of an ``ecg.executors`` plugin; ``serial`` for one worker, else ``processes``, by default.
    """
    return make_executor(executor, workers=workers).map(function, items)


def make_executor(name: str | None = None, *, workers: int = 1) -> Executor:
    """An executor by name, or the built-in that fits the number of workers.

    Raises:
        PluginError: no executor has the name, or it is broken.
    """
    from ecg_core.plugins.registry import registry

    executor: Executor = registry().load("executors", name or ("serial" if workers <= 1 else "processes"))(workers)
    return executor
