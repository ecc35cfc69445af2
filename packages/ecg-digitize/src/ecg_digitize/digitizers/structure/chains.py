"""Things along a line that follow each other closely, taken together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def in_chains(things: Iterable[T], place_mm: Callable[[T], float], apart_mm: float) -> list[list[T]]:
    """Things in the order of their places, a new chain wherever the next one lies farther than so much from the last.

    Args:
        things: in any order.
        place_mm: where each lies.
        apart_mm: how far from the one before the next of a chain lies at most.
    """
    chains: list[list[T]] = []
    for thing in sorted(things, key=place_mm):
        if not chains or place_mm(thing) - place_mm(chains[-1][-1]) > apart_mm:
            chains.append([])
        chains[-1].append(thing)
    return chains
