"""The seams: what a plugin of each kind must offer. No base class is needed, only these methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

import attrs

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor, nn

    from ecg_core.context import Precision, RunContext
    from ecg_core.record import Record

    Batch = Mapping[str, Tensor]

ItemT = TypeVar("ItemT")
ValueT = TypeVar("ValueT")


@attrs.frozen
class Availability:
    """Whether a backend can be used here, and if not, why and what would help.

    Attributes:
        ok: it can.
        reason: what was found, one sentence: ``2 CPU cores`` or ``no NVIDIA driver``.
        fix: what to do about it, empty where ``ok``.
        details: what `ecg doctor` shows of devices, drivers and libraries, by name.
    """

    ok: bool
    reason: str
    fix: str = ""
    details: Mapping[str, str] = attrs.field(factory=dict)


@runtime_checkable
class Backend(Protocol):
    """The only place that knows a device family.

    Attributes:
        name: ``cpu``, ``cuda``, ``xla`` or a plugin's.
        hardware: what it really got: ``CPU``, ``NVIDIA H200``, ``TPU v6e``. Valid after `setup`.
        device: where tensors go. Valid after `setup`.
        rank: number of this process among ``world_size``.
        world_size: number of processes.
        num_replicas: number of devices that share a batch: processes, or the devices of one SPMD process.
    """

    name: str
    hardware: str
    device: torch.device
    rank: int
    world_size: int
    num_replicas: int

    def available(self) -> Availability:
        """Whether it can be used here; quick, and imports nothing heavy."""

    def setup(self, *, seed: int) -> None:
        """Take the device and seed it.

        Raises:
            BackendUnavailable: it is not here; there is no fall-back.
        """

    def launch(self, function: Callable[..., Any], *args: Any, devices: int | None = None) -> Any:
        """Run ``function(backend, *args)`` on that many devices of this host (None: all); gives rank 0's value."""

    def prepare(self, model: nn.Module, *, train: bool) -> nn.Module:
        """Move a module to the device, and wrap it for gradient exchange when ``train``."""

    def loader(self, batches: Iterable[Batch], *, whole: bool = True) -> Iterator[Batch]:
        """The batches on the device, each split or sharded over the replicas along its first axis.

        With ``whole`` false they hold this process's share alone, as `Dataset.share` made it.
        """

    def autocast(self, precision: Precision) -> AbstractContextManager[None]:
        """Mixed precision for a forward pass; nothing with ``fp32``.

        Raises:
            ConfigError: another precision than these was asked for.
        """

    def seed_step(self, seed: int) -> None:
        """Reseed before a step, so that a resumed run draws the same numbers."""

    def sync(self) -> None:
        """A step boundary; nothing except where a step is compiled as a whole."""

    def reduce_mean(self, tensor: Tensor) -> Tensor:
        """Mean over the processes of a tensor, which may lie on the device or on the host, and stays where it is."""

    def to_host(self, tree: Any) -> Any:
        """A copy of a nested structure with every tensor on the CPU."""

    def barrier(self) -> None:
        """Wait for every process."""

    def diagnostics(self) -> dict[str, Any]:
        """``hardware`` and whatever the family can tell: compilations, operators that fell back to the host."""

    def close(self) -> None:
        """Leave the process group, stop children."""


