from __future__ import annotations

import numpy as np
import pytest

from ecg_core import synthesize_record
from ecg_core.errors import DataError
from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS
from ecg_digitize.digitizers.neural.negative import as_paper, is_dark
from ecg_digitize.digitizers.neural.stages import run_stages
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_render import render_page
from ecg_render.styles import style_by_name


def test_a_dark_screen_becomes_its_negative_and_paper_stays() -> None:
    rng = np.random.default_rng(3)
    screen, paper = (
        render_page(synthesize_record(seed=1), dots_per_inch=80, style=style_by_name(name, rng)).image
        for name in ("viewer-dark", "edan")
    )
    assert is_dark(screen)
    np.testing.assert_array_equal(as_paper(screen), 255 - screen)
    assert as_paper(paper) is paper


def test_paper_in_poor_light_is_no_screen() -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=80).image
    assert not is_dark((page * 0.4).astype(np.uint8))


def test_a_dark_screen_without_boxes_is_refused() -> None:
    """A monitor at the bed: millimetres of a screen mean nothing."""
    with pytest.raises(DataError, match="dark screen"):
        run_stages(np.zeros((400, 600, 3), np.uint8), {}, PrintSettings(), {"grid": nothing_seen})


def nothing_seen(batch: np.ndarray) -> tuple[np.ndarray, ...]:
    return (np.full((1, len(OUTPUTS), *batch.shape[2:]), -20, np.float32),)
