"""The structure of whole pages, from the picture to the times of their leads."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_core import Record, synthesize_record
from ecg_core.layouts import LAYOUT_6X2
from ecg_core.paper import PaperSpec, Timing
from ecg_digitize import Digitization, digitize
from ecg_render import PageStyle, PulseStyle, render_page
from ecg_render.styles import style_by_name

RECORD = synthesize_record(seed=23, heart_rate_bpm=72)
COLUMN_S, GAP_S = 4.1, 0.5
SECOND_COLUMN_S = {"simultaneous": 0.0, "successive": COLUMN_S + GAP_S}


def printed_in_a_book(timing: Timing) -> Digitization:
    """Two columns of 4.1 s, each of which begins with pulses of its own."""
    layout = attrs.evolve(LAYOUT_6X2, name="book", duration_s=2 * COLUMN_S + GAP_S, column_gap_s=GAP_S, timing=timing)
    style = style_by_name("textbook", np.random.default_rng(1))
    style = attrs.evolve(
        style,
        pulse=attrs.evolve(style.pulse, rows="every", every_column=True),
        names=attrs.evolve(style.names, template="{lead}", rise_mm=9.0, indent_mm=-10.0),
    )
    return digitize(render_page(RECORD, layout=layout, style=style).image)


def known_s(record: Record, lead: str) -> tuple[float, float]:
    """Between which seconds of a record a lead was read."""
    at = np.flatnonzero(np.isfinite(record.lead_mv(lead)))
    return float(at[0]) / record.sampling_rate_hz, float(at[-1] + 1) / record.sampling_rate_hz


@pytest.mark.parametrize("timing", ["simultaneous", "successive"])
def test_columns_with_pulses_of_their_own_keep_their_length_and_their_seconds(timing: Timing) -> None:
    """No lead takes the pulse of the next column for signal, nor a part of its column for the whole."""
    found = printed_in_a_book(timing)
    for leads in LAYOUT_6X2.rows:
        for lead, start_s in zip(leads, (0.0, SECOND_COLUMN_S[timing]), strict=True):
            first_s, last_s = known_s(found.record, lead)
            assert first_s == pytest.approx(start_s, abs=0.15), lead
            assert last_s - first_s == pytest.approx(COLUMN_S, abs=0.2), lead


def test_a_gain_in_words_that_are_not_legible_is_told() -> None:
    """A page that prints 5 mm/mV and no pulse is not called good at 10, and one that prints nothing at all may be."""
    paper = PaperSpec(gain_mm_per_mv=5.0)
    style = PageStyle(pulse=PulseStyle(rows="none"))
    found = digitize(render_page(RECORD, paper=paper, style=style, dots_per_inch=200).image)
    gain = found.quality.to_plain()["paper"]
    is_told = found.quality.verdict != "good" and any("gain" in each for each in found.quality.warnings)
    assert gain["gain_mm_per_mv"] == 5 or is_told
