from __future__ import annotations

from itertools import islice
from typing import Any

import attrs
import pytest

torch = pytest.importorskip("torch")

from ecg_core.errors import ConfigError, DataError  # noqa: E402
from ecg_core.training.endless import EndlessBatches  # noqa: E402


def endless(given: int = 3, **options: Any) -> EndlessBatches:
    """Examples are (source, number); a source gives so many."""
    plain: dict[str, Any] = {
        "train": lambda source: [(source, number) for number in range(given)],
        "validation": lambda source: [(-source, number) for number in range(given)],
        "collate": list,
        "batch_size": 6,
        "per_source": 3,
        "steps_per_epoch": 2,
        "validation_batches": 1,
        "workers": 0,
    }
    return EndlessBatches(**{**plain, **options})


def test_each_source_fills_its_places_and_none_comes_twice() -> None:
    batches = [batch for epoch in (0, 1) for batch in endless().batches("train", epoch=epoch)]
    assert batches[0] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert [batch[0][0] for batch in batches] == [0, 2, 4, 6]


def test_without_epochs_the_batches_never_end_and_go_on_where_they_stopped() -> None:
    data = endless(steps_per_epoch=None)
    some = list(islice(data.batches("train", epoch=0), 50))
    assert [batch[0][0] for batch in some] == list(range(0, 100, 2))
    assert list(islice(data.batches("train", epoch=0, start_step=7), 3)) == some[7:10]
    assert len(list(data.batches("validation", epoch=0))) == 1


def test_an_epoch_goes_on_where_it_stopped() -> None:
    assert list(endless().batches("train", epoch=1, start_step=1)) == list(endless().batches("train", epoch=1))[1:]


def test_validation_is_the_same_in_every_epoch() -> None:
    first, later = (list(endless().batches("validation", epoch=epoch)) for epoch in (0, 7))
    assert first == later == [[(0, 0), (0, 1), (0, 2), (-1, 0), (-1, 1), (-1, 2)]]


def test_a_source_with_too_few_is_used_again() -> None:
    assert next(endless(given=2).batches("train", epoch=0))[:3] == [(0, 0), (0, 1), (0, 0)]


def test_a_source_with_none_is_replaced_by_one_that_no_batch_asks_for() -> None:
    data = attrs.evolve(endless(), train=lambda source: [] if source < 100 else [(source, 0)])
    sources = {source for batch in data.batches("train", epoch=0) for source, _ in batch}
    assert min(sources) > 10**9
    assert len(sources) == 4
    with pytest.raises(DataError, match="gave no example"):
        next(attrs.evolve(endless(), train=lambda source: []).batches("train", epoch=0))


@pytest.mark.parametrize("world_size", [2, 3, 6])
def test_the_parts_of_processes_are_the_whole_and_made_once(world_size: int) -> None:
    whole = next(endless().batches("train", epoch=0))
    parts = [next(endless().share(rank, world_size).batches("train", epoch=0)) for rank in range(world_size)]
    assert [example for part in parts for example in part] == whole
    assert len({len(part) for part in parts}) == 1


def test_what_cannot_be_shared_and_what_gives_nothing() -> None:
    with pytest.raises(ConfigError, match="6 examples cannot be shared equally by 4 processes"):
        next(endless().share(0, 4).batches("train", epoch=0))
    with pytest.raises(ConfigError, match="at least one example"):
        endless(per_source=0)
