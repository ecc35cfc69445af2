"""The contract of an executor."""

from __future__ import annotations

import itertools
import math
import operator
from typing import Any

import pytest

from ecg_core.config.choice import default_choice
from ecg_core.protocols import Executor
from ecg_core.testing.contract import Contract


class ExecutorContract(Contract):
    """What every plugin under ``ecg.executors`` must do.

    Attributes:
        name: of the executor.
        options: of it, for the tests.
        most_ahead: items that it may draw before the first outcomes are asked for.
    """

    options: dict[str, Any] = {}  # noqa: RUF012 - overridden as a whole
    most_ahead: int = 32

    @pytest.fixture
    def executor(self) -> Executor:
        """The executor, made of its options."""
        made: Executor = default_choice("executors", self.name, self.options).make()
        return made

    def test_every_item_has_one_outcome(self, executor: Executor) -> None:
        items = [float(number) for number in range(12)]
        outcomes = sorted(executor.map(math.sqrt, items), key=lambda outcome: outcome.index)
        assert [(each.index, each.item, each.value, each.error) for each in outcomes] == [
            (index, item, math.sqrt(item), None) for index, item in enumerate(items)
        ]

    def test_no_items_no_outcomes(self, executor: Executor) -> None:
        assert list(executor.map(math.sqrt, [])) == []

    def test_an_item_that_fails_stops_no_other(self, executor: Executor) -> None:
        outcomes = sorted(executor.map(math.sqrt, [4.0, -1.0, 9.0]), key=lambda outcome: outcome.index)
        assert [each.value for each in outcomes] == [2.0, None, 3.0]
        assert [type(each.error) for each in outcomes] == [type(None), ValueError, type(None)]

    def test_items_are_drawn_as_they_are_needed(self, executor: Executor) -> None:
        drawn = itertools.count()
        outcomes = iter(executor.map(operator.neg, drawn))
        assert all(next(outcomes).error is None for _ in range(3))
        close = getattr(outcomes, "close", None)
        if close is not None:
            close()
        assert next(drawn) <= 3 + self.most_ahead, "a batch of a million items must not wait for the last to be drawn"

    def test_it_can_be_used_again(self, executor: Executor) -> None:
        for _ in range(2):
            assert [outcome.value for outcome in executor.map(operator.neg, [1])] == [-1]
