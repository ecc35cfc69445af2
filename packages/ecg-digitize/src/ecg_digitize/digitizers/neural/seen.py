"""What the stages made out on a page that could not be read to the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.unreadable import Seen, SeenName

STEP_MM = 10.0
"""Distance of the points of a row's level line."""


def what_was_seen(found: Mapping[str, Any]) -> Seen:
    """What was made out.

    Args:
        found: what `ecg_digitize.digitizers.neural.stages.run_stages` told by its ``on_step``, as far as it came.
    """
    page: UprightPage | None = found.get("page")
    if page is None:
        return Seen(grid_px=_grid_lines(found["flat"]) if "flat" in found else ())
    flat, names = page.flat, page.names
    places_px = _in_picture(flat, [(name.x_mm, name.y_mm) for name in names])
    return Seen(
        layout_rows=tuple(row.leads for row in page.named.naming.rows),
        grid_px=_grid_lines(flat),
        names=tuple(SeenName(name.name, float(x), float(y)) for name, (x, y) in zip(names, places_px, strict=True)),
        rows_px=tuple(_level_line(flat, zero_mm) for zero_mm in page.zeros_mm),
    )


def _grid_lines(flat: FlatPage) -> tuple[np.ndarray, ...]:
    """Every line of the grid, down and across; none where the mesh was laid by the rows alone."""
    points = flat.mesh.points_px
    return (*points, *points.transpose(1, 0, 2)) if flat.has_grid else ()


def _level_line(flat: FlatPage, zero_mm: float) -> np.ndarray:
    """A row from the left to the right edge of the paper."""
    return _in_picture(flat, [(x_mm, zero_mm) for x_mm in np.arange(0.0, flat.width_mm, STEP_MM)])


def _in_picture(flat: FlatPage, places_mm: Sequence[tuple[float, float]]) -> np.ndarray:
    """Places on the flat paper in pixels of the picture, shape (n, 2)."""
    if not places_mm:
        return np.zeros((0, 2))
    lattice = np.array([[flat.box_of_mm(x_mm), flat.box_of_mm(y_mm)] for x_mm, y_mm in places_mm], float)
    return flat.mesh.to_picture(lattice)
