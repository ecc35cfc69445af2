"""Options of Acme's model and data set. They are imported for ``--help``, so this module imports nothing heavy."""

from __future__ import annotations

import attrs

from ecg_core.config import option


@attrs.frozen(kw_only=True)
class NetConfig:
    """Options of the model ``acme.net``."""

    width: int = option(8, help="channels of its one hidden layer", minimum=1)


@attrs.frozen(kw_only=True)
class SquaresConfig:
    """Options of the data set ``acme.squares``."""

    size_px: int = option(64, help="sides of a picture, a multiple of 32", unit="px", minimum=32)
    noise: float = option(10.0, help="standard deviation of its levels, of 255", minimum=0)
    steps_per_epoch: int = option(8, help="batches that are called an epoch", minimum=1)
