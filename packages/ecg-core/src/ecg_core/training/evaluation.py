"""Measure a model on the validation split."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from ecg_core.context import Precision
    from ecg_core.protocols import Backend, Batch, Dataset


@torch.no_grad()
def evaluate(
    model: Any,
    dataset: Dataset,
    backend: Backend,
    *,
    precision: Precision,
    seed: int,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, float] | None:
    """Figures of a model on ``validation``.

    The statistics of the batches are added up on the device, then over the processes on the host, in double
    precision; the model makes its figures of the sums.

    Args:
        model: on the device; it is left in evaluation mode.
        dataset: the validation split is read as of epoch 0, so that it is the same every time.
        backend: set up.
        precision: of the forward pass.
        seed: of what an evaluation may draw.
        stop: asked before each batch.

    Returns:
        The figures, empty if there are no validation batches; None if ``stop`` said so.
    """
    model.eval()
    _take_buffers_of_first(model, backend)
    backend.seed_step(seed)
    totals: dict[str, Tensor] = {}
    for batch in loaded(dataset, backend, "validation", epoch=0):
        if stop():
            return None
        with backend.autocast(precision):
            statistics = model.evaluation_step(batch)
        totals = {name: totals[name] + value if totals else value for name, value in statistics.items()}
        backend.sync()
    if not totals:
        return {}
    return {name: float(value) for name, value in model.figures(_over_processes(totals, backend)).items()}


def loaded(dataset: Dataset, backend: Backend, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
    """Batches of a split on the device; where several processes train, a data set that can makes each its share."""
    share = getattr(dataset, "share", None)
    if share is None or backend.world_size == 1:
        return backend.loader(dataset.batches(split, epoch=epoch, start_step=start_step))
    part = share(backend.rank, backend.world_size)
    return backend.loader(part.batches(split, epoch=epoch, start_step=start_step), whole=False)


def _take_buffers_of_first(model: Any, backend: Backend) -> None:
    """Give all processes the buffers of the first, whose checkpoints hold them: each has seen other batches."""
    if backend.world_size == 1:
        return
    for buffer in model.buffers():
        if buffer.is_floating_point():
            shared = backend.reduce_mean(buffer if backend.rank == 0 else torch.zeros_like(buffer)) * backend.world_size
            buffer.copy_(buffer if backend.rank == 0 else shared)


def _over_processes(totals: Mapping[str, Tensor], backend: Backend) -> dict[str, Tensor]:
    on_host: dict[str, Tensor] = backend.to_host(dict(totals))
    return {name: backend.reduce_mean(total.double()) * backend.world_size for name, total in on_host.items()}
