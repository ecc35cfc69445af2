from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from ecg_classify.prepare.task import PrepareConfig, run
from ecg_core.context import RunContext
from ecg_core.formats import write_record
from ecg_core.synthetic import synthesize_record

CODES = ("426783006", "164889003", "164909002", "164865005", "270492004")


@pytest.fixture(scope="session")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty recordings of five classes, two a patient, as `classify.prepare` leaves them."""
    root = tmp_path_factory.mktemp("prepared")
    for number in range(20):
        metadata = {"Dx": CODES[number % 5], "patient_id": str(number % 10)}
        write_record(attrs.evolve(synthesize_record(seed=number), metadata=metadata), root / f"data/R{number:02}.npz")
    out = root / "out"
    out.mkdir()
    run(PrepareConfig(records=(str(root / "data"),)), RunContext(task="classify.prepare", out_dir=out))
    return out
