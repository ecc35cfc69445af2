from __future__ import annotations

import pytest

from ecg_core.context import Failure
from ecg_core.errors import DataError


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DataError("a/b.png: the file is empty"), "the file is empty"),
        (DataError("the header of b.png is cut short"), "the header of b.png is cut short"),
        (ValueError("odd\nnumber."), "ValueError: odd number"),
    ],
)
def test_a_failure_names_its_item_once_and_a_bug_by_its_type(error, reason):
    assert Failure.from_error("a/b.png", error) == Failure("a/b.png", reason)
