"""A whole recording: rhythm, heart, leads and noise put together."""

from __future__ import annotations

import numpy as np

from ecg_core.leads import CHEST_LEADS, STANDARD_LEADS, limb_leads_from
from ecg_core.record import Record
from ecg_core.synthetic.heart import INDEPENDENT_LEADS, draw_subject, independent_leads_mv
from ecg_core.synthetic.noise import baseline_wander, mains_hum, muscle_noise
from ecg_core.synthetic.rhythm import draw_rhythm

HEART_RATES_BPM = (20.0, 250.0)


def synthesize_record(
    *,
    seed: int = 0,
    duration_s: float = 10.0,
    sampling_rate_hz: float = 500.0,
    heart_rate_bpm: float = 70.0,
    noise_mv: float = 0.01,
    wander_mv: float = 0.05,
    mains_mv: float = 0.0,
    mains_hz: float = 50.0,
    name: str = "synthetic",
) -> Record:
    """A made-up recording of a healthy adult at rest with the twelve standard leads.

    A moving dipole with a sinus rhythm, see `ecg_core.synthetic.heart` and `ecg_core.synthetic.rhythm` for the
    published models. I, II and V1 to V6 are projections of the dipole plus noise; III and the augmented leads follow
    from I and II, so Einthoven's and Goldberger's relations hold with the noise.

    Args:
        seed: of every random number. One seed is one person: its heart, rhythm, and noise.
        duration_s: length of the recording.
        sampling_rate_hz: samples a second; without noise it only changes where the same heart is sampled.
        heart_rate_bpm: mean heart rate, 20 to 250 beats a minute; it swings by about 3 % about that.
        noise_mv: root mean square of the muscle noise of I, II and V1 to V6.
        wander_mv: root mean square of the baseline wander of the same leads, averaged over many records.
        mains_mv: root mean square of the mains hum of the same leads, averaged over many records.
        mains_hz: its frequency.
        name: of the record.

    Raises:
        ValueError: a length, rate or amplitude is out of range.
    """
    _check(duration_s=duration_s, sampling_rate_hz=sampling_rate_hz, heart_rate_bpm=heart_rate_bpm)
    person, noise = np.random.default_rng(seed).spawn(2)
    time_s = np.arange(max(1, round(duration_s * sampling_rate_hz))) / sampling_rate_hz
    rhythm = draw_rhythm(person, heart_rate_bpm)
    leads_mv = independent_leads_mv(rhythm.cardiac_phase(time_s), rhythm.mean_hz, draw_subject(person))
    leads_mv += wander_mv * baseline_wander(person, len(leads_mv), time_s, rhythm.breath_hz)
    leads_mv += mains_mv * mains_hum(person, len(leads_mv), time_s, mains_hz)
    leads_mv += noise_mv * muscle_noise(noise, leads_mv.shape, sampling_rate_hz)
    return Record(
        signal_mv=_twelve_leads(leads_mv),
        sampling_rate_hz=sampling_rate_hz,
        lead_names=STANDARD_LEADS,
        name=name,
        metadata={"synthetic": True, "seed": seed, "heart_rate_bpm": heart_rate_bpm},
    )


def _check(*, duration_s: float, sampling_rate_hz: float, heart_rate_bpm: float) -> None:
    lowest, highest = HEART_RATES_BPM
    for what, value in (("duration_s", duration_s), ("sampling_rate_hz", sampling_rate_hz)):
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{what} must be above 0, found {value}")
    if not lowest <= heart_rate_bpm <= highest:
        raise ValueError(f"heart_rate_bpm must be {lowest:g} to {highest:g}, found {heart_rate_bpm}")


def _twelve_leads(independent_mv: np.ndarray) -> np.ndarray:
    """The `STANDARD_LEADS`, shape (12, samples), from the `INDEPENDENT_LEADS`, shape (8, samples)."""
    independent = dict(zip(INDEPENDENT_LEADS, independent_mv, strict=True))
    limb = limb_leads_from(independent["I"], independent["II"])
    return np.stack([*limb.values(), *(independent[lead] for lead in CHEST_LEADS)])
