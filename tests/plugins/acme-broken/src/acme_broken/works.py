"""What the contested plugins do when their distribution is named."""

from __future__ import annotations

from pathlib import Path

import attrs

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.protocols import Availability
from ecg_core.record import Record


@attrs.frozen(kw_only=True)
class Config:
    """One option."""

    word: str = option("works", help="what to say")


def run(config: Config, context: RunContext) -> TaskResult:
    """Say the word."""
    return TaskResult(summary={"said": config.word})


class OtherCsv:
    """Another idea of CSV."""

    def read(self, path: Path) -> Record:
        return Record(signal_mv=[[1.0, 2.0]], sampling_rate_hz=1, lead_names=["II"], name="of acme-broken")


class RaisingBackend:
    """A backend whose first question fails."""

    name = "abacus"

    def available(self) -> Availability:
        raise RuntimeError("the driver is lost")
