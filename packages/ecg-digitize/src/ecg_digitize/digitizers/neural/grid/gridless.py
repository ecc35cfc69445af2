"""Pages without a grid: flat, a little askew, and of a scale that follows from how wide their rows are.

Where the outline of the sheet is seen, and the rows come out straighter by its perspective, the page is flat in that.
"""

from __future__ import annotations

from typing import Self

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import LARGE_BOX_MM
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import LONG_SIDES_PX, FlatPage, flat_page
from ecg_digitize.digitizers.neural.grid.homography import apply_homography
from ecg_digitize.digitizers.neural.grid.maps import grid_maps
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.grid.outline import Outline, find_outlines
from ecg_digitize.digitizers.neural.grid.traces import Traces, clearer_traces
from ecg_digitize.digitizers.neural.scaling import scaled

INK = 0.5
"""Probability from which a pixel counts as part of a trace."""

LEAST_INK = 0.001
"""Share of the pixels that are part of a trace on a page with one thin lead, at least."""

STRAYS = 0.002
"""Share of the ink that may lie beyond the rows on either side."""

FIRST_WIDTH_MM = 255.0
"""Width of rows of ten seconds with their pulse; where it is another, a second look tells."""

CLEARLY, NEARLY, LEVEL_DEG = 1.1, 0.9, 1.0
"""So many times as sharply rows stand out at least where the perspective of an outline is believed; the second where
they run along its sides by less than the third, as by chance they do not."""

HELD = 0.9
"""So much of the ink lies on the sheet, at least: what holds less is something that the page shows."""

SKEWS_DEG = np.arange(-15.0, 15.01, 0.1)
ENOUGH_PIXELS = 20_000


@attrs.frozen(eq=False)
class GridlessPage:
    """A page without a grid.

    Attributes:
        image: the picture, uint8 RGB.
        traces: the traces on it.
        skew_rad: angle by which its rows fall to the right; negative where they rise.
        px_per_mm: pixels of the picture, or of the sheet seen from straight above, a millimetre of paper.
        outline: the sheet whose perspective the page has; None where it is seen from straight above.
    """

    image: np.ndarray
    traces: Traces
    skew_rad: float
    px_per_mm: float
    outline: Outline | None = None

    def stretched(self, factor: float) -> Self:
        """The page so many times as large on paper as was thought."""
        return attrs.evolve(self, px_per_mm=self.px_per_mm / factor)

    def as_flat_page(self) -> FlatPage:
        """The page as if it had a grid."""
        scale = self.traces.scale
        across = np.array([np.cos(self.skew_rad), np.sin(self.skew_rad)]) * self.px_per_mm * LARGE_BOX_MM * scale
        down = np.array([-across[1], across[0]])
        width, height = (
            np.array(self.traces.ink.shape[::-1]) if self.outline is None else np.array(self.outline.size) * scale
        )
        side = float(np.hypot(*across))
        rows, columns = int(height / side) + 1, int(width / side) + 1
        first = np.array([width - 1, height - 1]) / 2 - across * (columns - 1) / 2 - down * (rows - 1) / 2
        column, row = np.meshgrid(np.arange(columns), np.arange(rows))
        points = first + column[..., None] * across + row[..., None] * down
        if self.outline is not None:
            points = apply_homography(self.outline.to_picture, points / scale) * scale
        return flat_page(Mesh(points), self.image, self.traces, found=0.0)


def measure_gridless(image: np.ndarray, network: Network) -> GridlessPage:
    """Skew and scale of a page, told by its traces alone.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        network: the grid network.

    Raises:
        DataError: there are no traces on it.
    """
    scale = min(1.0, LONG_SIDES_PX[0] / max(image.shape[:2]))
    traces = clearer_traces(Traces.of_maps(grid_maps(scaled(image, scale), network), scale), image, network)
    y, x = np.nonzero(traces.ink >= INK)
    if len(x) < LEAST_INK * traces.ink.size:
        raise DataError("the picture shows no traces")
    points = np.stack((x, y), axis=1)[:: -(-len(x) // ENOUGH_PIXELS)].astype(float)
    best = _skew(points)
    outline = None
    for each in find_outlines(image):
        flat = apply_homography(np.linalg.inv(each.to_picture), points / traces.scale)
        if ((flat >= 0) & (flat <= each.size)).all(axis=1).mean() < HELD:
            continue
        straight = _skew(flat * traces.scale)
        needed = NEARLY if abs(np.degrees(straight.angle_rad)) <= LEVEL_DEG else CLEARLY
        if straight.sharpness > needed * best.sharpness:
            best, outline = straight, each
    first, last = np.quantile(best.along, (STRAYS, 1 - STRAYS))
    px_per_mm = float(last - first) / traces.scale / FIRST_WIDTH_MM
    return GridlessPage(image, traces, best.angle_rad, px_per_mm, outline)


@attrs.frozen(eq=False)
class _Skew:
    """How rows are askew.

    Attributes:
        angle_rad: by which angle.
        along: how far along them each point lies.
        sharpness: how sharply they stand out, however large the picture is.
    """

    angle_rad: float
    along: np.ndarray
    sharpness: float


def _skew(points: np.ndarray) -> _Skew:
    """The angle by which rows are askew; rows may go across or down."""
    best, found = -1.0, _Skew(0.0, points[:, 0], 0.0)
    for degrees in SKEWS_DEG:
        angle = np.radians(degrees)
        across = points @ np.array([np.cos(angle), np.sin(angle)])
        down = points @ np.array([-np.sin(angle), np.cos(angle)])
        for along, beside in ((across, down), (down, across)):
            density = np.bincount(np.rint(beside - beside.min()).astype(int))
            sharpness = float((density.astype(float) ** 2).sum())
            if sharpness > best:
                best = sharpness
                found = _Skew(float(angle), along, sharpness / len(points) ** 2 * float(beside.std()))
    return found
