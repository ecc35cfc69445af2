"""One item after the other, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ecg_core.plugins.guard import guarded
from ecg_core.protocols import ItemT, Outcome, ValueT


class SerialExecutor:
    """Applies the function here and now."""

    def map(self, function: Callable[[ItemT], ValueT], items: Iterable[ItemT]) -> Iterator[Outcome]:
        for index, item in enumerate(items):
            yield _apply(function, index, item)


def _apply(function: Callable[[ItemT], ValueT], index: int, item: ItemT) -> Outcome:
    """Apply the function to one item and catch what it raises."""
    try:
        with guarded():
            return Outcome(index, item, value=function(item))
    except Exception as error:  # noqa: BLE001 - whatever an item raises is its outcome
        return Outcome(index, item, error=error)
