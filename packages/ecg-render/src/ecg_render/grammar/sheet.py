"""The sheet of a page of the grammar, and where its rows stand on it."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_core.paper import LARGE_BOX_MM, MM_PER_INCH, PULSE_MV, PaperSpec

SHEETS_MM = {
    (297.0, 210.0): 5.0,
    (11 * MM_PER_INCH, 8.5 * MM_PER_INCH): 5.0,
    (210.0, 297.0): 2.0,
    (8.5 * MM_PER_INCH, 11 * MM_PER_INCH): 0.7,
    (210.0, 148.0): 1.0,
    (148.0, 105.0): 0.5,
    **{(width_mm, height_mm): 0.25 for width_mm in (210.0, 250.0, 297.0) for height_mm in (60.0, 80.0, 112.0, 145.0)},
}
"""Width and height of sheets and of pieces of rolls, and how often they come."""

HIGHEST_MM = 300.0
"""Sheets that are cut to the print are no higher, unless the rows need it."""

SHARE_CUT_TO_THE_PRINT = 0.25
SHARE_STRIP_CUT = 0.6
STRIP_ROWS = 2
"""Pages of so many rows, or fewer, are cut to the print more often than others."""

LEAST_ROW_DISTANCE_MM, MOST_ROW_DISTANCE_MM = 10.0, 40.0
LEAST_START_MM, MOST_START_MM = 3.0, 30.0
LEAST_HEAD_MM, LEAST_FOOT_MM = 4.0, 4.0
MOST_HEAD_MM, MOST_FOOT_MM = 55.0, 22.0
SHARE_NEAR_ROWS = 0.2
SHARE_UNEVEN_ROWS = 0.25
SHARE_GRID_AT_THE_EDGE = 0.4


@attrs.frozen(kw_only=True)
class Placement:
    """Where a page stands on its sheet, in millimetres, as `ecg_core.paper.Layout` has it."""

    page_width_mm: float
    page_height_mm: float
    signal_start_mm: float
    baselines_mm: tuple[float, ...]
    grid_left_mm: float
    grid_top_mm: float


def random_placement(num_rows: int, row_mm: float, rng: np.random.Generator, *, paper: PaperSpec) -> Placement:
    """A sheet on which so many rows of a length fit, and plausible places for them."""
    least_mm = least_distance_mm(paper)
    cut = rng.random() < (SHARE_STRIP_CUT if num_rows <= STRIP_ROWS else SHARE_CUT_TO_THE_PRINT)
    width_mm, height_mm = _sheet(num_rows * least_mm, row_mm, rng, cut=cut)
    at_the_edge = rng.random() < SHARE_GRID_AT_THE_EDGE
    return Placement(
        page_width_mm=width_mm,
        page_height_mm=height_mm,
        signal_start_mm=float(rng.uniform(LEAST_START_MM, min(MOST_START_MM, width_mm - row_mm))),
        baselines_mm=_baselines(num_rows, height_mm, least_mm, rng),
        grid_left_mm=0.0 if at_the_edge else float(rng.uniform(0, LARGE_BOX_MM)),
        grid_top_mm=0.0 if at_the_edge else float(rng.uniform(0, LARGE_BOX_MM)),
    )


def least_distance_mm(paper: PaperSpec) -> float:
    """Rows come no nearer than a pulse of 1 mV is high: else the pulses of two rows would run into each other."""
    return float(np.clip(PULSE_MV * paper.gain_mm_per_mv, LEAST_ROW_DISTANCE_MM, 20.0))


def _sheet(rows_mm: float, row_mm: float, rng: np.random.Generator, *, cut: bool) -> tuple[float, float]:
    """A usual sheet on which the rows fit, or one that is cut to the print."""
    least_width_mm, least_height_mm = row_mm + LEAST_START_MM, rows_mm + LEAST_HEAD_MM + LEAST_FOOT_MM
    shares = {
        sheet: share for sheet, share in SHEETS_MM.items() if sheet[0] >= least_width_mm and sheet[1] >= least_height_mm
    }
    if cut or not shares:
        height_mm = least_height_mm + rows_mm * rng.uniform(0.3, 2.5) + rng.uniform(0, 15)
        return least_width_mm + rng.uniform(2, 40), min(height_mm, max(least_height_mm + 10, HIGHEST_MM))
    sheets = list(shares)
    share = np.array(list(shares.values()))
    return sheets[int(rng.choice(len(sheets), p=share / share.sum()))]


def _baselines(num_rows: int, height_mm: float, least_mm: float, rng: np.random.Generator) -> tuple[float, ...]:
    """Heights of the zero lines: head and foot of any height, the rows evenly between them or unevenly."""
    spare_mm = height_mm - num_rows * least_mm - LEAST_HEAD_MM - LEAST_FOOT_MM
    head_mm = LEAST_HEAD_MM + min(rng.uniform(0, MOST_HEAD_MM), 0.4 * spare_mm)
    foot_mm = LEAST_FOOT_MM + min(rng.uniform(0, MOST_FOOT_MM), 0.25 * spare_mm)
    room_mm = height_mm - head_mm - foot_mm
    most_mm = min(room_mm / num_rows, MOST_ROW_DISTANCE_MM)
    near = rng.random() < SHARE_NEAR_ROWS
    distance_mm = rng.uniform(least_mm, most_mm) if near else rng.uniform(max(least_mm, 0.75 * most_mm), most_mm)
    first_mm = head_mm + distance_mm / 2 + rng.uniform(0, 1) * (room_mm - num_rows * distance_mm)
    distances_mm = least_mm + (distance_mm - least_mm) * _weights(num_rows - 1, rng)
    return tuple((first_mm + np.cumsum([0.0, *distances_mm.clip(max=MOST_ROW_DISTANCE_MM)])).tolist())


def _weights(number: int, rng: np.random.Generator) -> np.ndarray:
    """How the distances of the rows differ; one in the mean."""
    if number < 1 or rng.random() >= SHARE_UNEVEN_ROWS:
        return np.ones(max(number, 0))
    weights = rng.uniform(0.4, 1.6, number)
    return weights / weights.mean()
