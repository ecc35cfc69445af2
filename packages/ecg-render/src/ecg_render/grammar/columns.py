"""How long the rows and columns of a page of the grammar are, in seconds of paper."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_core.paper import PaperSpec
from ecg_render.grammar.arrangement import Arrangement

USUAL_COLUMN_S = {1: 10.0, 2: 5.0, 3: 10 / 3, 4: 2.5, 5: 2.0, 6: 10 / 6}
OTHER_COLUMN_S = {1: (3.0, 12.0), 2: (3.0, 6.0), 3: (2.2, 4.0), 4: (1.8, 3.0), 5: (1.5, 2.5), 6: (1.2, 2.0)}
"""By the number of columns: how long a column is mostly, and within what bounds it is on other pages."""

SHARE_USUAL = 0.55
SHARE_WITH_GAPS = 0.25
SHARE_UNEQUAL = 0.1
SHARE_WITH_LONGER_RHYTHM_ROWS = 0.1

SHARE_END_TO_END, SHARE_USUAL_END_TO_END = 0.25, 0.75
"""How often a column begins in time where the one before it ends, though paper lies between them; the second where
columns last as usual: their maker printed whole ones, and set them apart."""

LEAST_ROW_S, MOST_ROW_S = 3.0, 12.0
MOST_ROW_MM = 290.0
"""No row of the grammar is longer, so at high speeds rows are shorter in time."""


@attrs.frozen(kw_only=True)
class Columns:
    """Lengths in seconds of paper, as `ecg_core.paper.Layout` has them.

    Attributes:
        row_s: from the left to the right end of a row.
        column_s: how long each column is; empty where all share the row equally.
        gap_s: bare paper between two leads of a row.
        is_end_to_end: whether no time goes by in it.
    """

    row_s: float
    column_s: tuple[float, ...]
    gap_s: float
    is_end_to_end: bool


def random_columns(
    arrangement: Arrangement,
    rng: np.random.Generator,
    *,
    paper: PaperSpec,
    row_s: float | None = None,
    gap_s: float | None = None,
) -> Columns:
    """Plausible lengths; rows are as long as ``row_s`` says, or at most `MOST_ROW_MM` at the paper's speed.

    Bare paper between leads is as long as ``gap_s`` says, where it is given and leaves room for them.
    """
    count = arrangement.num_columns
    if gap_s is None:
        gap_s = paper.duration_s(rng.uniform(1, 8)) if count > 1 and rng.random() < SHARE_WITH_GAPS else 0.0
    wanted_s = count * _column_s(count, rng) + (count - 1) * gap_s
    if row_s is None:
        row_s = min(float(np.clip(wanted_s, LEAST_ROW_S, MOST_ROW_S)), paper.duration_s(MOST_ROW_MM))
    gap_s = min(gap_s, 0.1 * row_s / count)
    columns_s = row_s - (count - 1) * gap_s
    column_s = _unequal(count, columns_s, arrangement, rng)
    is_usual = not column_s and abs(columns_s / count - USUAL_COLUMN_S[count]) < 1e-6
    share = SHARE_USUAL_END_TO_END if is_usual else SHARE_END_TO_END
    is_end_to_end = gap_s > 0 and arrangement.timing == "successive" and bool(rng.random() < share)
    return Columns(row_s=row_s, column_s=column_s, gap_s=gap_s, is_end_to_end=is_end_to_end)


def _column_s(count: int, rng: np.random.Generator) -> float:
    return USUAL_COLUMN_S[count] if rng.random() < SHARE_USUAL else float(rng.uniform(*OTHER_COLUMN_S[count]))


def _unequal(count: int, columns_s: float, arrangement: Arrangement, rng: np.random.Generator) -> tuple[float, ...]:
    """Columns that are not alike, or end before the rhythm rows do; mostly none, which shares the row equally."""
    if count == 1:
        return ()
    unequal = rng.random() < SHARE_UNEQUAL
    has_rhythm = any(len(row) < count for row in (*arrangement.rows, *((lead,) for lead in arrangement.rhythm_leads)))
    shorter = has_rhythm and rng.random() < SHARE_WITH_LONGER_RHYTHM_ROWS
    if not unequal and not shorter:
        return ()
    weights = rng.uniform(0.75, 1.3, count) if unequal else np.ones(count)
    lengths_s = columns_s * weights / weights.sum() * (rng.uniform(0.85, 0.98) if shorter else 1.0)
    return tuple(lengths_s.tolist())
