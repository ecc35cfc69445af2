"""Seeds of the steps of many items."""

from __future__ import annotations

import zlib


def seed_of(run_seed: int, key: str, step: str) -> int:
    """Seed of one step of one item, the same in whatever order and by however many workers the items are made."""
    return zlib.crc32(f"{run_seed} {key} {step}".encode(errors="backslashreplace"))
