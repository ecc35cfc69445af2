"""Crops to batches of tensors, and the part of a batch that a process makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np
import torch

from ecg_core.errors import ConfigError

if TYPE_CHECKING:
    from ecg_core.protocols import Batch


@attrs.frozen
class Share:
    """The part of every batch that one of several processes makes: as many crops in a row as any other's.

    Attributes:
        rank: number of the process.
        world_size: how many there are.
    """

    rank: int = 0
    world_size: int = 1

    def places(self, batch_size: int) -> range:
        """Places in the batch.

        Raises:
            ConfigError: the batch cannot be shared equally.
        """
        if batch_size % self.world_size:
            raise ConfigError(
                f"data.batch_size: {batch_size} crops cannot be shared equally by {self.world_size} processes; choose "
                f"a multiple of {self.world_size}, or another --devices"
            )
        size = batch_size // self.world_size
        return range(self.rank * size, (self.rank + 1) * size)


def as_batch(images: Sequence[np.ndarray], masks: Sequence[np.ndarray]) -> Batch:
    """``image`` uint8 (batch, 3, height, width) and ``mask`` uint8 (batch, height, width)."""
    image = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return {"image": image, "mask": torch.from_numpy(np.stack(masks))}
