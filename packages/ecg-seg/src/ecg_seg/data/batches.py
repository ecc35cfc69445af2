"""Crops to batches of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from ecg_core.protocols import Batch


def as_batch(images: Sequence[np.ndarray], masks: Sequence[np.ndarray]) -> Batch:
    """``image`` uint8 (batch, 3, height, width) and ``mask`` uint8 (batch, height, width)."""
    image = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return {"image": image, "mask": torch.from_numpy(np.stack(masks))}
