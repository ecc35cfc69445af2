"""One lead that goes on from row to row, where not every row bears its name: beats stand elsewhere in each row."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from ecg_core.leads import UNKNOWN_LEAD
from ecg_digitize.digitizers.structure.beats import steepness
from ecg_digitize.digitizers.structure.naming import Naming
from ecg_digitize.digitizers.structure.same_seconds import show_other_seconds

GOES_ON = (
    "no name of row {rows} from the top was read; as beats stand elsewhere in every row, it is taken for lead {lead}, "
    "going on from row to row: name the rows by --layout"
)


def as_strip(
    naming: Naming, rows_mm: Sequence[np.ndarray], step_mm: float, *, unclear: Collection[int] = ()
) -> tuple[Naming, list[str]]:
    """The names of a page of rows of one lead, those without a name that of the only one that was read; and the doubt
    that comes with it. The names as they are where the rows may show the same seconds.

    Args:
        naming: the names.
        rows_mm: height of the trace along each row, from one beginning of all, float, shape (samples,) each; NaN where
            there is none.
        step_mm: distance of two samples.
        unclear: numbers of rows whose name is not legible, whatever was made of it.
    """
    if any(len(row.leads) != 1 for row in naming.rows):
        return naming, []
    every = [UNKNOWN_LEAD if number in unclear else row.leads[0] for number, row in enumerate(naming.rows)]
    known = set(every) - {UNKNOWN_LEAD}
    if len(known) != 1 or UNKNOWN_LEAD not in every:
        return naming, []
    if not show_other_seconds([steepness(row_mm, step_mm) for row_mm in rows_mm], step_mm):
        return naming, []
    [lead] = known
    unnamed = [number for number, own in enumerate(every) if own == UNKNOWN_LEAD]
    others = {number: lead for number in unnamed if naming.rows[number].leads != (lead,)}
    rows = ", ".join(str(number + 1) for number in unnamed)
    return naming.with_leads(others), [GOES_ON.format(rows=rows, lead=lead)]
