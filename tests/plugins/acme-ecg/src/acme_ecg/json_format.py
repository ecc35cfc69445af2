"""Records as JSON: ``{"rate_hz": 500, "leads": {"I": [0.1, null, …], …}}``, in millivolts, ``null`` for a gap."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import DataError
from ecg_core.record import Record


class AcmeJsonFormat:
    """Reads and writes ``.acme`` files."""

    def read(self, path: Path) -> Record:
        """The record of a file.

        Raises:
            DataError: the file is missing, no JSON, or no record.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            leads = content["leads"]
            return Record(
                signal_mv=np.array([[np.nan if value is None else value for value in row] for row in leads.values()]),
                sampling_rate_hz=content["rate_hz"],
                lead_names=tuple(leads),
                name=path.stem,
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, DataError) as error:
            raise DataError(f"{path}: no record of Acme's: {type(error).__name__}: {error}") from error

    def write(self, record: Record, path: Path) -> list[Path]:
        """Write one file."""
        rows = zip(record.lead_names, record.signal_mv.tolist(), strict=True)
        leads = {name: [None if np.isnan(value) else value for value in row] for name, row in rows}
        atomic_write_text(path, json.dumps({"rate_hz": record.sampling_rate_hz, "leads": leads}))
        return [path]
