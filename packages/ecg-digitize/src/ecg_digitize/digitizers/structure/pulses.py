"""What calibration pulses tell of a page: their size, and that a trace does not reach over them."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from ecg_digitize.digitizers.structure.evidence import PulseMark
from ecg_digitize.digitizers.structure.time_axis import TraceSpan

LEAST_CERTAINTY = 0.6
LEAST_HEIGHT_MM, LEAST_WIDTH_MM = 3.5, 1.0
"""What is smaller is no pulse: 1 mV at 5 mm/mV is 5 mm high."""

BESIDE_MM = 4.0
"""The foot of a pulse lies so near to the level of its row."""

FOOT_MM = 0.5
"""A pulse has a foot of so much on either side, at least."""

AT_AN_END = 0.25
"""A pulse in the first or last part of a row stands at an end of it; one in between parts two leads."""


def pulse_size_mm(pulses: Sequence[PulseMark]) -> tuple[float, float] | None:
    """Width and height of the pulses of a page, the median of all; None where there are none."""
    sure = [pulse for pulse in pulses if is_pulse(pulse)]
    if not sure:
        return None
    return float(np.median([pulse.width_mm for pulse in sure])), float(np.median([pulse.height_mm for pulse in sure]))


def is_pulse(pulse: PulseMark) -> bool:
    """Whether a pulse is large and certain enough."""
    return (
        pulse.certainty >= LEAST_CERTAINTY and pulse.height_mm >= LEAST_HEIGHT_MM and pulse.width_mm >= LEAST_WIDTH_MM
    )


def without_pulses(span: TraceSpan, pulses: Sequence[PulseMark]) -> TraceSpan:
    """What of a row has a trace, without pulses of it at either end."""
    for pulse in pulses:
        if not is_pulse(pulse) or abs(pulse.foot_mm - span.y_mm) > BESIDE_MM:
            continue
        middle_mm = (pulse.left_mm + pulse.right_mm) / 2
        place = (middle_mm - span.first_mm) / max(span.length_mm, 1e-6)
        if place <= AT_AN_END:
            span = attrs.evolve(span, first_mm=max(span.first_mm, pulse.right_mm + FOOT_MM))
        elif place >= 1 - AT_AN_END:
            span = attrs.evolve(span, last_mm=min(span.last_mm, pulse.left_mm - FOOT_MM))
    return span
