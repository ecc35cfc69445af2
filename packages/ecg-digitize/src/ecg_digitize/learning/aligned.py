"""Real pages whose recordings are known, with the true course of every trace on them: to adapt networks to.

The networks read a page; where what they read agrees with the recording, the recording, moved to where it was read,
says more exactly than the reading where the trace lies, also where the reading leapt aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import numpy as np
from scipy.ndimage import median_filter

from ecg_core.atomic import atomic_path
from ecg_core.errors import DataError
from ecg_core.paper import LARGE_BOX_MM, PaperSpec, Segment
from ecg_core.record import Record
from ecg_digitize.digitizers.neural.findings import PageFindings
from ecg_digitize.digitizers.neural.waveform.row_reading import GEOMETRY

SUFFIX = ".aligned.npz"
LEAST_PRESENCE = 0.5
MAX_SHIFT_S, SHIFT_STEP_S = 0.06, 0.002
"""The recording is tried at so many seconds before and after where it should lie, in such steps."""

WARP_MM = 12.0
"""Paper over which the height of a trace may stray from its level, by folds and by errors of the grid."""

NEAR_MM = 0.8
"""A reading agrees with the recording in a column where it lies so near to it."""

WAVE_MM = 1.5
"""A column belongs to a wave where the recording lies so far from its median."""

LEAST_NEAR = 0.7
"""Share of a lead's columns in which reading and recording must agree. It is asked of all columns, and of those in
waves, since the level stretches of any two recordings are alike."""

LEAST_AGREEMENT = 0.5
"""Share of the leads of a page that must agree: a flat one agrees with any recording."""


@attrs.frozen(kw_only=True, eq=False)
class AlignedRow:
    """A row of a page with the true course of its trace.

    Attributes:
        zero_box: lattice row of the trace's level.
        start_box: lattice column of the row's first column; the columns are as dense as those of a strip.
        rows_box: float32, shape (columns,): lattice row of the trace; NaN where nothing is printed or it is not known.
        known: bool, shape (columns,): whether it is known if there is a trace, and where.
    """

    zero_box: float
    start_box: float
    rows_box: np.ndarray
    known: np.ndarray


@attrs.frozen(kw_only=True, eq=False)
class AlignedPage:
    """A page with the true course of all its traces.

    Attributes:
        picture: file of the page's picture.
        points_px: float32, shape (rows, columns, 2): the crossings of the grid, the page upright.
        rows: the rows of the page, from the top.
        agreement: share of the leads whose reading agrees with the recording.
    """

    picture: Path
    points_px: np.ndarray
    rows: tuple[AlignedRow, ...]
    agreement: float


def align(picture: Path, seen: PageFindings, truth: Record) -> AlignedPage:
    """Find the true course of the traces on a page.

    Args:
        picture: file of the page.
        seen: the page as the networks read it.
        truth: the recording; NaN where it is not known.

    Raises:
        DataError: most leads do not agree with the recording.
    """
    rows, agreed = [], []
    for number in range(len(seen.readings)):
        row, found = _align_row(number, seen, truth)
        rows.append(row)
        agreed += found
    if np.mean(agreed) < LEAST_AGREEMENT:
        told = f"{sum(agreed)} of {len(agreed)} leads that were read agree with {truth.name}"
        raise DataError(f"{picture}: only {told}; is it another recording?")
    points = seen.mesh.points_px.astype(np.float32)
    return AlignedPage(picture=picture, points_px=points, rows=tuple(rows), agreement=float(np.mean(agreed)))


def _align_row(number: int, seen: PageFindings, truth: Record) -> tuple[AlignedRow, list[bool]]:
    """Align a row; gives it, and for each of its leads whether the reading agrees with the recording."""
    reading, paper = seen.readings[number], seen.scale.paper
    boxes = GEOMETRY.columns_box(reading.start_box, len(reading.columns.row_px))
    zero_box = seen.page.flat.box_of_mm(seen.axis.zeros_mm[number])
    at_s = (boxes - zero_box) * LARGE_BOX_MM / paper.speed_mm_per_s
    read_mm = reading.height_mm(np.arange(len(boxes), dtype=float), least_presence=LEAST_PRESENCE)
    heights = np.full(len(boxes), np.nan)
    known = np.ones(len(boxes), bool)
    agreed = []
    for segment in seen.layout.segments:
        if segment.row != number:
            continue
        inside = np.flatnonzero((at_s >= segment.at_s) & (at_s < segment.at_s + segment.duration_s))
        times_s = at_s[inside] + (segment.start_s - segment.at_s)
        course = _course_mm(read_mm[inside], times_s, segment, truth, paper)
        agreed.append(course is not None)
        heights[inside] = np.nan if course is None else course
        known[inside] = np.isfinite(heights[inside])
    rows_box = (reading.level_box - heights / LARGE_BOX_MM).astype(np.float32)
    row = AlignedRow(zero_box=reading.level_box, start_box=reading.start_box, rows_box=rows_box, known=known)
    return row, agreed


def _course_mm(
    read_mm: np.ndarray, at_s: np.ndarray, segment: Segment, truth: Record, paper: PaperSpec
) -> np.ndarray | None:
    """Height of the true trace over the level at some instants; None where the reading does not agree with it."""
    lead = segment.lead.removeprefix("-")
    read = np.isfinite(read_mm)
    if lead not in truth.lead_names or read.sum() < len(at_s) / 2:
        return None
    sign = -1 if segment.lead.startswith("-") else 1
    times = np.arange(truth.num_samples) / truth.sampling_rate_hz
    signal_mm = sign * paper.height_mm(1.0) * truth.lead_mv(lead).astype(float)
    shifts = np.arange(-MAX_SHIFT_S, MAX_SHIFT_S + SHIFT_STEP_S / 2, SHIFT_STEP_S)
    courses = [np.interp(at_s + shift, times, signal_mm) for shift in shifts]
    spreads = [_spread(read_mm[read] - course[read]) for course in courses]
    best = courses[int(np.nanargmin(spreads))] if np.isfinite(spreads).any() else None
    if best is None:
        return None
    columns = np.arange(len(at_s))
    away = np.interp(columns, columns[read], (read_mm - best)[read])
    width = 2 * round(WARP_MM * GEOMETRY.across_px_per_mm / 2) + 1
    warp = median_filter(away, min(width, len(away)), mode="nearest")
    near = np.abs(read_mm - best - warp)[read] <= NEAR_MM
    waves = np.abs(best - np.median(best))[read] >= WAVE_MM
    agrees = near.mean() >= LEAST_NEAR and (not waves.any() or near[waves].mean() >= LEAST_NEAR)
    return best + warp if agrees else None


def _spread(differences: np.ndarray) -> float:
    """Median distance from the median."""
    return float(np.median(np.abs(differences - np.median(differences))))


def write_aligned(page: AlignedPage, path: Path) -> Path:
    """Write a page, whole or not at all."""
    arrays: dict[str, np.ndarray] = {
        "picture": np.array(str(page.picture)),
        "points_px": page.points_px,
        "agreement": np.array(page.agreement),
    }
    for number, row in enumerate(page.rows):
        arrays |= {f"row{number}_{name}": np.asarray(value) for name, value in attrs.asdict(row).items()}
    with atomic_path(path) as aside, aside.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return path


def read_aligned(path: Path) -> AlignedPage:
    """Read a page.

    Raises:
        DataError: the file is damaged or something else.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            content: Mapping[str, np.ndarray] = dict(archive)
        return AlignedPage(
            picture=Path(str(content["picture"])),
            points_px=content["points_px"],
            rows=tuple(_rows(content)),
            agreement=float(content["agreement"]),
        )
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise DataError(f"{path}: no aligned page, digitize.align makes them ({error})") from error


def _rows(content: Mapping[str, np.ndarray]) -> Iterator[AlignedRow]:
    number = 0
    while f"row{number}_zero_box" in content:
        own = {name: content[f"row{number}_{name}"] for name in ("zero_box", "start_box", "rows_box", "known")}
        yield AlignedRow(
            zero_box=float(own["zero_box"]),
            start_box=float(own["start_box"]),
            rows_box=own["rows_box"],
            known=own["known"],
        )
        number += 1
