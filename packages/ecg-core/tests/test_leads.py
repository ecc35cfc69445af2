from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.leads import (
    CABRERA_LEADS,
    STANDARD_LEADS,
    canonical_lead,
    einthoven_residual,
    goldberger_residual,
    limb_leads_from,
)


@given(st.one_of(st.text(max_size=20), st.sampled_from([*STANDARD_LEADS, "ecg ii", "MDC_ECG_LEAD_AVR", " lead v3"])))
def test_canonical_names_are_their_own_canonical_name(name: str) -> None:
    assert canonical_lead(canonical_lead(name)) == canonical_lead(name)


@given(st.sampled_from([*STANDARD_LEADS, "-aVR"]), st.sampled_from([str.upper, str.lower, str.title, str]))
def test_case_and_spaces_do_not_matter(lead: str, spell: object) -> None:
    assert canonical_lead(f" {spell(lead)}\t") == lead


@pytest.mark.parametrize(
    ("name", "lead"),
    [
        ("DI", "I"),
        ("D2", "II"),
        ("DIII", "III"),
        ("lead aVF", "aVF"),
        ("Lead V6", "V6"),
        ("ECG II", "II"),
        ("ECG Lead III", "III"),
        ("MDC_ECG_LEAD_V1", "V1"),
        ("C4", "V4"),
        ("-AVR", "-aVR"),
    ],
)
def test_other_spellings(name: str, lead: str) -> None:
    assert canonical_lead(name) == lead


@pytest.mark.parametrize("name", ["V7", "V3R", "resp", "IV", "", "x"])
def test_unknown_names_are_left_alone(name: str) -> None:
    assert canonical_lead(f" {name} ") == name


def test_orders_hold_every_lead_once() -> None:
    assert len(STANDARD_LEADS) == len(set(STANDARD_LEADS)) == 12
    assert {lead.removeprefix("-") for lead in CABRERA_LEADS} == set(STANDARD_LEADS)


def test_limb_leads_come_from_the_electrodes_potentials() -> None:
    """Leads are differences of electrode potentials: I = LA - RA, II = LL - RA, aVR = RA - (LA + LL) / 2 …"""
    right_arm, left_arm, left_leg = np.random.default_rng(0).normal(size=(3, 50))
    leads = limb_leads_from(left_arm - right_arm, left_leg - right_arm)
    np.testing.assert_allclose(leads["III"], left_leg - left_arm)
    np.testing.assert_allclose(leads["aVR"], right_arm - (left_arm + left_leg) / 2)
    np.testing.assert_allclose(leads["aVL"], left_arm - (right_arm + left_leg) / 2)
    np.testing.assert_allclose(leads["aVF"], left_leg - (right_arm + left_arm) / 2)
    np.testing.assert_allclose(einthoven_residual(leads), 0, atol=1e-12)
    np.testing.assert_allclose(goldberger_residual(leads), 0, atol=1e-12)


def test_residuals_measure_what_does_not_fit() -> None:
    leads = limb_leads_from(np.ones(3), np.ones(3)) | {"III": np.full(3, 0.25), "aVF": np.full(3, 1.5)}
    np.testing.assert_allclose(einthoven_residual(leads), 0.25)
    np.testing.assert_allclose(goldberger_residual(leads), 1.0)
