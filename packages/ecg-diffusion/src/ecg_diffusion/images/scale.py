"""Pixel values as networks take and give them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def to_signed(pictures: Tensor) -> Tensor:
    """Convert uint8 pictures of any shape, 0 to 255, to float32 from -1 to 1."""
    return pictures.float() / 127.5 - 1


def to_uint8(pictures: Tensor) -> np.ndarray:
    """Convert pictures (batch, 3, height, width) from -1 to 1 to uint8 (batch, height, width, 3), clipped."""
    levels = ((pictures.detach().float().cpu() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return levels.permute(0, 2, 3, 1).contiguous().numpy()
