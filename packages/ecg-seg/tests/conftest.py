from __future__ import annotations

from pathlib import Path

import pytest

from ecg_core.context import RunContext
from ecg_core.formats import write_record
from ecg_core.synthetic import synthesize_record
from ecg_render.tasks import crops, pages


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four records."""
    folder = tmp_path_factory.mktemp("records")
    for seed in range(4):
        write_record(synthesize_record(seed=seed), folder / f"{seed}.npz")
    return folder


@pytest.fixture(scope="session")
def crop_folder(tmp_path_factory: pytest.TempPathFactory, records: Path) -> Path:
    """Crops of four pages, 4 each, 64 x 64 pixels."""
    folder = tmp_path_factory.mktemp("crops")
    for name in ("pages", "crops"):
        (folder / name).mkdir()
    pages.run(
        pages.RenderPagesConfig(inputs=(str(records),), dots_per_inch=60.0),
        RunContext(task="render.pages", out_dir=folder / "pages"),
    )
    config = crops.RenderCropsConfig(
        inputs=(str(folder / "pages"),), width_px=64, height_px=64, samples_per_image=3, negatives_per_image=1
    )
    crops.run(config, RunContext(task="render.crops", out_dir=folder / "crops"))
    return folder / "crops"
