"""Explain why training stayed non-finite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from ecg_core.protocols import Backend, Batch


def explain_divergence(backend: Backend, batches: Sequence[Batch], *, lr: float, clip_norm: float) -> str:
    """Explain the likely cause by the last batches and settings, and say what to try.

    Args:
        backend: that the batches lie on.
        batches: of the step after which the run gave up.
        lr: learning rate of that step.
        clip_norm: limit of the gradient's norm, 0 without one.
    """
    faulty = sorted({name for batch in batches for name, tensor in batch.items() if not _is_finite(backend, tensor)})
    if faulty:
        return f"The data are not finite: look at how {', '.join(faulty)} of a batch is made."
    clipping = "" if clip_norm else ", and clip the gradient (clip_norm=1)"
    return (
        f"The last batch is finite, so the model or its loss overflows: lower optim.lr (this step had {lr:.3g})"
        f"{clipping}; with --precision bf16 try fp32; look in the loss for a logarithm, division or root near 0."
    )


def _is_finite(backend: Backend, tensor: torch.Tensor) -> bool:
    return bool(torch.isfinite(backend.to_host(tensor)).all())
