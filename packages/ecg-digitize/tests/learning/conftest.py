from __future__ import annotations

from pathlib import Path

import pytest

from ecg_core.formats import write_record
from ecg_core.synthetic import synthesize_record


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two records."""
    folder = tmp_path_factory.mktemp("records")
    for seed in range(2):
        write_record(synthesize_record(seed=seed), folder / f"{seed}.npz")
    return folder