class Model(Protocol):
    """A ``torch.nn.Module`` that says how to make a loss from a batch and what to measure.

    The plugin is made of its options, an instance of the class that its spec names (`ModelSpec.config`), and of what
    the task tells every model that may be chosen for it: ``SegUNet(options, request)`` for `seg.train`. Without a class
    of options it is made of the request alone.

    ``forward`` is for inference and export and takes plain tensors. A model that reads or makes signals may hold a
    ``signal_contract``, a mapping of plain values (rate, unit, leads …) that is saved with every checkpoint.

    One that has something to show may also have ``pictures() -> Mapping[str, np.ndarray]``: uint8 RGB, shape (height,
    width, 3), by name. After every evaluation the first process asks the model that was evaluated (the running average
    where there is one) and writes ``pictures/<name>-step-0001000.png`` in the run folder. What it draws must not depend
    on the random state of the process.

    One that has changed may also have ``adopted(tensors) -> Mapping[str, Tensor]``: a training that begins with other
    weights (``begin_with``) puts into it what this makes of them, so that weights with other classes can be taken over
    class by class. What it leaves as it is must fit. It says in the log what is begun anew.
    """

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``loss``, a scalar to minimise, and any other scalars to log. Static shapes, no host synchronisation."""

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Additive statistics of a batch (sums, counts, a confusion matrix); the trainer adds them up."""

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Figures from the statistics added up over an evaluation."""


class Dataset(Protocol):
    """Makes batches, the same for the same arguments, so that a run can stop and go on.

    The plugin is made of its options (`DatasetSpec.config`) and of what the task asks of every data set that may be
    chosen for it, as a `Model` is.

    One whose batches are dear may also have ``share(rank, world_size) -> Dataset``: the same with one process's part of
    every batch alone, equal parts that together are the whole. Without it each process makes whole batches. One that
    has something to tell at the end, how many examples were damaged say, may have ``summary() -> Mapping[str, Any]``.

    Attributes:
        steps_per_epoch: batches in an epoch of ``train``; None where it never ends.
    """

    steps_per_epoch: int | None

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """Batches of ``train`` or ``validation`` from ``start_step`` of an epoch on; every batch has one shape."""


class Trainer(Protocol):
    """Fits a model on a data set over a backend."""

    def fit(self, model: Model, dataset: Dataset, config: Any, context: RunContext) -> Mapping[str, Any]:
        """Train, save checkpoints in ``context.out_dir``, and return a summary."""


class Backbone(Protocol):
    """A feature pyramid: ``forward(images)`` returns a list of maps, fine to coarse.

    Attributes:
        channels: number of channels of each map.
        reductions: by how much each map is smaller than the input.
    """

    channels: Sequence[int]
    reductions: Sequence[int]


class Format(Protocol):
    """Reads, and may write, records of one file format.

    A format whose records are several files may also have ``companions(path) -> list[str]``: the names of the files
    beside ``path`` that `read` needs, asked of every file of a remote record that has arrived.
    """

    def read(self, path: Path) -> Record:
        """A record from a local file.

        Raises:
            DataError: naming the file and what is wrong with it.
        """

    def write(self, record: Record, path: Path) -> list[Path]:
        """Write a record, atomically; returns the files made."""


@attrs.frozen
class Outcome:
    """What became of one item: a value, or the error that it met.

    Attributes:
        index: its place among the items.
        item: the item.
        value: what the function returned, None after an error.
        error: the exception, None if all went well.
    """

    index: int
    item: Any
    value: Any = None
    error: BaseException | None = None


@attrs.frozen
class Limits:
    """What the work on one item may take.

    Attributes:
        seconds: how long, of every piece of it; None for no limit.
        memory_bytes: memory of the process that works on it, with what that holds anyway; None for no limit.
    """

    seconds: float | None = None
    memory_bytes: float | None = None


NO_LIMITS = Limits()


class Executor(Protocol):
    """Applies a function to many items; one that fails never stops the others.

    The function may have two attributes, which an executor may pass over. ``limits`` are the `Limits` of an item: one
    that works in processes which it can kill keeps to them, with an `ecg_core.processes.WorkerStopped` for the error.
    ``get_ready()`` may be called in each process before its first item; time counts from there.
    """

    def map(self, function: Callable[[ItemT], ValueT], items: Iterable[ItemT]) -> Iterator[Outcome]:
        """One outcome an item, in the order of completion.

        Items are drawn as they are needed, a bounded number ahead; an outcome is given as soon as it is there. What is
        under way when the iterator is closed is left off, and no process stays behind.
        """


Network = Callable[["np.ndarray"], tuple["np.ndarray", ...]]
"""A network that an engine has opened: uint8 (batch, 3, height, width), sides a multiple of what it asks for, to its
outputs in float32."""
