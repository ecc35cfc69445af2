"""The contract of a data set."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from ecg_core.testing.contract import EnrolledContract

SPLITS = ("train", "validation")

Maker = Callable[..., Any]
"""Makes the data set, of a seed."""


class DatasetContract(EnrolledContract):
    """What every plugin under ``ecg.datasets`` must do. Skipped without torch.

    A package whose task trains on data sets has a subclass that says what its task asks of them and what batches it
    takes (`ecg_seg.testing.SegDatasetContract`); subclass that one for a data set of its task.

    Attributes:
        fields: of a batch by name: dtype, and shape without the first axis; None stands for any length.
    """

    kind = "datasets"
    fields: Mapping[str, tuple[str, tuple[int | None, ...]]] = {}

    def options_of(self, name: str, folder: Path) -> Mapping[str, Any]:
        """Options that make a small data set of few steps an epoch; files that it needs may be made in ``folder``."""
        return {}

    def request(self, *, seed: int) -> Any:
        """What the task asks of a data set, an even number of examples a batch, no workers."""
        raise NotImplementedError("say what the task asks of a data set, by request(seed=…)")

    @pytest.fixture
    def torch(self) -> Any:
        """The torch module."""
        return pytest.importorskip("torch")

    @pytest.fixture
    def make(self, torch: Any, tmp_path: Path) -> Maker:
        """Makes the data set."""
        chosen = self.chosen(self.options_of(self.name, tmp_path))
        return lambda seed=0: chosen.make(self.request(seed=seed))

    def test_every_batch_of_a_split_has_one_shape_and_the_fields_of_the_task(self, torch: Any, make: Maker) -> None:
        data = make()
        for split in SPLITS:
            batches = some(data, split, 3)
            assert batches, split
            shapes = {tuple(sorted((name, tuple(tensor.shape)) for name, tensor in each.items())) for each in batches}
            assert len(shapes) == 1, f"{split}: batches of several shapes would be compiled one by one"
            assert len({len(tensor) for tensor in batches[0].values()}) == 1, f"{split}: examples are the first axis"
            for name, (dtype, shape) in self.fields.items():
                assert str(batches[0][name].dtype) == f"torch.{dtype}", f"{split}: {name}"
                assert matches(batches[0][name].shape[1:], shape), f"{split}: {name} {tuple(batches[0][name].shape)}"

    def test_an_epoch_has_as_many_batches_as_it_says(self, torch: Any, make: Maker) -> None:
        data = make()
        if data.steps_per_epoch is None:
            pytest.skip("its epochs never end")
        assert data.steps_per_epoch > 0
        assert len(some(data, "train", data.steps_per_epoch + 1)) == data.steps_per_epoch

    def test_equal_seeds_give_equal_batches_and_others_other_ones(self, torch: Any, make: Maker) -> None:
        one, same, other = (some(make(seed), "train", 2) for seed in (0, 0, 1))
        assert equal(torch, one, same)
        assert not equal(torch, one, other)

    def test_an_epoch_goes_on_where_it_stopped(self, torch: Any, make: Maker) -> None:
        whole = some(make(), "train", 3, epoch=1)
        if len(whole) < 2:
            pytest.skip("an epoch of these options has one batch")
        assert equal(torch, some(make(), "train", len(whole) - 1, epoch=1, start_step=1), whole[1:])

    def test_epochs_of_training_differ_and_those_of_validation_do_not(self, torch: Any, make: Maker) -> None:
        data = make()
        if data.steps_per_epoch is not None:  # data without end has one epoch alone
            assert not equal(torch, some(data, "train", 2, epoch=0), some(data, "train", 2, epoch=1))
        assert equal(torch, some(data, "validation", 2, epoch=0), some(data, "validation", 2, epoch=1))

    def test_nothing_that_is_trained_on_is_validated_on(self, torch: Any, make: Maker) -> None:
        data = make()
        assert not equal(torch, some(data, "train", 1), some(data, "validation", 1))

    def test_it_travels_to_other_processes(self, torch: Any, make: Maker) -> None:
        data = make()
        assert equal(torch, some(pickle.loads(pickle.dumps(data)), "train", 2), some(data, "train", 2))

    def test_the_shares_of_processes_are_the_whole(self, torch: Any, make: Maker) -> None:
        data = make()
        if not hasattr(data, "share"):
            pytest.skip("it makes whole batches in every process")
        for split in SPLITS:
            parts = [some(data.share(rank, 2), split, 2) for rank in (0, 1)]
            together = [
                {name: torch.cat((one[name], other[name])) for name in one} for one, other in zip(*parts, strict=True)
            ]
            assert equal(torch, together, some(data, split, 2)), split

    def test_what_it_tells_at_the_end_is_plain(self, torch: Any, make: Maker) -> None:
        data = make()
        if not hasattr(data, "summary"):
            pytest.skip("it tells nothing at the end")
        some(data, "train", 1)
        assert isinstance(data.summary(), Mapping)


def some(data: Any, split: str, count: int, *, epoch: int = 0, start_step: int = 0) -> list[Mapping[str, Any]]:
    """The first batches of a split."""
    batches = iter(data.batches(split, epoch=epoch, start_step=start_step))
    if not hasattr(batches, "close"):
        return list(islice(batches, count))
    with closing(batches):
        return list(islice(batches, count))


def equal(torch: Any, some_batches: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> bool:
    """Whether batches hold the same, one by one."""
    return len(some_batches) == len(others) and all(
        one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
        for one, other in zip(some_batches, others, strict=True)
    )


def matches(shape: Iterable[int], expected: Sequence[int | None]) -> bool:
    """Whether a shape is the one that is expected, None standing for any length."""
    lengths = tuple(shape)
    return len(lengths) == len(expected) and all(
        wanted in (None, length) for length, wanted in zip(lengths, expected, strict=True)
    )
