"""The heart as a moving electric dipole, and what the leads see of it.

The dipole is a sum of Gaussian waves of the cardiac phase for each Frank axis (x to the left, y to the feet, z to the
back), after Sameni, Clifford, Jutten and Shamsollahi, "Multichannel ECG and noise modeling: application to maternal
and fetal ECG signals", EURASIP J. Adv. Signal Process. 2007:43407, which extends the model of McSharry et al. (2003)
to three dimensions. Centres and widths of the waves are the published ones. The published amplitudes are those of one
person with very tall T waves; here they were fitted to the median heartbeat of 400 healthy adults (PTB-XL, CC BY 4.0,
doi 10.13026/kfzx-aw45). The leads are projections of the dipole by the matrix of Dower, Machado and Osborne, "On
deriving the electrocardiogram from vectorcardiographic leads", Clin. Cardiol. 3, 1980.
"""

from __future__ import annotations

import math

import attrs
import numpy as np

from ecg_core.leads import CHEST_LEADS

INDEPENDENT_LEADS = ("I", "II", *CHEST_LEADS)

DOWER = np.array(
    [
        [0.632, -0.235, 0.059],
        [0.235, 1.066, -0.132],
        [-0.515, 0.157, -0.917],
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],
    ]
)
"""Frank axes x, y, z to the `INDEPENDENT_LEADS`, shape (8, 3)."""


@attrs.frozen
class _Waves:
    """Gaussian waves of one axis: centres and widths in radians of a cycle of one second, amplitudes in mV."""

    centres: tuple[float, ...]
    amplitudes_mv: tuple[float, ...]
    widths: tuple[float, ...]


_AXES = (
    _Waves(
        (-1.09, -0.83, -0.19, -0.07, 0.00, 0.06, 0.22, 1.42, 1.68, 2.90),
        (0.04, 0.05, -0.03, 0.48, 1.09, 0.32, -0.05, 0.14, 0.16, 0.03),
        (0.0906, 0.1057, 0.0453, 0.0378, 0.0332, 0.0302, 0.0378, 0.3020, 0.1812, 0.5000),
    ),
    _Waves(
        (-1.10, -0.90, -0.76, -0.11, -0.01, 0.065, 1.58, 2.90),
        (0.07, 0.07, 0.03, 0.06, 0.46, 0.19, 0.12, 0.03),
        (0.0700, 0.0700, 0.0400, 0.0550, 0.0370, 0.0604, 0.3000, 0.5000),
    ),
    _Waves(
        (-1.10, -0.93, -0.70, -0.40, -0.15, 0.095, 1.25, 1.55, 2.80),
        (-0.02, -0.02, -0.03, 0.04, -0.23, 0.65, -0.16, -0.10, -0.03),
        (0.0300, 0.1200, 0.0400, 0.4000, 0.0450, 0.0500, 0.4000, 0.2000, 0.4000),
    ),
)

_QRS_LIMIT = 0.3
"""Waves centred within this many radians of the R peak belong to the QRS complex."""


@attrs.frozen(kw_only=True)
class Subject:
    """The differences between one heart and the table of waves; the default stretches are those of the mean adult.

    Attributes:
        p_gain: factor on the height of the waves before the QRS complex.
        qrs_gain: factor on the height of the QRS complex.
        t_gain: factor on the height of the waves after it.
        pr_stretch: factor on the time from the P wave to the R peak.
        qrs_stretch: factor on the duration of the QRS complex.
        qt_stretch: factor on the time from the R peak to the T wave.
        frontal_turn: turn of the dipole in the frontal plane in radians, clockwise as seen on paper.
        horizontal_turn: turn in the horizontal plane in radians, forward from the left.
    """

    p_gain: float = 1.0
    qrs_gain: float = 1.0
    t_gain: float = 1.0
    pr_stretch: float = 1.0
    qrs_stretch: float = 1.08
    qt_stretch: float = 1.05
    frontal_turn: float = 0.0
    horizontal_turn: float = 0.0


def draw_subject(rng: np.random.Generator) -> Subject:
    """A healthy adult: size, axis and intervals spread about the table of waves, at most two deviations away."""

    def draw(mean: float, deviation: float) -> float:
        return mean + deviation * float(np.clip(rng.standard_normal(), -2, 2))

    size = draw(0.0, 0.2)
    return Subject(
        p_gain=math.exp(size + draw(0.0, 0.2)),
        qrs_gain=math.exp(size + draw(0.0, 0.15)),
        t_gain=math.exp(size + draw(0.0, 0.25)),
        pr_stretch=draw(1.0, 0.05),
        qrs_stretch=draw(1.08, 0.1),
        qt_stretch=draw(1.05, 0.05),
        frontal_turn=draw(0.0, 0.2),
        horizontal_turn=draw(0.0, 0.2),
    )


def independent_leads_mv(phase: np.ndarray, rate_hz: float, subject: Subject) -> np.ndarray:
    """The signals that the `INDEPENDENT_LEADS` record of a heart, in mV, shape (8, samples).

    Args:
        phase: of the heart in radians, shape (samples,); a multiple of 2 pi at every R peak.
        rate_hz: mean heart rate, by which intervals are set.
        subject: whose heart it is.
    """
    dipole_mv = np.stack([_axis_mv(phase, waves, rate_hz, subject) for waves in _AXES])
    return DOWER @ _turn(subject) @ dipole_mv


def _axis_mv(phase: np.ndarray, waves: _Waves, rate_hz: float, subject: Subject) -> np.ndarray:
    """One component of the dipole in mV, shape (samples,)."""
    centres = np.array(waves.centres)
    stretches = _phase_stretch(centres, rate_hz, subject)
    gains = np.select([centres < -_QRS_LIMIT, centres > _QRS_LIMIT], [subject.p_gain, subject.t_gain], subject.qrs_gain)
    away = phase - (centres * stretches)[:, None]
    away -= 2 * np.pi * np.round(away / (2 * np.pi))
    bells = np.exp(-0.5 * (away / (np.array(waves.widths) * stretches)[:, None]) ** 2)
    return (gains * waves.amplitudes_mv) @ bells


def _phase_stretch(centres: np.ndarray, rate_hz: float, subject: Subject) -> np.ndarray:
    """Factor on centre and width of each wave at this heart rate.

    The QRS complex lasts as long at every rate, so its share of the cycle grows with the rate. PR and QT intervals
    shorten with the square root of the RR interval (Bazett).
    """
    before = np.sqrt(rate_hz) * subject.pr_stretch
    after = np.sqrt(rate_hz) * subject.qt_stretch
    return np.select([centres < -_QRS_LIMIT, centres > _QRS_LIMIT], [before, after], rate_hz * subject.qrs_stretch)


def _turn(subject: Subject) -> np.ndarray:
    """Rotation of the dipole, shape (3, 3): first in the frontal plane (x to y), then in the horizontal (x to -z)."""
    cos_f, sin_f = np.cos(subject.frontal_turn), np.sin(subject.frontal_turn)
    cos_h, sin_h = np.cos(subject.horizontal_turn), np.sin(subject.horizontal_turn)
    frontal = np.array([[cos_f, -sin_f, 0], [sin_f, cos_f, 0], [0, 0, 1]])
    horizontal = np.array([[cos_h, 0, sin_h], [0, 1, 0], [-sin_h, 0, cos_h]])
    return horizontal @ frontal
