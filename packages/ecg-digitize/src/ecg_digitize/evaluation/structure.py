"""Whether a page was understood: its rows of leads, its speed and its gain against what is printed on it.

A page is ``right``, or something of it is not and the user is told by a verdict that is not ``good``, or something is
not and the page is called good all the same: that is ``silent``, the one outcome that may never be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, Self

import attrs
import numpy as np

from ecg_core.errors import EcgError
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_digitize.record.digitization import Digitization
from ecg_digitize.record.quality import Verdict
from ecg_render import Page, TracePiece
from ecg_render.labels import LINES, PULSE, has_any

StructureOutcome = Literal["right", "told", "silent"]
Rows = tuple[tuple[str, ...], ...]

UNREADABLE = "?"
"""Stands for a name that nobody can read on the page; any name is right there."""

LEGIBLE = 0.5
"""A word can be read of which so much lies on the picture."""

SCALE_TOLERANCE = 0.02
"""Speeds and gains that are nearer than this to each other, as a share, are the same."""

START_TOLERANCE_S = 0.2
"""Leads that begin nearer than this to each other begin at the same time."""


def _as_rows(rows: Iterable[Iterable[str]]) -> Rows:
    return tuple(tuple(map(str, row)) for row in rows)


def _as_tuples(rows: Iterable[Iterable[float]]) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, rows))


@attrs.frozen(kw_only=True)
class PrintedStructure:
    """What is printed on a page.

    Attributes:
        rows: names of the leads as printed, top to bottom, left to right; `UNREADABLE` where none can be read.
        speed_mm_per_s: paper speed; None where the page does not tell.
        gain_mm_per_mv: gain; None where the page does not tell.
        starts_s: where known, the instant of the record at which the leads of each row begin.
        may_be_refused: whether the print alone does not tell what it is, so that a refusal is right.
    """

    rows: Rows = attrs.field(converter=_as_rows)
    speed_mm_per_s: float | None = None
    gain_mm_per_mv: float | None = None
    starts_s: tuple[tuple[float, ...], ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(_as_tuples)
    )
    may_be_refused: bool = False

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """A page of a ``structure.json``, which says of real pages what a person sees on them."""
        return cls(
            rows=plain["rows"],
            speed_mm_per_s=plain.get("speed_mm_per_s"),
            gain_mm_per_mv=plain.get("gain_mm_per_mv"),
            may_be_refused=plain.get("refusal_ok", False) or not plain.get("readable_by_human", True),
        )

    @classmethod
    def of_page(cls, page: Page) -> Self:
        """A rendered page, as it was before anything degraded it.

        Where no name is printed, or the picture cuts most of it off, any is right, and where neither a pulse nor words
        tell speed or gain, any is; a page without grid and pulse may be refused.
        """
        by_place = sorted(page.pieces, key=lambda piece: (piece.row, piece.x_px[0]))
        of_row = [list(pieces) for _, pieces in groupby(by_place, key=lambda piece: piece.row)]
        legible = {(name.row, name.lead) for name in page.lead_names if _is_legible(page, name.corners_px)}
        cut_off = {(name.row, name.lead) for name in page.lead_names} - legible

        def name_of(piece: TracePiece) -> str:
            return piece.lead if page.lead_names and (piece.row, piece.lead) not in cut_off else UNREADABLE

        in_words = {text.kind for text in page.scale_texts if _is_legible(page, text.corners_px)}
        has_pulse, has_grid = (bool(has_any(page.labels, bits).any()) for bits in (PULSE, LINES))
        tells_speed, tells_gain = (has_pulse or kind in in_words for kind in ("speed", "gain"))
        return cls(
            rows=[list(map(name_of, pieces)) for pieces in of_row],
            speed_mm_per_s=page.px_per_s / page.px_per_mm if tells_speed else None,
            gain_mm_per_mv=page.px_per_mv / page.px_per_mm if tells_gain else None,
            starts_s=[[piece.start_s for piece in pieces] for pieces in of_row] if tells_speed else None,
            may_be_refused=not has_pulse and not has_grid,
        )


def _is_legible(page: Page, corners_px: np.ndarray) -> bool:
    """Whether at least half of a word lies on the picture."""
    first_px, last_px = corners_px.min(axis=0), corners_px.max(axis=0)
    inside_px = np.clip((first_px, last_px), 0, (page.width_px, page.height_px))
    return bool(np.prod(inside_px[1] - inside_px[0]) >= LEGIBLE * np.prod(last_px - first_px))


@attrs.frozen(kw_only=True)
class ReadStructure:
    """What a digitizer says is printed on a page.

    Attributes:
        verdict: that of the page.
        rows: names of the leads; None where it does not say.
        speed_mm_per_s: paper speed, where it says one.
        gain_mm_per_mv: gain, where it says one.
        starts_s: where known, the instant of the record at which the leads of each row begin.
        lead_verdicts: verdict of each lead, by name.
    """

    verdict: Verdict
    rows: Rows | None = attrs.field(converter=attrs.converters.optional(_as_rows))
    speed_mm_per_s: float | None = None
    gain_mm_per_mv: float | None = None
    starts_s: tuple[tuple[float, ...], ...] | None = None
    lead_verdicts: Mapping[str, str] = attrs.field(factory=dict)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The content of a ``quality.json``; one without rows has those of the layout that it names."""
        paper = plain.get("paper") or {}
        return cls(
            verdict=plain["verdict"],
            rows=plain.get("layout_rows") or _rows_of_layout(plain.get("layout")),
            speed_mm_per_s=paper.get("speed_mm_per_s"),
            gain_mm_per_mv=paper.get("gain_mm_per_mv"),
            lead_verdicts={lead: own.get("verdict") for lead, own in (plain.get("leads") or {}).items()},
        )

    @classmethod
    def of(cls, found: Digitization) -> Self:
        """What a digitization says, with the times at which its leads begin."""
        return attrs.evolve(cls.from_plain(found.quality.to_plain()), starts_s=_starts_s(found))


