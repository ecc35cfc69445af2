"""What the texts of a drawing say of its traces: names of leads, speed, gain, seconds, and the lead of a whole page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import attrs
import numpy as np

from ecg_core.leads import EXTRA_LEADS, STANDARD_LEADS, canonical_lead
from ecg_digitize.digitizers.vector.scale import Scale
from ecg_digitize.pages.drawing import Text

NAMES = frozenset((*STANDARD_LEADS, *EXTRA_LEADS, "-aVR"))
AROUND_NAMES = "|:;,.()[]¦│"
HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2013\u2212", "-"))
SAME_LINE_MM = 1.5
NUMBER = r"(\d+(?:[.,]\d+)?)"
SPEED = re.compile(NUMBER + r"\s*(?:mm|мм)\s*/\s*(?:s|sec|sek|\u0441|сек)(?![^\W\d_])", re.IGNORECASE)
GAIN = re.compile(NUMBER + r"\s*(mm|cm|мм|см)\s*/\s*(?:mv|мв)(?![^\W\d_])", re.IGNORECASE)
SPEED_UNIT = re.compile(r"(?:mm|мм)\s*/\s*(?:s|sec|sek|\u0441|сек)(?![^\W\d_])", re.IGNORECASE)
GAIN_UNIT = re.compile(r"(?:mm|cm|мм|см)\s*/\s*(?:mv|мв)(?![^\W\d_])", re.IGNORECASE)
CHEST_GAIN = re.compile(r"(?:chest|precordial|brustwand|v1-v6)\w*\s*[:=]?\s*" + GAIN.pattern, re.IGNORECASE)
LEAD_WORD = re.compile(
    r"(?:lead|ableitung|derivaci[oó]n|derivazione|d[ée]rivation|deriva[cç][aã]o|afleiding|avledning|отведени\w*)",
    re.IGNORECASE,
)
WHOLE_PAGE = re.compile(rf"\b{LEAD_WORD.pattern}\s+(i{{1,3}}|av[rlf]|v[1-6])\b", re.IGNORECASE)
A_WORD = re.compile(r"[^\W\d_]{2}")
A_SPACE_MM = 3.0
"""Words of a sentence are no further apart."""
SECOND = re.compile(r"(\d{1,4})\s*(?:s|sec|\u0441|сек)?\Z", re.IGNORECASE)
LEAST_SECONDS = 4
SPEEDS_MM_PER_S = (5.0, 100.0)
GAINS_MM_PER_MV = (1.0, 50.0)


@attrs.frozen
class NameAt:
    """A printed name of a lead, in millimetres of the paper."""

    lead: str
    left_mm: float
    middle_mm: float


@attrs.frozen
class Seconds:
    """Seconds printed along a row: ``9 10 11 12`` or ``0s 1s 2s``.

    Attributes:
        first_s: the leftmost one.
        first_mm: where it stands.
        apart_mm: paper from one second to the next.
        middle_mm: height of the line.
    """

    first_s: int
    first_mm: float
    apart_mm: float
    middle_mm: float


@attrs.frozen
class Statements:
    """What a page says in words of its scale and its lead.

    Attributes:
        speeds_mm_per_s: every paper speed that is printed, once.
        gains_mm_per_mv: every gain, once; not that of the chest leads where it has a place of its own.
        chest_gain_mm_per_mv: gain that is printed for the chest leads.
        lead: the lead of a page that shows one alone, as in "similar to a Lead I ECG".
        speed_is_printed: whether words say a speed, be its number understood or not.
        gain_is_printed: the same of a gain.
    """

    speeds_mm_per_s: tuple[float, ...] = ()
    gains_mm_per_mv: tuple[float, ...] = ()
    chest_gain_mm_per_mv: float | None = None
    lead: str | None = None
    speed_is_printed: bool = False
    gain_is_printed: bool = False


def find_names(texts: Sequence[Text], scale: Scale) -> list[NameAt]:
    """Texts that are the name of a lead, with or without a bar, a colon or "Lead" before it; not those in sentences."""
    return [
        NameAt(lead, each.left_px / scale.across_px_per_mm, each.middle_px / scale.down_px_per_mm)
        for each in texts
        if (lead := lead_named(each.text)) is not None and not _ends_sentence(each, texts, scale)
    ]


def _ends_sentence(name: Text, texts: Sequence[Text], scale: Scale) -> bool:
    """Whether words that name no lead stand closely before a text."""
    before = _word_before(name, texts, scale)
    if before is not None and LEAD_WORD.fullmatch(before.text):
        before = _word_before(before, texts, scale)
    return before is not None and bool(A_WORD.search(before.text)) and lead_named(before.text) is None


def _word_before(text: Text, texts: Sequence[Text], scale: Scale) -> Text | None:
    return next(
        (
            each
            for each in texts
            if each.right_px is not None
            and 0 <= text.left_px - each.right_px + scale.across_px_per_mm <= (A_SPACE_MM + 1) * scale.across_px_per_mm
            and abs(text.middle_px - each.middle_px) <= SAME_LINE_MM * scale.down_px_per_mm
        ),
        None,
    )


def lead_named(text: str) -> str | None:
    """The lead that a word names; None where it names none."""
    lead = canonical_lead(text.translate(HYPHENS).strip(AROUND_NAMES))
    return lead if lead in NAMES else None


def find_statements(texts: Sequence[Text], scale: Scale) -> Statements:
    """Speed, gain and lead in the lines of a page."""
    lines = _lines(texts, scale)
    chest = next((_gain(*found.groups()) for line in lines for found in CHEST_GAIN.finditer(line)), None)
    speeds = (_number(found.group(1)) for line in lines for found in SPEED.finditer(line))
    gains = (_gain(*found.groups()) for line in lines for found in GAIN.finditer(CHEST_GAIN.sub(" ", line)))
    leads = {canonical_lead(found.group(1)) for line in lines for found in WHOLE_PAGE.finditer(line)}
    return Statements(
        speeds_mm_per_s=_within(speeds, SPEEDS_MM_PER_S),
        gains_mm_per_mv=_within(gains, GAINS_MM_PER_MV),
        chest_gain_mm_per_mv=chest,
        lead=leads.pop() if len(leads) == 1 else None,
        speed_is_printed=any(SPEED_UNIT.search(line) for line in lines),
        gain_is_printed=any(GAIN_UNIT.search(line) for line in lines),
    )


def find_seconds(texts: Sequence[Text], scale: Scale) -> list[Seconds]:
    """Lines of numbers that count up one by one, evenly spaced."""
    counted = [
        (each.middle_px / scale.down_px_per_mm, each.left_px / scale.across_px_per_mm, int(found.group(1)))
        for each in texts
        if (found := SECOND.match(each.text))
    ]
    return [seconds for line in _split_lines(counted) if (seconds := _as_seconds(line)) is not None]


def _as_seconds(line: Sequence[tuple[float, float, int]]) -> Seconds | None:
    """The numbers of a line as seconds, the odd others left aside; None where they do not count up."""
    best: list[tuple[float, float, int]] = []
    run: list[tuple[float, float, int]] = []
    for each in sorted(line, key=lambda each: each[1]):
        run = [*run, each] if run and each[2] == run[-1][2] + 1 else [each]
        best = max(best, run, key=len)
    if len(best) < LEAST_SECONDS:
        return None
    apart = np.diff([left for _, left, _ in best])
    if apart.min() <= 0 or np.ptp(apart) > 0.25 * np.median(apart):
        return None
    heights = [middle for middle, _, _ in best]
    return Seconds(best[0][2], best[0][1], float(np.mean(apart)), float(np.median(heights)))


def _split_lines(items: Sequence[tuple[float, float, int]]) -> Iterator[list[tuple[float, float, int]]]:
    line: list[tuple[float, float, int]] = []
    for each in sorted(items):
        if line and each[0] - line[-1][0] > SAME_LINE_MM:
            yield line
            line = []
        line.append(each)
    if line:
        yield line


def _lines(texts: Sequence[Text], scale: Scale) -> list[str]:
    """The words of each line of print, from left to right."""
    places = [
        (each.middle_px / scale.down_px_per_mm, each.left_px / scale.across_px_per_mm, number)
        for number, each in enumerate(texts)
    ]
    return [
        " ".join(texts[number].text for _, _, number in sorted(line, key=lambda each: each[1]))
        for line in _split_lines(places)
    ]


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _gain(number: str, unit: str) -> float:
    return _number(number) * (10.0 if unit.casefold() in ("cm", "см") else 1.0)


def _within(values: Iterable[float], limits: tuple[float, float]) -> tuple[float, ...]:
    return tuple(dict.fromkeys(value for value in values if limits[0] <= value <= limits[1]))
