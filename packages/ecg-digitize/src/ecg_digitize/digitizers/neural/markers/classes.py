"""What the marker network tells apart on flat paper: names of leads, calibration pulses, separators, printed scales."""

from __future__ import annotations

from collections.abc import Mapping

from ecg_core.leads import EXTRA_LEADS, STANDARD_LEADS

BACKGROUND = "background"

NAMES = (*STANDARD_LEADS, *EXTRA_LEADS)
"""The printed names of leads. A rhythm row's name reads the same as that of the short row, and is of the same class."""

PULSE = "pulse"
"""The box of a calibration pulse from its left to its right edge and from its top to its foot, filled; no feet."""

SEPARATOR = "separator"
"""Bars, ticks and dotted lines where one lead of a row ends and the next begins."""

SPEEDS: Mapping[str, float] = {"12.5 mm/s": 12.5, "25 mm/s": 25.0, "50 mm/s": 50.0}
"""The printed paper speeds, with their value in mm/s. Their mark is that of the number, what tells them apart."""

GAINS: Mapping[str, float] = {"5 mm/mV": 5.0, "10 mm/mV": 10.0, "20 mm/mV": 20.0}
"""The printed gains, with their value in mm/mV; marked likewise."""

CLASSES = (BACKGROUND, *NAMES, PULSE, SEPARATOR, *SPEEDS, *GAINS)
"""What the marker network tells apart, in the order of its outputs."""

EARLIER_CLASSES: Mapping[int, tuple[str, ...]] = {14: (BACKGROUND, *STANDARD_LEADS, "II")}
"""The classes of networks that earlier versions trained, by their number; see `ecg_digitize.learning.carried_over`. The
second II was that of rhythm rows, which reads the same."""


def class_of_name(lead: str) -> int:
    """Class of the printed name of a lead, ``-aVR`` as ``aVR``; 0 for a lead that has none."""
    return _class_of(lead.lstrip("-"), NAMES)


def class_of_speed(speed_mm_per_s: float) -> int:
    """Class of a printed paper speed; 0 for one that has none."""
    return _class_of(_text_of(speed_mm_per_s, SPEEDS), SPEEDS)


def class_of_gain(gain_mm_per_mv: float) -> int:
    """Class of a printed gain; 0 for one that has none."""
    return _class_of(_text_of(gain_mm_per_mv, GAINS), GAINS)


def why_unfit(num_outputs: int) -> str:
    """Why a marker network with so many outputs cannot be used, and what to do; empty for one that can."""
    if num_outputs == len(CLASSES):
        return ""
    earlier = " (an earlier version trained it)" if num_outputs in EARLIER_CLASSES else ""
    return (
        f"the marker network tells {num_outputs} classes apart{earlier}, and {len(CLASSES)} are needed: "
        f"{', '.join(CLASSES)}. Train it further by `ecg run digitize.train_stage0 --set begin_with=FILE.safetensors`, "
        "and make files of the run by `ecg run digitize.export`; or leave --networks away to use the shipped ones"
    )


def _class_of(name: str, names: Mapping[str, float] | tuple[str, ...]) -> int:
    return CLASSES.index(name) if name in names else 0


def _text_of(value: float, texts: Mapping[str, float]) -> str:
    return next((text for text, known in texts.items() if known == value), "")
