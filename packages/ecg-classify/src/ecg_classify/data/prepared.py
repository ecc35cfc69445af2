"""The data set `classify.prepared`: batches of what `classify.prepare` made, each recording read when it is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ecg_classify.data.augment import augmented, mixed
from ecg_classify.data.index import Entry, read_index
from ecg_classify.options import ClassifyDataRequest, PreparedConfig
from ecg_classify.prepare.store import open_store
from ecg_classify.signals import NUM_SAMPLES, Prepared
from ecg_core.errors import DataError
from ecg_core.leads import STANDARD_LEADS
from ecg_core.training.prefetch import made_ahead
from ecg_core.training.share import Share

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

MIXED_ALPHA = 0.4
"""Parameter of the beta distribution that shares are drawn from: most are near 0 or 1."""

NOTHING = Prepared(
    signal=np.zeros((len(STANDARD_LEADS), NUM_SAMPLES), np.float32),
    seen=np.zeros((len(STANDARD_LEADS), NUM_SAMPLES), bool),
)


class PreparedData:
    """Batches of ``signal``, ``seen``, ``target`` and ``counts`` (0 where a last batch is merely filled up).

    Args:
        config: of the data set.
        request: of the task.

    Raises:
        ConfigError: no folder is named.
        DataError: nothing is in it to train on.
    """

    def __init__(self, config: PreparedConfig, request: ClassifyDataRequest) -> None:
        self._config, self._request, self._seed = config, request, request.seed
        self._entries: dict[str, list[Entry]] = {"train": [], "validation": [], "test": []}
        for entry in read_index(config, seed=request.seed):
            self._entries.setdefault(entry.split, []).append(entry)
        if not self._entries["train"]:
            raise DataError(f"{config.folder}: no recording is in the split train")
        self._store = open_store(config.prepared_folder())
        self._weights = draw_weights(self._entries["train"], config.balance)
        self._share = Share()
        self._steps = max(1, len(self._entries["train"]) // request.batch_size)
        self.steps_per_epoch: int | None = self._steps

    def entries(self, split: str) -> Sequence[Entry]:
        """The recordings of a split, in the order of its batches where that is not ``train``."""
        return self._entries[split]

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """``signal`` float32 and ``seen`` bool (batch, 12, 5000), ``target`` float32 (batch, 5), ``counts`` (batch)."""
        steps = self._steps if split == "train" else -(-len(self._entries[split]) // self._request.batch_size)
        first = epoch * steps if split == "train" else 0
        make = self._train_batch if split == "train" else partial(self._plain_batch, split)
        return made_ahead(make, start=first + start_step, stop=first + steps, workers=self._request.workers)

    def share(self, rank: int, world_size: int) -> PreparedData:
        """The same with a process's part of every batch."""
        part = copy(self)
        part._share = Share(rank, world_size)
        return part

    def _train_batch(self, number: int) -> Batch:
        entries = self._entries["train"]
        epoch, step = divmod(number, self._steps)
        order = np.random.default_rng((self._seed, epoch)).choice(
            len(entries), size=self._steps * self._request.batch_size, p=self._weights
        )
        examples: list[tuple[Prepared, Sequence[float]]] = []
        for place in self._share.places(self._request.batch_size):
            rng = np.random.default_rng((self._seed, epoch, step, place))
            entry = entries[order[step * self._request.batch_size + place]]
            whole, target = self._mixed(entry, rng)
            examples.append((augmented(whole, self._config.augment, rng), target))
        return _batch(examples, len(examples))

    def _mixed(self, entry: Entry, rng: np.random.Generator) -> tuple[Prepared, Sequence[float]]:
        """A recording with its target, or with those of another one mixed in."""
        whole = self._store.read(entry.name, entry.row)
        if rng.random() >= self._config.augment.mixed:
            return whole, entry.target
        other = self._entries["train"][int(rng.choice(len(self._weights), p=self._weights))]
        share = float(rng.beta(MIXED_ALPHA, MIXED_ALPHA))
        second = self._store.read(other.name, other.row)
        return mixed(whole, second, share), (
            share * np.array(entry.target) + (1 - share) * np.array(other.target)
        ).tolist()

    def _plain_batch(self, split: str, step: int) -> Batch:
        entries = self._entries[split]
        numbers = [step * self._request.batch_size + place for place in self._share.places(self._request.batch_size)]
        there = [entries[number] for number in numbers if number < len(entries)]
        return _batch([(self._store.read(entry.name, entry.row), entry.target) for entry in there], len(numbers))


def draw_weights(entries: Sequence[Entry], balance: float) -> np.ndarray:
    """Probability of each recording to be drawn: that of a rare class is drawn more often.

    Args:
        entries: the recordings.
        balance: 0 draws all alike, 1 makes the classes alike.
    """
    counts = Counter(label for entry in entries for label in entry.classes)
    weights = np.array([max((1 / counts[label]) ** balance for label in entry.classes) for entry in entries])
    return np.asarray(weights / weights.sum())


def _batch(examples: Sequence[tuple[Prepared, Sequence[float]]], size: int) -> Batch:
    """Examples as tensors, filled up to a size with what does not count."""
    import torch

    missing = size - len(examples)
    signals = [prepared.signal for prepared, _ in examples] + [NOTHING.signal] * missing
    seen = [prepared.seen for prepared, _ in examples] + [NOTHING.seen] * missing
    targets = [list(target) for _, target in examples] + [[0.0] * 4 + [1.0]] * missing
    return {
        "signal": torch.from_numpy(np.stack(signals)),
        "seen": torch.from_numpy(np.stack(seen)),
        "target": torch.tensor(targets, dtype=torch.float32),
        "counts": torch.tensor([1.0] * len(examples) + [0.0] * missing),
    }
