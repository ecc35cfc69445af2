"""The part of a batch that one of several processes makes."""

from __future__ import annotations

import attrs

from ecg_core.errors import ConfigError


@attrs.frozen
class Share:
    """One process's part of every batch: a row of examples, as many as every other process makes.

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
                f"batch_size: {batch_size} examples cannot be shared equally by {self.world_size} processes; choose a "
                f"multiple of {self.world_size}, or another --devices"
            )
        size = batch_size // self.world_size
        return range(self.rank * size, (self.rank + 1) * size)
