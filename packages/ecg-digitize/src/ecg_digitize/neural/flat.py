"""Stage 1: the grid of an upright picture, and the traces on it laid flat."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import LARGE_BOX_MM
from ecg_core.tiles import Tiling, predict_tiles
from ecg_digitize.engines import Network
from ecg_digitize.grid.lattice import order_crossings
from ecg_digitize.grid.maps import OUTPUTS
from ecg_digitize.grid.mesh import Mesh
from ecg_digitize.grid.peaks import find_peaks
from ecg_digitize.neural.sized import scaled, to_original

LONG_SIDES_PX = (1536, 2304, 1024)
"""Sizes at which the grid is sought, one after the other, until one shows it whole."""

BOX_PX = (14.0, 40.0)
"""Side of a large box that the network knows well; another one means that a further size is tried."""

FLAT_PX_PER_MM = 4.0
MARGIN_BOXES = 2
"""Paper that is looked at beyond the outermost lines that were found."""


@attrs.frozen(eq=False)
class FlatPage:
    """A page as its grid shows it.

    Attributes:
        mesh: of the grid, in pixels of the upright picture.
        trace: float32 from 0 to 1, shape (rows, columns): ink of traces on the flat page, `FLAT_PX_PER_MM`.
        corner_box: lattice column and row of its first pixel.
        found: share of the crossings of the mesh that were seen, the others were inferred.
    """

    mesh: Mesh
    trace: np.ndarray
    corner_box: tuple[float, float]
    found: float

    @property
    def width_mm(self) -> float:
        """Width of the page as far as it is looked at."""
        return self.trace.shape[1] / FLAT_PX_PER_MM

    def mm_of(self, lattice: np.ndarray) -> np.ndarray:
        """Points of the lattice (n, 2), column first, in millimetres from the corner."""
        return np.asarray((lattice - self.corner_box) * LARGE_BOX_MM)

    def box_of_x(self, x_mm: float) -> float:
        """Lattice column of a distance from the left edge."""
        return self.corner_box[0] + x_mm / LARGE_BOX_MM

    def box_of_y(self, y_mm: float) -> float:
        """Lattice row of a distance from the upper edge."""
        return self.corner_box[1] + y_mm / LARGE_BOX_MM


def lay_flat(image: np.ndarray, network: Network) -> FlatPage:
    """Find the grid of an upright picture.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        network: of the grid.

    Raises:
        DataError: there is none.
    """
    best: tuple[Mesh, np.ndarray, float] | None = None
    complaint: DataError | None = None
    for long_side_px in LONG_SIDES_PX:
        scale = min(1.0, long_side_px / max(image.shape[:2]))
        try:
            mesh, maps = _look(scaled(image, scale), network)
        except DataError as error:
            complaint = complaint or error
            continue
        if best is None or mesh.found.sum() > 1.1 * best[0].found.sum():
            best = mesh, maps, scale
        if BOX_PX[0] <= mesh.box_px <= BOX_PX[1]:
            break
    if best is None:
        raise DataError(f"the picture shows no grid of an ECG page: {complaint}")
    mesh, maps, scale = best
    share = float(mesh.found.mean())
    whole = mesh.repaired()
    flat, corner_box = flat_trace(whole, maps[OUTPUTS.index("trace")])
    mesh_px = attrs.evolve(whole, points_px=to_original(whole.points_px, scale))
    return FlatPage(mesh=mesh_px, trace=flat, corner_box=corner_box, found=share)


def _look(image: np.ndarray, network: Network) -> tuple[Mesh, np.ndarray]:
    """Mesh and maps (4, height, width) of a picture, in its pixels."""
    maps = predict_tiles(image, lambda tile: _sigmoid(network(tile)[0]), len(OUTPUTS), Tiling())
    mesh = order_crossings(find_peaks(maps[OUTPUTS.index("crossing")]))
    return mesh.without_outliers().trimmed(), maps


def flat_trace(mesh: Mesh, trace: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """Ink of the traces of a picture on the flat page, with a margin about the mesh.

    Args:
        mesh: of the picture.
        trace: float32 from 0 to 1, shape (height, width), its ink.

    Returns:
        The ink, `FLAT_PX_PER_MM`, none beyond the picture; and the lattice column and row of its first pixel.
    """
    rows, columns = mesh.points_px.shape[:2]
    px_per_box = FLAT_PX_PER_MM * LARGE_BOX_MM
    width, height = (round((lines - 1 + 2 * MARGIN_BOXES) * px_per_box) for lines in (columns, rows))
    inverted = np.rint(255 * (1 - np.clip(trace, 0, 1))).astype(np.uint8)
    corner = -float(MARGIN_BOXES), -float(MARGIN_BOXES)
    flat = mesh.flatten(inverted, px_per_box=(px_per_box, px_per_box), corner=corner, size=(width, height))
    return (1 - flat.astype(np.float32) / 255).clip(0, 1), corner


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-logits)))
