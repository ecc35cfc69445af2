from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from ecg_core import Record, synthesize_record
from ecg_core.context import RunContext
from ecg_digitize.digitizers import LeadTrace, PageGeometry, PageStructure, PrintSettings, Reading
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
def make_reading() -> Callable[..., Reading]:
    """Makes a sound reading of a record, a row for each lead, with whatever is to be different."""

    def make(record: Record | None = None, *, clarity: float = 1.0, without: str = "", **changes: Any) -> Reading:
        record = record or synthesize_record(seed=3, duration_s=10.0)
        traces = [
            LeadTrace(
                lead=lead,
                row=row,
                is_rhythm=True,
                first_sample=0,
                signal_mv=record.lead_mv(lead),
                clarity=clarity,
                points_px=np.array([[10.0, 20.0 * row], [400.0, 20.0 * row]]),
            )
            for row, lead in enumerate(record.lead_names)
            if lead != without
        ]
        structure = PageStructure(
            layout="12x1",
            rows=tuple((lead,) for lead in record.lead_names),
            scale=PrintSettings().scale(),
            duration_s=record.duration_s,
        )
        geometry = PageGeometry(px_per_mm_x=8.0, px_per_mm_y=8.0, rotation_deg=1.5, baselines_px=((10.0, 20.0),))
        return Reading(**{"traces": traces, "structure": structure, "geometry": geometry} | changes)

    return make


@pytest.fixture
def context(tmp_path) -> RunContext:
    out_dir = tmp_path / "out"
    out_dir.mkdir()
    return RunContext(task="digitize.pages", out_dir=out_dir)
