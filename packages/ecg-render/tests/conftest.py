from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ecg_core.leads import STANDARD_LEADS
from ecg_core.record import Record
from ecg_render import PageStyle
from ecg_render.style import GridStyle

MakeRecord = Callable[..., Record]


@pytest.fixture
def flat_record() -> MakeRecord:
    """Makes a record whose twelve leads all hold one voltage."""

    def make(level_mv: float = 0.0, *, duration_s: float = 10.0, sampling_rate_hz: float = 500.0) -> Record:
        signal_mv = np.full((12, round(duration_s * sampling_rate_hz)), level_mv)
        return Record(signal_mv=signal_mv, sampling_rate_hz=sampling_rate_hz, lead_names=STANDARD_LEADS)

    return make


@pytest.fixture
def bare_style() -> PageStyle:
    """White paper with neither grid nor footer, black ink: what is dark is trace, pulse or lead name."""
    return PageStyle(trace_rgb=(0, 0, 0), footer="", grid=GridStyle(minor_line_mm=0, major_line_mm=0))
