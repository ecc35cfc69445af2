"""The clinical page layouts beside the standard one (`ecg_core.paper.LAYOUT_3X4_1R`), on the same 11 x 8.5 inch sheet.

Baselines lie on large-box lines. Leads run down the columns, from left to right, as on printed pages.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ecg_core.leads import CABRERA_LEADS, STANDARD_LEADS
from ecg_core.paper import LAYOUT_3X4_1R, MM_PER_INCH, Layout, boxes_mm, px_per_mm


def _mm_at_200_dpi(position_px: float) -> float:
    """Millimetres from the sheet's edge of a pixel coordinate at 200 dpi; the edge lies at -0.5."""
    return (position_px + 0.5) / px_per_mm(200)


def down_the_columns(leads: Sequence[str], num_rows: int) -> tuple[tuple[str, ...], ...]:
    """Rows of a page whose leads run down the columns.

    Raises:
        ValueError: the leads do not fill the columns.
    """
    columns = [leads[first : first + num_rows] for first in range(0, len(leads), num_rows)]
    return tuple(zip(*columns, strict=True))


LAYOUT_COMPETITION = attrs.evolve(
    LAYOUT_3X4_1R,
    name="3x4+1R-competition",
    baselines_mm=tuple(_mm_at_200_dpi(row_px) for row_px in (703.5, 987.5, 1271.5, 1531.5)),
    signal_start_mm=_mm_at_200_dpi(118),
    signal_end_mm=_mm_at_200_dpi(2080),
)
"""The page that solutions of the PhysioNet ECG image digitization competition rectify photos to.

At 200 dpi it has 2200 x 1700 pixels, rows at 703.5, 987.5, 1271.5 and 1531.5, and signal from column 118 to 2080: a
row stops 33 ms short of 10 s.
"""

KIT_HEIGHT_MV = 8.5 * MM_PER_INCH / 10
"""Height of ecg-image-kit's sheet in its own unit of length, the millivolt; it counts from the foot of the sheet."""

KIT_ROW_MV = KIT_HEIGHT_MV / 6
KIT_RISES_MV = (3.5 * KIT_ROW_MV, 2.5 * KIT_ROW_MV, 1.5 * KIT_ROW_MV, 0.5 * KIT_ROW_MV + 0.3)

LAYOUT_KIT = attrs.evolve(
    LAYOUT_3X4_1R,
    name="3x4+1R-kit",
    baselines_mm=tuple(10 * (KIT_HEIGHT_MV - rise_mv) for rise_mv in KIT_RISES_MV),
    grid_top_mm=8.5 * MM_PER_INCH % 5,
)
"""The page of ecg-image-kit (github.com/alphanumericslab/ecg-image-kit, ecg_plot.py) with its default settings.

At 200 dpi: 2200 x 1700 pixels, rows at 707.8, 991.2, 1274.5 and 1534.2, signal from column 117.6 to 2086.1. Grid lines
are counted from the foot of the sheet, and the rows lie between them.
"""

LAYOUT_3X4 = Layout(name="3x4", rows=down_the_columns(STANDARD_LEADS, 3), baselines_mm=LAYOUT_3X4_1R.baselines_mm[:3])

LAYOUT_3X4_3R = Layout(
    name="3x4+3R",
    rows=down_the_columns(STANDARD_LEADS, 3),
    rhythm_leads=("V1", "II", "V5"),
    baselines_mm=boxes_mm(14, 19, 24, 29, 34, 39),
)

LAYOUT_6X2 = Layout(name="6x2", rows=down_the_columns(STANDARD_LEADS, 6), baselines_mm=boxes_mm(9, 15, 21, 27, 33, 39))

LAYOUT_6X2_1R = Layout(
    name="6x2+1R",
    rows=down_the_columns(STANDARD_LEADS, 6),
    rhythm_leads=("II",),
    baselines_mm=boxes_mm(9, 14, 19, 24, 29, 34, 39),
)

LAYOUT_12X1 = Layout(name="12x1", rows=down_the_columns(STANDARD_LEADS, 12), baselines_mm=boxes_mm(*range(6, 40, 3)))

LAYOUT_4X3 = Layout(name="4x3", rows=down_the_columns(STANDARD_LEADS, 4), baselines_mm=boxes_mm(18, 25, 32, 39))

LAYOUT_3X4_1R_CABRERA = Layout(
    name="3x4+1R-cabrera",
    rows=down_the_columns(CABRERA_LEADS, 3),
    rhythm_leads=("II",),
    baselines_mm=LAYOUT_3X4_1R.baselines_mm,
)

LAYOUT_6X2_CABRERA = Layout(
    name="6x2-cabrera", rows=down_the_columns(CABRERA_LEADS, 6), baselines_mm=LAYOUT_6X2.baselines_mm
)

LAYOUT_12X1_CABRERA = Layout(
    name="12x1-cabrera", rows=down_the_columns(CABRERA_LEADS, 12), baselines_mm=LAYOUT_12X1.baselines_mm
)
