"""What the stages made out on a page that could not be read to the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.arrangement import ROWS_APART_MM, Mark
from ecg_digitize.digitizers.unreadable import Seen, SeenName


def what_was_seen(found: Mapping[str, Any]) -> Seen:
    """What was made out.

    Args:
        found: what `ecg_digitize.digitizers.neural.stages.run_stages` told by its ``on_step``, as far as it came.
    """
    page, rows = found.get("page"), found.get("rows")
    flat: FlatPage | None = found.get("flat") if page is None else page.flat
    if flat is None:
        return Seen()
    marks: Sequence[Mark] = () if page is None else page.marks
    return Seen(
        layout_rows=names_in_rows(marks),
        grid_px=_grid_lines(flat) if flat.has_grid else (),
        names=tuple(SeenName(_name(mark), *_in_picture(flat, [(mark.x_mm, mark.y_mm)])[0]) for mark in marks),
        rows_px=() if rows is None else tuple(_level_line(flat, zero_mm) for zero_mm in rows.zeros_mm),
    )


def names_in_rows(marks: Sequence[Mark]) -> tuple[tuple[str, ...], ...]:
    """The names that stand at about one height, from left to right, row by row from the top."""
    rows: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.y_mm):
        if not rows or mark.y_mm - rows[-1][-1].y_mm > ROWS_APART_MM:
            rows.append([])
        rows[-1].append(mark)
    return tuple(tuple(_name(mark) for mark in sorted(row, key=lambda mark: mark.x_mm)) for row in rows)


def _name(mark: Mark) -> str:
    """The lead alone: the network calls a long row ``II rhythm``."""
    return mark.name.split()[0]


def _grid_lines(flat: FlatPage) -> tuple[np.ndarray, ...]:
    """Every line of the grid, down and across."""
    points = flat.mesh.points_px
    return (*points, *points.transpose(1, 0, 2))


def _level_line(flat: FlatPage, zero_mm: float) -> np.ndarray:
    """A row from the left to the right edge of the paper, a point every centimetre."""
    return _in_picture(flat, [(x_mm, zero_mm) for x_mm in np.arange(0.0, flat.width_mm, 10.0)])


def _in_picture(flat: FlatPage, places_mm: Sequence[tuple[float, float]]) -> np.ndarray:
    """Places on the flat paper in pixels of the picture, shape (n, 2)."""
    lattice = np.array([[flat.box_of_mm(x_mm), flat.box_of_mm(y_mm)] for x_mm, y_mm in places_mm], float)
    return flat.mesh.to_picture(lattice)
