"""What the signals of a page's leads tell of its structure: which seconds the columns show, and which leads long rows.

It is asked in the same words of every page, whether its traces were read from a picture or drawn as lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import attrs
import numpy as np

from ecg_core.leads import LIMB_LEADS, UNKNOWN_LEAD
from ecg_digitize.digitizers.structure.beats import find_beats, steepness
from ecg_digitize.digitizers.structure.evidence import STROKE
from ecg_digitize.digitizers.structure.limb_relations import are_at_odds, do_limb_leads_agree, made_lead
from ecg_digitize.digitizers.structure.long_row_beats import (
    beats_show_beginning,
    intervals_show_beginning,
    stand_beside_beats,
)
from ecg_digitize.digitizers.structure.long_rows import (
    APART,
    NEXT,
    OTHER,
    SAME,
    STEP_MM,
    ShortPrint,
    SignalMatch,
    match_signal,
)
from ecg_digitize.digitizers.structure.orders import plain
from ecg_digitize.digitizers.structure.returning import NEAR_MM, shifts_of_same_beats_mm
from ecg_digitize.digitizers.structure.same_seconds import (
    away_from_ends,
    rhythm_goes_on,
    run_better,
    show_beginning,
    show_same_seconds,
)

OPEN_TIMING = (
    "the beats of all columns stand at the same places, and a regular rhythm does not tell whether the columns follow "
    "each other, as was taken for granted, or show the same seconds"
)

_GAPS = (
    "the columns do not touch, and nothing tells whether time goes on between them, or each begins where the one "
    "before it ends; "
)
TIME_GOES_ON = _GAPS + "that it goes on was taken for granted"
END_TO_END = _GAPS + "that each begins where the one before it ends was taken for granted"

NO_LIMB_LEADS = "the limb leads {leads} do not fit together: check the names, or give the rows by --layout"

TWIN, OTHERS = 0.05, 3.0
"""In rows of one lead each one without a name has that of another which differs by less, and from the next by so many
times more: such a row is a copy."""

USUALLY_LONG = ("II", "V1", "V5", "I", "III", "V2", "V3", "V4", "V6")
"""Leads that have a row for themselves below others now and then. The augmented ones run like others, which have it."""

MOSTLY_LONG = ("II", "V1", "V5")
"""Leads that have one mostly: of leads that a row without a name runs alike with it is rather one of these."""


@attrs.frozen(eq=False, kw_only=True)
class PrintedPiece:
    """A lead as it is printed in a row.

    Attributes:
        lead: its name; ``-aVR`` is printed upside down, `UNKNOWN_LEAD` where it is not known.
        row: number of its row, from the top.
        at_mm: where its column begins, from the beginning of the rows, without paper that takes no time.
        column: number of its column, from the left.
        is_long: whether it has a row for itself, where others have several.
        x_mm: places along the paper, likewise, float, shape (samples,), `STEP_MM` apart.
        height_mm: height of its trace there, upwards; NaN where there is none.
    """

    lead: str
    row: int
    at_mm: float
    column: int
    is_long: bool
    x_mm: np.ndarray
    height_mm: np.ndarray


def are_columns_at_once(pieces: Sequence[PrintedPiece], *, apart: bool = False) -> bool | None:
    """Whether the columns show the same seconds; None where nothing tells it.

    Limb leads of the same seconds tell each other, in whichever columns they stand. A long row tells it next best.

    Args:
        pieces: every lead of the page, the long rows among them.
        apart: whether every column has a pulse of its own.
    """
    columns = _columns(pieces)
    if len(columns) < 2:
        return False
    limb_leads_agree = do_limb_leads_agree([_leads_of_column(own) for own in columns])
    if limb_leads_agree:
        return True
    steep = _steepness(columns)
    long_rows = [steepness(piece.height_mm, STEP_MM) for piece in pieces if piece.is_long]
    if long_rows:
        told = _told_by_long_rows(steep, _starts(columns), long_rows)
        if told:
            return None if len(told) > 1 else told.pop()
    are_alike = show_same_seconds(steep, STEP_MM, apart=apart)
    if long_rows and are_alike:
        return None  # the long row would tell it, were it so
    return limb_leads_agree if are_alike is None else are_alike


def _told_by_long_rows(
    columns: Sequence[np.ndarray], starts: Sequence[int], long_rows: Sequence[np.ndarray]
) -> set[bool]:
    """Whether the columns show the first seconds of long rows, by all that tells it: several answers contradict each
    other, and none says that nothing does."""
    length = min(map(len, long_rows))
    long_row = np.sum([row[:length] for row in long_rows], axis=0)
    ways = (show_beginning, beats_show_beginning, intervals_show_beginning)
    told = {answer for way in ways if (answer := way(columns, starts, long_row, STEP_MM)) is not None}
    may_be_first = told == {False} and stand_beside_beats(columns, starts, long_row, STEP_MM)
    return {True, False} if may_be_first else told


def starts_by_beats_mm(pieces: Sequence[PrintedPiece]) -> list[float] | None:
    """Where columns of the same seconds begin by their beats, from the beginning of the rows; None where these do not
    tell it, or tell what was known.

    Args:
        pieces: as of `are_columns_at_once`.
    """
    columns = _columns(pieces)
    steep = _steepness(columns)
    length_mm = len(steep[0]) * STEP_MM
    beats_mm = [away_from_ends(find_beats(own, STEP_MM) * STEP_MM, length_mm) for own in steep]
    shifts_mm = shifts_of_same_beats_mm(beats_mm, length_mm)
    if shifts_mm is None or np.abs(shifts_mm).max() <= NEAR_MM:
        return None
    return [start * STEP_MM + shift for start, shift in zip(_starts(columns), shifts_mm.tolist(), strict=True)]


def _columns(pieces: Sequence[PrintedPiece]) -> list[list[PrintedPiece]]:
    """The leads of every column, from the left; those of long rows are of none."""
    numbers = sorted({piece.column for piece in pieces if not piece.is_long})
    return [[piece for piece in pieces if piece.column == number and not piece.is_long] for number in numbers]


def _starts(columns: Sequence[Sequence[PrintedPiece]]) -> list[int]:
    """Where each column begins, in samples from the beginning of the rows."""
    return [round(min(piece.at_mm for piece in own) / STEP_MM) for own in columns]


def _steepness(columns: Sequence[Sequence[PrintedPiece]]) -> list[np.ndarray]:
    """How steep the traces of each column are, over all its rows, by its steepest place; of all columns as long."""
    shortest = min(len(piece.height_mm) for own in columns for piece in own)
    sums = [np.sum([steepness(piece.height_mm, STEP_MM)[:shortest] for piece in own], axis=0) for own in columns]
    return [own / max(float(own.max()), 1e-9) for own in sums]


def _leads_of_column(pieces: Sequence[PrintedPiece]) -> dict[str, np.ndarray]:
    return {plain(piece.lead): -piece.height_mm if piece.lead.startswith("-") else piece.height_mm for piece in pieces}


def run_better_there(pieces: Sequence[PrintedPiece], others: Sequence[PrintedPiece]) -> bool | None:
    """Whether the columns begin where some pieces have them, rather than others.

    They run alike with the long rows there; where those do not tell it, the rhythm goes on from one to the next.

    Args:
        pieces: every lead of the page, the long rows among them.
        others: the same leads in the same order, as they were if time went on otherwise between the columns.

    Returns:
        None where nothing tells it.
    """
    told = _run_better(pieces, others)
    if told is not None:
        return told
    columns, elsewhere = _columns(pieces), _columns(others)
    return rhythm_goes_on(_steepness(columns), _starts(columns), _starts(elsewhere), STEP_MM)


def _run_better(pieces: Sequence[PrintedPiece], others: Sequence[PrintedPiece]) -> bool | None:
    """As of `run_better_there`, by the long rows alone."""
    long_rows = [steepness(piece.height_mm, STEP_MM) for piece in pieces if piece.is_long]
    if not long_rows:
        return None
    length = min(map(len, long_rows))
    shorts = [(one, other) for one, other in zip(pieces, others, strict=True) if not one.is_long]
    return run_better(
        [steepness(one.height_mm, STEP_MM) for one, _ in shorts],
        [round(one.at_mm / STEP_MM) for one, _ in shorts],
        [round(other.at_mm / STEP_MM) for _, other in shorts],
        np.sum([row[:length] for row in long_rows], axis=0),
        STEP_MM,
    )


@attrs.frozen
class ToldLeads:
    """Leads of long rows that their signals tell otherwise than their names do.

    Attributes:
        leads: the lead of each such row, by its number.
        doubts: what makes a name uncertain.
        notes: what a user should know as well.
    """

    leads: Mapping[int, str]
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def tell_long_rows(
    pieces: Sequence[PrintedPiece], *, at_once: bool = False, clearly_named: Collection[int] = ()
) -> ToldLeads:
    """Names of long rows that were not read, or misread, told by what their signal runs alike with.

    Where it runs alike with the lead that was read, too, or rather with one that is hardly ever printed so, the name
    that was read stays, and what speaks against it is told.

    Args:
        pieces: every lead of the page.
        at_once: whether all columns show the first seconds of the long rows.
        clearly_named: numbers of rows whose letters leave no doubt: a signal that says otherwise may be misread itself.
    """
    shorts = [_short_print(piece, at_once) for piece in pieces if not piece.is_long]
    leads: dict[int, str] = {}
    doubts, notes = [], []
    for piece in pieces:
        if not piece.is_long:
            continue
        match = match_signal(piece.x_mm, piece.height_mm, shorts)
        difference = match.differences.get(plain(piece.lead), 0.0)
        where = f"row {piece.row + 1} from the top"
        told = match.lead or _likeliest_of_strokes(match, piece.lead)
        is_other = told not in (None, UNKNOWN_LEAD, plain(piece.lead))
        runs_otherwise = is_other and (piece.lead == UNKNOWN_LEAD or difference >= APART)
        is_surer = piece.row in clearly_named or difference <= SAME or told not in USUALLY_LONG
        may_be_right = piece.lead != UNKNOWN_LEAD and is_surer
        if runs_otherwise and may_be_right:
            doubts.append(f"{where} is named {piece.lead}, but runs like {told}")
        elif told is not None and runs_otherwise:
            leads[piece.row] = told
            how = "no name of it was read" if piece.lead == UNKNOWN_LEAD else f"its name was read as {piece.lead}"
            notes.append(f"{where} is lead {told}, as its signal tells; {how}")
        elif piece.lead == UNKNOWN_LEAD and (alike := _likeliest_alike(match)):
            leads[piece.row] = alike[0]
            doubts.append(
                f"{where} runs like {' and '.join(alike)}, and is taken for {alike[0]}, which has a row more often: "
                "check it, or give the rows by --layout"
            )
        elif difference > OTHER:
            doubts.append(f"{where} is named {piece.lead}, but does not run like it")
        elif is_other:
            doubts.append(f"{where} is named {piece.lead}, but runs more like {told}")
    return ToldLeads(leads, tuple(doubts), tuple(notes))


def _likeliest_of_strokes(match: SignalMatch, lead: str) -> str | None:
    """Of I, II and III the one that a row of such a name runs alike with, whatever else it runs alike with; None where
    its own name may be right, or none is clear.

    A steep wave beside strokes is one more, but makes no letters of them.
    """
    differences = {each: value for each, value in match.differences.items() if set(each) == {STROKE}}
    if differences.get(lead, 0.0) <= SAME:
        return None
    likeliest = min(differences, key=lambda each: differences[each])
    is_clear = all(value >= NEXT * differences[likeliest] for each, value in differences.items() if each != likeliest)
    return likeliest if differences[likeliest] <= SAME and is_clear else None


def _likeliest_alike(match: SignalMatch) -> list[str]:
    """The leads that a row runs alike with, first the only one of those that mostly have a row for themselves; none
    where there are several of these, or none."""
    least = min(match.differences.values(), default=np.inf)
    alike = [lead for lead, value in match.differences.items() if value <= min(SAME, NEXT * least)]
    usual = [lead for lead in alike if lead in MOSTLY_LONG]
    return [*usual, *(lead for lead in alike if lead not in usual)] if len(usual) == 1 < len(alike) else []


def tell_copies(pieces: Sequence[PrintedPiece]) -> ToldLeads:
    """Names of rows of one lead without one, on a page without longer rows, that are copies of one with a name, or that
    the limb leads of the same seconds make.

    Of two rows of one name the second must be a copy of the first, and limb leads must fit together; else some of the
    names were misread, or are those of other rows.
    """
    named = [piece for piece in pieces if piece.lead != UNKNOWN_LEAD]
    shorts = [_short_print(piece, False) for piece in named]
    limbs = _limb_leads_by_column(named)
    num_leads = Counter(piece.row for piece in pieces)
    leads: dict[int, str] = {}
    doubts, notes = [NO_LIMB_LEADS.format(leads=", ".join(own)) for own in limbs.values() if are_at_odds(own)], []
    for piece in pieces:
        where = f"row {piece.row + 1} from the top"
        if piece.lead != UNKNOWN_LEAD:
            first = next(other for other in named if plain(other.lead) == plain(piece.lead))
            if first is not piece and _differ(first, piece):
                doubts.append(f"{where} is named {piece.lead}, but does not run like row {first.row + 1} of that name")
            continue
        lead = _copied_lead(piece, shorts) or made_lead(piece.height_mm, limbs.get(piece.column, {}))
        if lead is not None and num_leads[piece.row] == 1:
            leads[piece.row] = lead
            notes.append(f"{where} is lead {lead}, as its signal tells; no name of it was read")
    return ToldLeads(leads, tuple(doubts), tuple(notes))


def _limb_leads_by_column(named: Sequence[PrintedPiece]) -> dict[int, dict[str, np.ndarray]]:
    """Heights of the limb leads of each column, by lead; of two of one name that of the first, which has a copy."""
    limbs: dict[int, dict[str, np.ndarray]] = {}
    for piece in named:
        for lead, height_mm in _leads_of_column([piece]).items():
            if lead in LIMB_LEADS:
                limbs.setdefault(piece.column, {}).setdefault(lead, height_mm)
    return limbs


def _copied_lead(piece: PrintedPiece, shorts: Sequence[ShortPrint]) -> str | None:
    """The lead that a piece is a copy of; None where it is of none, or of which is not clear."""
    differences = match_signal(piece.x_mm, piece.height_mm, shorts).differences
    ranked = sorted(differences, key=lambda lead: differences[lead])
    if not ranked or differences[ranked[0]] > TWIN:
        return None
    is_clear = len(ranked) == 1 or differences[ranked[1]] >= OTHERS * differences[ranked[0]]
    return ranked[0] if is_clear else None


def _differ(one: PrintedPiece, other: PrintedPiece) -> bool:
    """Whether two prints of a lead at the same seconds are none of one lead."""
    differences = match_signal(other.x_mm, other.height_mm, [_short_print(one, False)]).differences
    return any(difference > SAME for difference in differences.values())


def _short_print(piece: PrintedPiece, at_once: bool) -> ShortPrint:
    """A short lead by the places in a long row that show the same seconds."""
    x_mm = piece.x_mm - piece.at_mm if at_once else piece.x_mm
    return ShortPrint(plain(piece.lead), x_mm, -piece.height_mm if piece.lead.startswith("-") else piece.height_mm)
