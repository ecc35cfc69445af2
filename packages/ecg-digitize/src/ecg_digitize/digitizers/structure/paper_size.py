"""How large paper without a grid is: told by what its rows last as makers print them, and by its pulses' height."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ecg_digitize.digitizers.structure.scale import COLUMN_PLAUSIBLE, HEIGHT_SPREAD, OTHER_HEIGHT, ROW_PLAUSIBLE
from ecg_digitize.digitizers.structure.time_axis import COLUMN_DURATIONS_S, ROW_DURATIONS_S

CUT, EVEN = 0.06, 0.08
"""A row is cut short that is shorter by such a part than its columns are by their names, where the distances of those
differ by less than the second: columns of unequal length have names at unequal distances."""

PLAUSIBLE_WEIGHT, RARE = 2.0, -2.0
"""What it counts how usual a duration is, where a pulse speaks, too; and that of one that is in no table."""

SIZE_SPREAD = 0.25
"""By such a part the size differs from what was thought, mostly."""

WORDS_BESIDE = 0.1
"""A page was taken to be as large as its ink is wide with rows of ten seconds; words and frames beside the rows make
them so much narrower, as a part, mostly."""

PULSE_OFF = 0.2
"""Where pulses differ by more, in nats, from what they would be with any usual duration, they count alone."""

SAME_WIDTH, SAME_HEIGHT = 5e-4, 0.02
"""How near, as part of it, the width of rows comes to that of their layout, and the height of pulses to 1 mV, or the
distance of names to a column."""


def paper_stretch(
    row_mm: float,
    names_mm: Sequence[float],
    num_columns: int,
    *,
    speed_mm_per_s: float,
    by_pulse: Mapping[float, float] | None = None,
) -> tuple[float, float]:
    """How many times as large a page is on paper as was thought.

    Names tell the length of columns as well, where rows fade before they end or run askew out of their strip.

    Args:
        row_mm: length of a row, on paper of a scale that is not known.
        names_mm: where the names of its columns stand.
        num_columns: columns of a row.
        speed_mm_per_s: paper speed.
        by_pulse: how many times as large it is by its pulses at each gain that it may have, and the logarithm of how
            likely that gain is; None where there are no pulses.

    Returns:
        The factor, and how little of it is no matter.
    """
    pitches_mm = np.diff(names_mm)
    by_names = bool(
        len(pitches_mm)
        and np.ptp(pitches_mm) < EVEN * pitches_mm.mean()
        and row_mm < (1 - CUT) * num_columns * pitches_mm.mean()
    )
    whole_mm = num_columns * float(pitches_mm.mean()) if by_names else row_mm
    tolerance = SAME_HEIGHT if by_names else SAME_WIDTH

    def factor(duration_s: float) -> float:
        return num_columns * duration_s * speed_mm_per_s / whole_mm

    usual = COLUMN_DURATIONS_S if num_columns > 1 else ROW_DURATIONS_S
    plausible: Mapping[float, float] = COLUMN_PLAUSIBLE if num_columns > 1 else ROW_PLAUSIBLE
    durations_s = dict.fromkeys((*usual, *plausible))

    def usualness(duration_s: float) -> float:
        return PLAUSIBLE_WEIGHT * plausible.get(duration_s, RARE)

    def likely(duration_s: float) -> float:
        """How likely columns last so long by how wide the ink of the page is alone."""
        of_row = _row_usualness(num_columns * duration_s) if num_columns > 1 else 0.0
        return usualness(duration_s) + of_row - float(np.log(factor(duration_s)) / WORDS_BESIDE) ** 2 / 2

    if by_pulse is None:
        return factor(max(durations_s, key=likely)), tolerance

    def off_pulse(size: float) -> float:
        """By how much a size differs from what the pulses say at the likeliest gain, in nats."""
        return size - float(np.log(max(by_pulse, key=lambda each: _pulse_likely(size, each) + by_pulse[each])))

    def worth(duration_s: float) -> float:
        size = float(np.log(factor(duration_s)))
        pulses = max(_pulse_likely(size, each) + likely for each, likely in by_pulse.items())
        return usualness(duration_s) + max(pulses, OTHER_HEIGHT["at rows"]) - (size / SIZE_SPREAD) ** 2 / 2

    best = factor(max(durations_s, key=worth))
    if abs(off := off_pulse(float(np.log(best)))) > PULSE_OFF:
        return best / float(np.exp(off)), SAME_HEIGHT
    return best, tolerance


def _row_usualness(row_s: float) -> float:
    """What it counts that rows last so long, however many columns they have."""
    usual = (each for usual_s, each in ROW_PLAUSIBLE.items() if np.isclose(usual_s, row_s))
    return PLAUSIBLE_WEIGHT * next(usual, RARE)


def _pulse_likely(size: float, by_pulse: float) -> float:
    """Logarithm of how likely a page is so large, in nats, where its pulses say how many times."""
    return -(((size - float(np.log(by_pulse))) / HEIGHT_SPREAD) ** 2) / 2
