"""Which samples are drawn where."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ecg_core import synthesize_record
from ecg_core.layout_text import find_layout
from ecg_render import render_page
from ecg_render.composition import _sample_at_or_after

RATES_HZ = st.sampled_from([100.0, 128.0, 240.0, 250.0, 257.0, 300.0, 360.0, 400.0, 500.0, 512.0, 977.0, 1000.0])


@given(number=st.integers(0, 200_000), rate_hz=RATES_HZ)
def test_the_sample_of_an_instant_is_not_skipped_for_a_rounding_error(number: int, rate_hz: float) -> None:
    """The product of a time and a rate is often a hair above the number, 4.35 s at 100 Hz say."""
    assert _sample_at_or_after(number / rate_hz, rate_hz) == number
    assert _sample_at_or_after(float(Fraction(number) / Fraction(rate_hz)) * (1 + 1e-15), rate_hz) == number


@given(number=st.integers(0, 10_000), part=st.floats(0.01, 1.0), rate_hz=RATES_HZ)
def test_between_two_samples_it_is_the_later(number: int, part: float, rate_hz: float) -> None:
    assert _sample_at_or_after((number + part) / rate_hz, rate_hz) == number + 1


def test_columns_share_the_samples_and_none_is_drawn_twice_or_lost() -> None:
    """At 977 Hz columns of 2.5 s begin between samples."""
    record = synthesize_record(duration_s=10, sampling_rate_hz=977, seed=1)
    page = render_page(record, layout=find_layout("3x4"), dots_per_inch=100)
    for row in range(3):
        pieces = [piece for piece in page.pieces if piece.row == row]
        assert sum(len(piece.x_px) for piece in pieces) == 9770
