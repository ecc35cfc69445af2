"""Names of the twelve leads, their orders on paper, and the relations that bind the limb leads."""

from __future__ import annotations

import numpy as np

STANDARD_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
LIMB_LEADS = STANDARD_LEADS[:6]
CHEST_LEADS = STANDARD_LEADS[6:]
CABRERA_LEADS = ("aVL", "I", "-aVR", "II", "aVF", "III", *CHEST_LEADS)
"""The Cabrera order walks round the frontal plane and prints aVR inverted, as ``-aVR``."""

EXTRA_LEADS = ("V3R", "V4R", "V7", "V8", "V9")
"""Leads of the right side and of the back, which pages of fifteen leads and some others print."""

UNKNOWN_LEAD = "?"
"""Stands in the rows of a page for a lead whose name is not printed or not legible."""

_ALIASES = {name.casefold(): name for name in (*STANDARD_LEADS, *EXTRA_LEADS, "-aVR")}
_ALIASES |= {f"lead {name}".casefold(): name for name in STANDARD_LEADS}
_ALIASES |= {"d1": "I", "d2": "II", "d3": "III", "di": "I", "dii": "II", "diii": "III"}
_ALIASES |= {"l1": "I", "l2": "II", "l3": "III"}
_ALIASES |= {f"c{number}": f"V{number}" for number in range(1, 7)}


def canonical_lead(name: str) -> str:
    """The standard spelling of a lead (``AVR`` → ``aVR``, ``DII`` → ``II``); an unknown name is returned stripped."""
    stripped = name.strip()
    key = stripped.casefold()
    for prefix in ("mdc_ecg_lead_", "ecg "):
        key = key.removeprefix(prefix).strip()
    return _ALIASES.get(key, stripped)


def limb_leads_from(lead_i: np.ndarray, lead_ii: np.ndarray) -> dict[str, np.ndarray]:
    """All six limb leads from I and II.

    Einthoven: III = II - I. Goldberger: aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2.
    """
    return {
        "I": lead_i,
        "II": lead_ii,
        "III": lead_ii - lead_i,
        "aVR": -(lead_i + lead_ii) / 2,
        "aVL": lead_i - lead_ii / 2,
        "aVF": lead_ii - lead_i / 2,
    }


def einthoven_residual(leads: dict[str, np.ndarray]) -> np.ndarray:
    """I + III - II, sample by sample, in the unit of the input; zero for a perfect recording."""
    return leads["I"] + leads["III"] - leads["II"]


def goldberger_residual(leads: dict[str, np.ndarray]) -> np.ndarray:
    """aVR + aVL + aVF, sample by sample, in the unit of the input; zero for a perfect recording."""
    return leads["aVR"] + leads["aVL"] + leads["aVF"]
