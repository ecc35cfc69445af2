"""The seed of every step of a run: the same whether or not the run was interrupted before it.

It is mixed from the seed of the run and the number of the step. Earlier releases added the two, so that step 1 of a run
with seed 0 drew what step 0 with seed 1 drew; a run that began so goes on so, to end as it would have.
"""

from __future__ import annotations

import numpy as np

SUM, MIXED = "sum", "mixed"
SCHEMES = (SUM, MIXED)
_BITS = 53
"""Seeds of so many bits are taken by every backend, and exact as any kind of number."""


def step_seed(seed: int, step: int, scheme: str = MIXED) -> int:
    """Seed of a step.

    Args:
        seed: of the run.
        step: number of the step, from 0.
        scheme: one of `SCHEMES`.
    """
    if scheme == SUM:
        return seed + step
    return int(np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)[0]) >> (64 - _BITS)
