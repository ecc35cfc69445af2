"""A backend that counts the batches it is given, and leaves the rest to the CPU backend of ecg-core."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ecg_core.backends.cpu import CpuBackend

if TYPE_CHECKING:
    from ecg_core.protocols import Batch


class AcmeCpuBackend(CpuBackend):
    """The CPU under another name; a device family of its own would follow `ecg_core.protocols.Backend` instead."""

    name = "acme-cpu"

    def __init__(self) -> None:
        self.num_batches = 0

    def loader(self, batches: Iterable[Batch], *, whole: bool = True) -> Iterator[Batch]:
        for batch in super().loader(batches, whole=whole):
            self.num_batches += 1
            yield batch

    def diagnostics(self) -> dict[str, Any]:
        return {**super().diagnostics(), "batches": self.num_batches}
