"""An executor that works in threads of this process, for work that waits more than it computes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

import attrs

from ecg_core.config import option
from ecg_core.protocols import ItemT, Outcome, ValueT


@attrs.frozen(kw_only=True)
class ThreadsConfig:
    """Options of the executor ``acme-threads``."""

    threads: int = option(2, minimum=1, help="threads that work at a time")


class ThreadsExecutor:
    """Applies a function in threads.

    Args:
        config: how many.
    """

    def __init__(self, config: ThreadsConfig) -> None:
        self.num_threads = config.threads

    def map(self, function: Callable[[ItemT], ValueT], items: Iterable[ItemT]) -> Iterator[Outcome]:
        """One outcome an item, as soon as it is there; two items a thread are drawn ahead."""
        queue = enumerate(items)
        with ThreadPoolExecutor(self.num_threads) as pool:
            pending: dict[Future[ValueT], tuple[int, ItemT]] = {}
            while True:
                for index, item in islice(queue, 2 * self.num_threads - len(pending)):
                    pending[pool.submit(function, item)] = index, item
                if not pending:
                    return
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    index, item = pending.pop(future)
                    error = future.exception()
                    yield Outcome(index, item, value=None if error else future.result(), error=error)