@attrs.frozen(kw_only=True)
class StructureScore:
    """How well a page was understood.

    Attributes:
        outcome: ``right``, ``told`` or ``silent``.
        faults: what is not as printed.
        refused: whether the page was refused.
        wrongly_good: leads called good that do not stand where they were read, or were read at another scale.
    """

    outcome: StructureOutcome
    faults: tuple[str, ...] = ()
    refused: bool = False
    wrongly_good: tuple[str, ...] = ()


def score_structure(printed: PrintedStructure, read: ReadStructure | None) -> StructureScore:
    """Compare what was read with what is printed.

    Args:
        printed: the page.
        read: what was made of it; None where the digitizer gave nothing but an error.
    """
    if read is None:
        return StructureScore(outcome="right" if printed.may_be_refused else "told", faults=("refused",), refused=True)
    refused = read.verdict == "refused"
    if read.rows is None:
        outcome: StructureOutcome = "silent" if read.verdict == "good" else "told"
        return StructureScore(outcome=outcome, faults=("no rows",), refused=refused)
    of_scale = _scale_faults(printed, read)
    faults = (*_row_faults(printed.rows, read.rows), *of_scale, *_time_faults(printed, read))
    if refused:
        outcome = "right" if printed.may_be_refused else "told"
        return StructureScore(outcome=outcome, faults=("refused", *faults), refused=True)
    return StructureScore(
        outcome="right" if not faults else "silent" if read.verdict == "good" else "told",
        faults=faults,
        wrongly_good=_wrongly_good(printed.rows, read.rows, read.lead_verdicts, all_of_them=bool(of_scale)),
    )


def structure_counts(scores: Sequence[StructureScore]) -> dict[str, float]:
    """How many of some pages came out how, and the share of those that are right."""
    number = Counter(score.outcome for score in scores)
    return {
        "pages": len(scores),
        "right": number["right"],
        "share": number["right"] / max(len(scores), 1),
        "told": number["told"],
        "silent": number["silent"],
        "refused": sum(score.refused for score in scores),
        "refused though readable": sum(score.refused and score.outcome == "told" for score in scores),
        "leads called good wrongly": sum(len(score.wrongly_good) for score in scores),
    }


