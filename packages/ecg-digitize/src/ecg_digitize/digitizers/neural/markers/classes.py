"""The printed names of leads as marks on flat paper: the twelve leads, and the long row of lead II."""

from __future__ import annotations

from ecg_core.leads import STANDARD_LEADS

RHYTHM = "II rhythm"
MARKERS = (*STANDARD_LEADS, RHYTHM)
CLASSES = ("background", *MARKERS)
"""What the marker network tells apart, in the order of its outputs."""


def class_of(lead: str, *, is_rhythm: bool) -> int:
    """Class of a printed name; 0 for a lead that has none."""
    name = RHYTHM if is_rhythm and lead == "II" else lead.lstrip("-")
    return CLASSES.index(name) if name in CLASSES else 0
