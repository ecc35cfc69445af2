"""Words around the signal, as machines print them."""

from __future__ import annotations

import numpy as np

from ecg_render.style import Note

KIT_HEADER = (
    Note(text="ID: {id}", left_mm=1.25, foot_mm=5.9),
    Note(text="Name: {name}", left_mm=76.25, foot_mm=5.9),
    Note(text="Date: {date}", left_mm=151.25, foot_mm=5.9),
    Note(text="Age: {age} yrs", left_mm=1.25, foot_mm=10.9),
    Note(text="Height: {height}", left_mm=76.25, foot_mm=10.9),
    Note(text="Weight: {weight} Kgs", left_mm=151.25, foot_mm=10.9),
    Note(text="Sex: {sex}", left_mm=1.25, foot_mm=15.9),
)
"""The header as ecg-image-kit prints it, in three columns at the top edge."""

KIT_FOOTER = (
    Note(text="{speed}mm/s", left_mm=50.0, foot_mm=-5.0),
    Note(text="{gain}mm/mV", left_mm=100.0, foot_mm=-5.0),
)

INTERPRETATIONS = (
    "Normal sinus rhythm",
    "Sinus bradycardia",
    "Sinus tachycardia",
    "Atrial fibrillation",
    "Left axis deviation",
    "Left ventricular hypertrophy",
    "Right bundle branch block",
    "Left bundle branch block",
    "Nonspecific ST and T wave abnormality",
    "Cannot rule out anterior infarct, age undetermined",
    "Borderline ECG",
    "Abnormal ECG",
)
DEVICES = ("ECG-1250", "CardioLine 12", "MAC 55", "PW TC-30", "AT-102", "Unit 7")
NAMES = ("A. Example", "Sample, B.", "C. Muster", "Test Patient", "Doe, D.")
FIRST_NAME_ROW_MM = 8.0
LINE_MM = 5.0


def fictional_header(rng: np.random.Generator) -> tuple[Note, ...]:
    """A header of made-up values: in the kit's form, or as a machine prints its measurements."""
    return _filled_kit_header(rng) if rng.random() < 0.5 else _measurements(rng)


def random_footer(rng: np.random.Generator) -> tuple[Note, ...]:
    """Paper speed and gain, and at times filter and device, spread over the foot of the page."""
    words = ["{speed} mm/s", "{gain} mm/mV"] if rng.random() < 0.5 else ["{speed}mm/s", "{gain}mm/mV"]
    if rng.random() < 0.5:
        words.append(f"{rng.choice(['0.05', '0.15', '0.5'])}-{rng.choice(['40', '100', '150'])} Hz")
    if rng.random() < 0.5:
        words.append(str(rng.choice(DEVICES)))
    left_mm, step_mm, size_mm = rng.uniform(5, 60), rng.uniform(28, 50), rng.uniform(2.6, 4.2)
    foot_mm = -rng.uniform(3, 9)
    return tuple(
        Note(text=text, left_mm=left_mm + index * step_mm, foot_mm=foot_mm, size_mm=size_mm)
        for index, text in enumerate(words)
    )


def made_up_words(rng: np.random.Generator) -> dict[str, str]:
    """Made-up values by the name of their placeholder, as machines print them on a page; none is a real patient's."""
    qt, year = int(rng.integers(320, 460)), int(rng.integers(1994, 2026))
    day, month = int(rng.integers(1, 29)), int(rng.integers(1, 13))
    findings = rng.choice(INTERPRETATIONS, size=3, replace=False)
    return {
        "patient": str(rng.choice(NAMES)),
        "number": str(rng.integers(10**6, 10**8)),
        "age": str(rng.integers(18, 95)),
        "sex": str(rng.choice(["Male", "Female"])),
        "birthday": f"{rng.integers(1, 29):02d}.{rng.integers(1, 13):02d}.{rng.integers(1930, 2005)}",
        "date": str(
            rng.choice([f"{day:02d}.{month:02d}.{year}", f"{year}-{month:02d}-{day:02d}", f"{month}/{day}/{year}"])
        ),
        "clock": _time(rng),
        "rate": str(rng.integers(45, 120)),
        "pr": str(rng.integers(120, 220)),
        "qrs": str(rng.integers(70, 150)),
        "qt": str(qt),
        "qtc": str(qt + int(rng.integers(-20, 60))),
        "axes": f"{rng.integers(-30, 90)} {rng.integers(-40, 110)} {rng.integers(-20, 120)}",
        "finding": str(findings[0]),
        "finding_2": str(findings[1]),
        "finding_3": str(findings[2]),
        "low_hz": str(rng.choice(["0.05", "0.15", "0.5", "0.67"])),
        "high_hz": str(rng.choice(["25", "35", "40", "100", "150"])),
        "mains_hz": str(rng.choice(["50", "60"])),
        "version": f"V{rng.integers(1, 7)}.{rng.integers(0, 13)}",
        "part": str(rng.choice(["II", "III", "IV", "VI"])),
        "room": str(rng.integers(1, 40)),
    }


def _filled_kit_header(rng: np.random.Generator) -> tuple[Note, ...]:
    values = {
        "id": f"{rng.integers(100_000):05d}_hr",
        "name": "",
        "date": f"{rng.integers(1984, 2024)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}, {_time(rng)}",
        "age": str(rng.integers(18, 95)),
        "height": str(rng.integers(145, 205)) if rng.random() < 0.5 else "",
        "weight": str(rng.integers(45, 120)),
        "sex": str(rng.choice(["Male", "Female"])),
    }
    size_mm = rng.uniform(3.2, 4.2)
    return tuple(
        Note(text=_fill(note.text, values), left_mm=note.left_mm, foot_mm=note.foot_mm, size_mm=size_mm)
        for note in KIT_HEADER
    )


def _measurements(rng: np.random.Generator) -> tuple[Note, ...]:
    rate, qt = int(rng.integers(45, 120)), int(rng.integers(320, 460))
    left = [
        f"{rng.choice(NAMES)}   ID {rng.integers(10**7, 10**8)}",
        f"{rng.integers(1, 29):02d}.{rng.integers(1, 13):02d}.{rng.integers(1990, 2025)}  {_time(rng)}",
        f"Vent. rate {rate} BPM",
        f"PR interval {rng.integers(120, 220)} ms",
        f"QRS duration {rng.integers(70, 150)} ms",
        f"QT/QTc {qt}/{qt + int(rng.integers(-20, 40))} ms",
        f"P-R-T axes {rng.integers(-30, 90)} {rng.integers(-40, 110)} {rng.integers(-20, 120)}",
    ]
    right = [str(text) for text in rng.choice(INTERPRETATIONS, size=rng.integers(1, 4), replace=False)]
    size_mm = rng.uniform(2.6, 3.6)
    left_mm, right_mm = rng.uniform(4, 20), rng.uniform(95, 140)
    return tuple(
        Note(text=text, left_mm=column_mm, foot_mm=FIRST_NAME_ROW_MM + index * LINE_MM, size_mm=size_mm)
        for column_mm, lines in ((left_mm, left), (right_mm, right))
        for index, text in enumerate(lines)
    )


def _time(rng: np.random.Generator) -> str:
    return ":".join(f"{rng.integers(limit):02d}" for limit in (24, 60, 60))


def _fill(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