def same_lead(printed: str, read: str) -> bool:
    """Whether a name is the printed one, in whatever letters; the sign of a lead that is upside down does not count."""
    return printed == UNREADABLE or _bare(printed) == _bare(read)


def _bare(name: str) -> str:
    return name.lower().removeprefix("-")


def _row_faults(printed: Rows, read: Rows) -> tuple[str, ...]:
    fits = len(printed) == len(read) and all(
        len(row) == len(own) and all(map(same_lead, row, own)) for row, own in zip(printed, read, strict=True)
    )
    return () if fits else (f"rows {' / '.join(' '.join(row) for row in read)}",)


def _scale_faults(printed: PrintedStructure, read: ReadStructure) -> tuple[str, ...]:
    pairs = (
        ("mm/s", printed.speed_mm_per_s, read.speed_mm_per_s),
        ("mm/mV", printed.gain_mm_per_mv, read.gain_mm_per_mv),
    )
    return tuple(
        f"{found:g} {unit} for {true:g}"
        for unit, true, found in pairs
        if true and found and abs(found / true - 1) > SCALE_TOLERANCE
    )


def _time_faults(printed: PrintedStructure, read: ReadStructure) -> tuple[str, ...]:
    """What begins at another time, where the rows are as printed and times are known on both sides."""
    if printed.starts_s is None or read.starts_s is None:
        return ()
    true, found = printed.starts_s, read.starts_s
    if list(map(len, true)) != list(map(len, found)):
        return ()
    late = [
        f"{name} at {start_s:.2f} s for {true_s:.2f}"
        for names, own, others in zip(printed.rows, true, found, strict=True)
        for name, true_s, start_s in zip(names, own, others, strict=True)
        if abs(true_s - start_s) > START_TOLERANCE_S
    ]
    return (f"{late[0]}{f' and {len(late) - 1} more' if len(late) > 1 else ''}",) if late else ()


def _wrongly_good(printed: Rows, read: Rows, verdicts: Mapping[str, str], *, all_of_them: bool) -> tuple[str, ...]:
    """Leads called good that are not what is printed at their place, each once; all of them where the scale is not."""
    wrong = [
        lead.removeprefix("-")
        for row_number, row in enumerate(read)
        for place, lead in enumerate(row)
        if verdicts.get(lead.removeprefix("-")) == "good"
        and (all_of_them or not _stands_at(printed, row_number, place, lead))
    ]
    return tuple(dict.fromkeys(wrong))


def _stands_at(printed: Rows, row: int, place: int, lead: str) -> bool:
    return row < len(printed) and place < len(printed[row]) and same_lead(printed[row][place], lead)


def _rows_of_layout(name: str | None) -> Rows | None:
    """Rows of an installed layout; None where there is no such."""
    try:
        layout: Layout = registry().load("layouts", name or "")
    except EcgError:
        return None
    return rows_of(layout)


def rows_of(layout: Layout) -> Rows:
    """Names of the leads of every row of a layout, in print order."""
    by_row: dict[int, list[tuple[float, str]]] = {}
    for segment in layout.segments:
        by_row.setdefault(segment.row, []).append((segment.at_s, segment.lead))
    return _as_rows((lead for _, lead in sorted(by_row[row])) for row in sorted(by_row))


def _starts_s(found: Digitization) -> tuple[tuple[float, ...], ...]:
    """When the leads of each row begin, in print order."""
    rate_hz = found.record.sampling_rate_hz
    by_row: dict[int, list[tuple[float, float]]] = {}
    for trace in found.reading.traces:
        left_px = min(trace.points_px[np.isfinite(trace.points_px[:, 0]), 0], default=0.0)
        by_row.setdefault(trace.row, []).append((left_px, trace.first_sample / rate_hz))
    num_rows = len(found.reading.structure.rows)
    return tuple(tuple(start_s for _, start_s in sorted(by_row.get(row, []))) for row in range(num_rows))
