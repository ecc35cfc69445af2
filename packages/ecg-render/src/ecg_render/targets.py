"""Targets for a digitizer: the true voltage at every column of every row of a page, finer than any mask."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_core.curves import finite_runs
from ecg_render.scene import Scene, TracePiece

NO_PIECE = -1


@attrs.frozen(kw_only=True, eq=False)
class ColumnTargets:
    """The trace at the centre of each column, row by row, of the flat page.

    Attributes:
        columns_px: float64, shape (columns,): where the columns stand.
        y_px: float32, shape (rows, columns): height of the trace; NaN where none is printed.
        voltage_mv: float32, shape (rows, columns): the same in millivolts above the row's baseline.
        piece: int16, shape (rows, columns): index into the page's pieces, `NO_PIECE` where none is printed.
    """

    columns_px: np.ndarray
    y_px: np.ndarray
    voltage_mv: np.ndarray
    piece: np.ndarray


def column_targets(page: Scene, columns_px: np.ndarray | None = None) -> ColumnTargets:
    """The true voltages of a page as printed.

    Between two samples the trace runs straight, as the pen does. Take the targets before a degradation that moves
    things: they belong to the flat sheet, to which rectification brings a photo back.

    Args:
        page: a page or scene as composed.
        columns_px: float, shape (columns,): where to read, of any spacing; the page's own columns by default.

    Raises:
        ValueError: a trace does not run from left to right: the page was bent or turned over.
    """
    columns = np.arange(page.width_px, dtype=np.float64) if columns_px is None else np.asarray(columns_px, np.float64)
    shape = len(page.baselines_px), len(columns)
    y_px = np.full(shape, np.nan)
    piece_of = np.full(shape, NO_PIECE, np.int16)
    for index, piece in enumerate(page.pieces):
        inside = _trace_heights(piece, columns)
        printed = np.isfinite(inside)
        y_px[piece.row, printed] = inside[printed]
        piece_of[piece.row, printed] = index
    px_per_mv = np.array([*(piece.px_per_mv for piece in page.pieces), page.px_per_mv])[piece_of]
    voltage_mv = (np.asarray(page.baselines_px)[:, None] - y_px) / px_per_mv
    return ColumnTargets(
        columns_px=columns, y_px=y_px.astype(np.float32), voltage_mv=voltage_mv.astype(np.float32), piece=piece_of
    )


def boxes_of_paper(page: Scene) -> np.ndarray:
    """The affine map from pixels of the flat page to columns and rows of the paper's large boxes: shape (2, 3).

    Its first grid point is (0, 0). Where the paper lies askew under the print, a row's level and its time axis run
    aslant over the boxes.
    """
    rows, columns = page.grid_points_px.shape[:2]
    boxes = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    points = np.column_stack((page.grid_points_px.reshape(-1, 2), np.ones(rows * columns)))
    return np.asarray(np.linalg.lstsq(points, boxes, rcond=None)[0].T)


def _trace_heights(piece: TracePiece, columns_px: np.ndarray) -> np.ndarray:
    """Height of a trace at each column, NaN before, after and in gaps."""
    if (np.diff(piece.x_px) <= 0).any():
        raise ValueError(f"the trace of {piece.lead} does not run from left to right; take targets of the flat page")
    heights = np.full(len(columns_px), np.nan)
    for start, stop in finite_runs(piece.y_px):
        run = slice(start, stop)
        within = (columns_px >= piece.x_px[start]) & (columns_px <= piece.x_px[stop - 1])
        heights[within] = np.interp(columns_px[within], piece.x_px[run], piece.y_px[run])
    return heights
