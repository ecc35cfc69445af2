from __future__ import annotations

import cv2
import numpy as np
import pytest

from ecg_core import Record, synthesize_record
from ecg_core.context import RunContext
from ecg_render import Page, render_page


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    cv2.setNumThreads(1)


@pytest.fixture(scope="session")
def truth() -> Record:
    return synthesize_record(seed=11, name="heart")


@pytest.fixture(scope="session")
def page(truth) -> Page:
    return render_page(truth)


@pytest.fixture(scope="session")
def page_image(page) -> np.ndarray:
    return page.image


@pytest.fixture
def context(tmp_path) -> RunContext:
    out_dir = tmp_path / "out"
    out_dir.mkdir()
    return RunContext(task="digitize.pages", out_dir=out_dir)
