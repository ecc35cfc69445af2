"""Words drawn onto pieces of pages where none stands: every name, speed and gain as often as any other."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import cv2
import numpy as np

from ecg_digitize.digitizers.neural.markers.classes import NAMES
from ecg_digitize.digitizers.neural.words.alphabet import (
    GAINS_MM_PER_MV,
    PER_MILLIVOLT,
    PER_SECOND,
    SPEEDS_MM_PER_S,
    tokens_of_name,
    tokens_of_number,
    tokens_of_text,
)
from ecg_digitize.learning.word_patches import PATCH_ANCHOR_PX, PATCH_LETTER_PX
from ecg_render.drawing.letters import FONTS, letters
from ecg_render.parts.words import start_behind

CAPITALS = 0.72
"""Height of capital letters as a share of that of the font, about."""

STRETCH = (0.72, 1.15)
STROKE = (0.7, 1.7)
"""Letters are narrower or wider than the fonts have them, and their ink weaker or bolder."""

DARK, AROUND_PX = 115, 12
"""Where the paper about a word is darker, in levels up to 255, it is written in light ink."""

SHARES = {"name": 0.45, "speed": 0.16, "gain": 0.16, "stray": 0.23}

UNITS = {
    PER_SECOND: ("mm/s", "mm/s", "mm/s", "mm/sec", "mm/sec", "mm/Sec", "mm/sek", "mm/S"),
    PER_MILLIVOLT: ("mm/mV", "mm/mV", "mm/mV", "mm/mv", "mm/1mV"),
}
STRAY_UNITS = (
    *(
        "Hz",
        "Hz",
        "Hz",
        "Hz ON",
        "years",
        "yrs",
        "bpm",
        "BPM",
        "ms",
        "ms",
        "/min",
        "cm",
        "kg",
        "mmHg",
        "mm",
        "mV",
        "uV",
    ),
    *("%", "s", "sec", "mm/h", "J", "m", "M", "F", "deg", "", "", ""),
)
STRAY_NUMBERS = ("25", "50", "10", "20", "5", "12.5", "100", "0.5", "40", "35", "150", "60", "0.05", "2.5")
STRAY_WORDS = (
    *("Vent", "rate", "PR", "QRS", "QT/QTc", "axis", "Sinus", "rhythm", "Normal", "ECG", "Name:", "Male", "Female"),
    *(
        "AV",
        "Sex:",
        "Age:",
        "ID",
        "Lead",
        "Limb",
        "Chest",
        "Filter",
        "AC",
        "Speed:",
        "Gain:",
        "Unconfirmed",
        "VR",
        "LV",
    ),
    *(
        "F",
        "IV",
        "V",
        "VI",
        "A",
        "VF",
        "VT",
        "Page",
        "of",
        "P",
        "T",
        "R",
        "S",
        "Dr.",
        "Room",
        "L",
        "LBBB",
        "II,III",
        "ST",
    ),
)
BEFORE_NAMES, BEHIND_NAMES = (*("",) * 4, "|", "Lead ", "[", "1 "), (*("",) * 4, ":", "|", "]", " 1", " x2")
BEFORE_NUMBERS = (
    *("",) * 3,
    *("Speed: ", "Gain: ", "Limb: ", "Chest: ", "Sens: ", "100 Hz  ", "25mm/s ", "V: ", "~ ", "|"),
)
BEHIND_NUMBERS = (
    *("",) * 3,
    *("  10 mm/mV", "  5 mm/mV", "  25 mm/s", " 0.05-150 Hz", " 50Hz ", ", Lead I", "  Chest: 10", "."),
)
"""What stands about words on pages."""


@attrs.frozen
class DrawnWord:
    """A line of words, and what is to be read of it.

    Attributes:
        before: what stands before.
        anchor: the part whose middle is the anchor.
        behind: what follows.
        tokens: what is to be read.
    """

    before: str
    anchor: str
    behind: str
    tokens: tuple[int, ...]


def random_word(rng: np.random.Generator) -> DrawnWord:
    """A name, a speed, a gain or another word; all of a kind are equally likely."""
    kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    if kind == "name":
        return _name(rng)
    if kind == "stray":
        return _stray(rng)
    values, unit = (SPEEDS_MM_PER_S, PER_SECOND) if kind == "speed" else (GAINS_MM_PER_MV, PER_MILLIVOLT)
    value = float(rng.choice(values))
    number = f"{value:.1f}" if rng.random() < 0.1 else f"{value:g}"
    number = number.replace(".", ",") if rng.random() < 0.1 else number
    gap = _one(("", " ", " "), rng)
    return DrawnWord(
        _one(BEFORE_NUMBERS, rng),
        number,
        gap + _one(UNITS[unit], rng) + _one(BEHIND_NUMBERS, rng),
        tokens_of_number(number, unit),
    )


def _name(rng: np.random.Generator) -> DrawnWord:
    name = _one(NAMES, rng)
    sign = "-" if name == "aVR" and rng.random() < 0.3 else ""
    tokens = tokens_of_name(sign + name)
    text = sign + (name, name, name.upper(), name.lower() if set(name) != {"I"} else name)[int(rng.integers(4))]
    text = " ".join(text) if rng.random() < 0.08 else text
    return DrawnWord(_one(BEFORE_NAMES, rng), text, _one(BEHIND_NAMES, rng), tokens)


def _stray(rng: np.random.Generator) -> DrawnWord:
    if rng.random() < 0.35:
        word = _one(STRAY_WORDS, rng)
        return DrawnWord("", word, " " + _one(STRAY_WORDS, rng), tokens_of_text(word))
    usual = rng.random() < 0.6
    number = _one(STRAY_NUMBERS, rng) if usual else str(int(rng.integers(1, 500)))
    unit = _one(STRAY_UNITS, rng)
    behind = _one(("", " "), rng) + unit if unit else ""
    tokens = tokens_of_text(number + behind)
    if not unit:
        tokens = tokens_of_number(number)
    return DrawnWord(_one(("", "", "HR ", "F ", "Age: ", "0.05-", ": "), rng), number, behind, tokens)


def draw_word(paper: np.ndarray, word: DrawnWord, rng: np.random.Generator) -> np.ndarray:
    """A patch of bare paper with a line of words, the middle of whose anchor stands at the patch's anchor.

    Args:
        paper: the patch, uint8 RGB.
        word: what is written.
        rng: chooses font, strength and colour.
    """
    font = str(rng.choice([*FONTS, "sans", "dejavu-sans"]))
    size_px = round(PATCH_LETTER_PX / CAPITALS)
    line = word.before + word.anchor + word.behind
    ink = letters(line, size_px, font)
    own = letters(word.anchor, size_px, font)
    first = start_behind(word.before, word.anchor, size_px, font) + own.left - ink.left
    middle_x = first + own.coverage.shape[1] / 2
    middle_y = own.top - ink.top + own.coverage.shape[0] / 2
    stretch, weight = rng.uniform(*STRETCH), rng.uniform(*STROKE)
    height, width = paper.shape[:2]
    slant = rng.uniform(-0.02, 0.25) if rng.random() < 0.2 else 0.0
    to_x, to_y = PATCH_ANCHOR_PX
    matrix = np.array([[stretch, -slant, to_x - stretch * middle_x + slant * middle_y], [0.0, 1.0, to_y - middle_y]])
    cover = cv2.warpAffine(ink.coverage, matrix, (width, height), flags=cv2.INTER_AREA)
    if weight > 1:
        cover = cv2.GaussianBlur(cover, (0, 0), 0.5 * weight)
    cover = np.clip(cover * weight, 0, 1)[..., None]
    strength = rng.uniform(0.55, 1.0)
    rgb = rng.uniform(0, 70, 3) if rng.random() < 0.6 else np.full(3, rng.uniform(0, 110))
    rgb = 255 - rgb if is_dark(paper) else rgb
    return np.clip(paper * (1 - strength * cover) + rgb * strength * cover, 0, 255).astype(np.uint8)


def is_dark(paper: np.ndarray) -> bool:
    """Whether the paper of a patch is dark about its anchor, so that what is drawn there has to be light."""
    x, y = (int(each) for each in PATCH_ANCHOR_PX)
    return bool(paper[y - AROUND_PX : y + AROUND_PX, x - AROUND_PX : x + AROUND_PX].mean() < DARK)


def _one(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
