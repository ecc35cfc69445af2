"""Values that a style leaves to chance, as they stand in a file.

``{between: [0.2, 0.4]}`` is any number between two, and any colour between two colours; ``{one_of: [a, b, b]}`` is one
of several values, lists or whole groups of options, each as likely as the others. What is neither is itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

BETWEEN, ONE_OF = "between", "one_of"


def draw(tree: Any, rng: np.random.Generator) -> Any:
    """The tree with every choice taken.

    Raises:
        ValueError: a choice is not of its form.
    """
    if isinstance(tree, Mapping):
        if ONE_OF in tree:
            options = _options(tree)
            return draw(options[int(rng.integers(len(options)))], rng)
        if BETWEEN in tree:
            return _between(tree, float(rng.random()))
        return {key: draw(value, rng) for key, value in tree.items()}
    return [draw(value, rng) for value in tree] if isinstance(tree, list) else tree


def every_choice(tree: Any) -> Iterator[Any]:
    """Trees without choices in which each option, and either end of each range, comes at least once.

    Raises:
        ValueError: a choice is not of its form.
    """
    if isinstance(tree, Mapping) and ONE_OF in tree:
        for option in _options(tree):
            yield from every_choice(option)
    elif isinstance(tree, Mapping) and BETWEEN in tree:
        yield from (_between(tree, share) for share in (0.0, 1.0))
    elif isinstance(tree, Mapping):
        yield from (dict(zip(tree, values, strict=True)) for values in _each_part(list(tree.values())))
    elif isinstance(tree, list):
        yield from _each_part(tree)
    else:
        yield tree


def _each_part(parts: list[Any]) -> Iterator[list[Any]]:
    """Lists in which one part after the other takes each of its choices, the rest their first."""
    firsts = [next(every_choice(part)) for part in parts]
    yield firsts
    for place, part in enumerate(parts):
        for value in islice(every_choice(part), 1, None):
            yield [*firsts[:place], value, *firsts[place + 1 :]]


def _options(tree: Mapping[str, Any]) -> list[Any]:
    options = tree[ONE_OF]
    if len(tree) > 1 or not isinstance(options, list) or not options:
        raise ValueError(f"{ONE_OF} takes a list of values and stands alone, found {dict(tree)!r}")
    return options


def _between(tree: Mapping[str, Any], share: float) -> Any:
    ends = tree[BETWEEN]
    if len(tree) > 1 or not isinstance(ends, list) or len(ends) != 2:
        raise ValueError(f"{BETWEEN} takes two numbers or two colours and stands alone, found {dict(tree)!r}")
    low, high = ends
    if _is_number(low) and _is_number(high) and low <= high:
        return low + (high - low) * share
    if _is_colour(low) and _is_colour(high):
        return [round(first + (last - first) * share) for first, last in zip(low, high, strict=True)]
    raise ValueError(f"{BETWEEN} takes two numbers, the lower first, or two colours, found {ends!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_colour(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(map(_is_number, value))
