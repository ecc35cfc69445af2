"""Speed and gain by the calibration pulse, which is 0.2 s wide and 1 mV tall."""

from __future__ import annotations

import pytest

from ecg_digitize.digitizers.print_scale import PrintSettings


@pytest.mark.parametrize("off", [0.9, 1.0, 1.1])
@pytest.mark.parametrize(("speed", "gain"), [(25, 10), (50, 20), (25, 5)])
def test_a_pulse_that_is_a_tenth_off_means_the_usual_one(speed: float, gain: float, off: float) -> None:
    scale = PrintSettings().scale(pulse_mm=(0.2 * speed * off, gain * off))
    assert (scale.speed_mm_per_s, scale.gain_mm_per_mv) == (speed, gain)
    assert scale.speed_from == scale.gain_from == "pulse"


@pytest.mark.parametrize("off", [0.75, 1.3, 1.35])
def test_one_between_the_usual_ones_tells_nothing(off: float) -> None:
    """Usual gains are twice or half as large: what is a third larger is no more one than the other."""
    scale = PrintSettings().scale(pulse_mm=(0.2 * 25 * off, 10 * off))
    assert scale.speed_from == scale.gain_from == "assumed"


def test_what_the_user_says_counts_whatever_the_pulse_says() -> None:
    scale = PrintSettings(speed_mm_per_s=50, gain_mm_per_mv=5).scale(pulse_mm=(5, 10))
    assert (scale.speed_mm_per_s, scale.gain_mm_per_mv) == (50, 5)
    assert scale.speed_from == scale.gain_from == "given"
