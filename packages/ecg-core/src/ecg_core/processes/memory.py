"""How much memory another process holds."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def can_be_watched() -> bool:
    """Whether this system tells how much memory a process holds: Linux does."""
    return (PROC / "self/statm").exists()


def resident_bytes(pid: int) -> int:
    """Memory that a process holds; 0 of one that is gone, and where the system does not tell."""
    try:
        pages = (PROC / str(pid) / "statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
