"""Limb leads that are made to fit together."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.leads import LIMB_LEADS, einthoven_residual, goldberger_residual
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_digitize.record.limb_fit import fit_limb_leads

RECORD = synthesize_record(seed=3, duration_s=10.0)
SAMPLES = RECORD.num_samples


def misread(seed: int, amiss_mv: float = 0.03, *, leads: Sequence[str] = RECORD.lead_names) -> Record:
    """The record with something amiss in every lead, which is of no level, and only some of its leads."""
    rng = np.random.default_rng(seed)
    noise_mv = rng.normal(0, amiss_mv, RECORD.signal_mv.shape)
    rows = [RECORD.lead_names.index(lead) for lead in leads]
    return attrs.evolve(RECORD, signal_mv=(RECORD.signal_mv + noise_mv)[rows], lead_names=tuple(leads))


def without_level(signal_mv: np.ndarray) -> np.ndarray:
    return signal_mv - signal_mv.mean()


def error_mv(record: Record, lead: str) -> float:
    off = record.lead_mv(lead) - RECORD.lead_mv(lead)
    return float(np.std(off[np.isfinite(off)]))


@given(seed=st.integers(0, 1000), amiss_mv=st.floats(0.015, 0.035))
@settings(max_examples=25, deadline=None)
def test_six_leads_that_two_tell_are_nearer_to_the_truth(seed: int, amiss_mv: float) -> None:
    """Six observations of two unknowns: a third of the variance is left, where all are as sure."""
    read = misread(seed, amiss_mv)
    fitted, moved_mv = fit_limb_leads(read)
    before, after = ([error_mv(record, lead) for lead in LIMB_LEADS] for record in (read, fitted))
    assert np.square(after).sum() < 0.5 * np.square(before).sum()
    assert set(moved_mv) == set(LIMB_LEADS)
    leads = {lead: without_level(fitted.lead_mv(lead)) for lead in LIMB_LEADS}
    assert np.abs(einthoven_residual(leads)).max() < 1e-5
    assert np.abs(goldberger_residual(leads)).max() < 1e-5


@pytest.mark.parametrize("leads", [("I", "II", "III"), ("aVR", "aVL", "aVF"), ("I", "aVF", "aVL")])
def test_three_leads_of_the_same_seconds_are_enough(leads: tuple[str, ...]) -> None:
    read = misread(1, leads=leads)
    fitted, moved_mv = fit_limb_leads(read)
    assert sum(error_mv(fitted, lead) ** 2 for lead in leads) < 0.8 * sum(error_mv(read, lead) ** 2 for lead in leads)
    for lead in leads:
        own_mv = fitted.lead_mv(lead) - read.lead_mv(lead)
        assert np.sqrt(np.mean(own_mv**2)) == pytest.approx(moved_mv[lead])
        assert np.median(own_mv) == pytest.approx(0, abs=1e-6), "its level stays"


def test_chest_leads_stay() -> None:
    read = misread(1)
    fitted, _ = fit_limb_leads(read)
    for lead in ("V1", "V6"):
        np.testing.assert_array_equal(fitted.lead_mv(lead), read.lead_mv(lead))


@pytest.mark.parametrize("leads", [("I", "II", "V1"), ("V1", "V2"), ("II",)])
def test_fewer_leads_tell_nothing(leads: tuple[str, ...]) -> None:
    read = misread(1, leads=leads)
    fitted, moved_mv = fit_limb_leads(read)
    assert fitted is read
    assert not moved_mv


def test_exact_leads_stay_to_the_bit() -> None:
    read = misread(1, amiss_mv=0.001)
    assert fit_limb_leads(read) == (read, {})


def test_a_lead_that_is_another_is_left_as_it_was_read() -> None:
    read = misread(1, amiss_mv=0.01)
    signal_mv = np.array(read.signal_mv)
    signal_mv[0], signal_mv[1] = read.lead_mv("aVR"), read.lead_mv("aVF")
    wrong = attrs.evolve(read, signal_mv=signal_mv)
    assert fit_limb_leads(wrong) == (wrong, {})


def test_leads_are_fitted_where_others_are_known_at_the_same_time() -> None:
    """As on a page of columns: I, II, III, then aVR, aVL, aVF, with II below; what is not known stays so."""
    read = misread(2)
    signal_mv = np.array(read.signal_mv)
    half = SAMPLES // 2
    signal_mv[[0, 2], half:] = np.nan
    signal_mv[3:6, :half] = np.nan
    signal_mv[4, half + 100] = np.nan
    page = attrs.evolve(read, signal_mv=signal_mv)
    fitted, moved_mv = fit_limb_leads(page)
    np.testing.assert_array_equal(np.isfinite(fitted.signal_mv), np.isfinite(signal_mv))
    assert set(moved_mv) == set(LIMB_LEADS)
    for lead in LIMB_LEADS:
        assert error_mv(fitted, lead) < error_mv(page, lead), lead
