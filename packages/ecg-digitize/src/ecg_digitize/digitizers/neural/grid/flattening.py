"""Stage 1: the grid of a picture, and by it the paper and the traces on it laid flat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import attrs
import cv2
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import LARGE_BOX_MM
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.box_size import SMALL_PER_LARGE_BOX, of_large_boxes
from ecg_digitize.digitizers.neural.grid.extended import extended, over_ink
from ecg_digitize.digitizers.neural.grid.faint import MOST_LINES, lattice_through
from ecg_digitize.digitizers.neural.grid.lattice import order_crossings
from ecg_digitize.digitizers.neural.grid.line_ink import without_lines
from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS, grid_maps
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.grid.millimetres import mesh_by_millimetres
from ecg_digitize.digitizers.neural.grid.panels import Sheet, lay_sheet
from ecg_digitize.digitizers.neural.grid.peaks import find_peaks
from ecg_digitize.digitizers.neural.grid.traces import ANOTHER_SIZE, LARGEST_PX, Traces, clearer_traces
from ecg_digitize.digitizers.neural.orientation import upright
from ecg_digitize.digitizers.neural.scaling import scaled, to_original, to_scaled

LONG_SIDES_PX = (1536, LARGEST_PX, 1024)
"""Sizes at which the grid is sought, one after the other, until one shows it well."""

BOX_PX = (14.0, 40.0)
"""Side of a large box that the network knows well; another one means that a further size is tried."""

SMALL_BOX_PX, ENLARGED, AS_MANY = 17.0, 2.0, 0.9
"""Boxes smaller than the first are looked at so many times as large, if so many of the crossings are seen again."""

LEAST_FOUND, MOST_IRREGULAR = 0.5, 0.04
"""A grid has 94 % of its crossings or more on photos, and they lie within 2 % of a box from where their neighbours say;
what is taken for crossings on a page without one has 48 % and 7 %."""

CLEAR, SAME_BOXES = 0.9, 0.05
"""Where fewer of the crossings are seen the lines of every millimetre are asked. Their boxes are the same that differ
from those of the crossings by no more than this part."""

HARDLY_FOUND, HARDLY_REGULAR = 0.7, 0.02
"""Crossings fewer than the first and less regular than the second may be those of something else that repeats, such as
dots: what lines of every millimetre say clearly counts more."""

MOST_UNEVEN = 0.035
"""Unevenness of a mesh by lines of every millimetre up to which none is taken for the one beside. Folded pages come to
0.027; on crumpled ones from 0.042 on beats were seen to be moved by a millimetre."""

PX_PER_BOX = 20.0
PX_PER_MM = PX_PER_BOX / LARGE_BOX_MM
"""Scale of the flat paper. The markers are read at it: the name of a lead is about 3 mm tall, twelve pixels. Names much
smaller are read on a finer picture, see `ecg_digitize.digitizers.neural.markers.second_look`."""

MOST_PX = 8000
"""Two metres of flat paper; what is larger is no page, but the pattern of something else."""

FARTHEST_PX = 1e5
"""Beyond every picture: the margin of a strongly tilted page may lie behind the horizon."""

INKED = 0.5
"""What is likelier to be a trace is its ink."""

GOES_ON = 0.02
"""Where so much of the traces' ink lies beyond a mesh and its margin it is carried on."""

MARGIN_BOXES = 2
"""Paper that is looked at beyond the outermost lines that were found."""


@attrs.frozen(eq=False)
class FlatPage:
    """A page as its grid shows it.

    Attributes:
        mesh: mesh of the grid, in pixels of the picture.
        paper: uint8 RGB, shape (height, width, 3): the flat paper, `PX_PER_MM`, with a margin about the mesh.
        trace: float32 from 0 to 1, shape (height, width): ink of traces on it.
        found: share of the crossings of the mesh that were seen, the others were inferred; 0 where there is no grid.
        is_uneven: whether the lines of every millimetre that told the mesh leap so much that some may be others.
        is_faint: whether the grid is so faint that its lattice was laid through crossings of which many are none.
        ink_beyond: share of the traces' ink in the picture that lies beyond the grid that was found and its margin; the
            mesh is carried on over what goes on from there.
    """

    mesh: Mesh
    paper: np.ndarray
    trace: np.ndarray
    found: float
    is_uneven: bool = False
    is_faint: bool = False
    ink_beyond: float = 0.0

    @property
    def has_grid(self) -> bool:
        """Whether the mesh is that of a grid, or was laid by the rows alone."""
        return self.found > 0

    @property
    def width_mm(self) -> float:
        """Width of the paper as far as it is looked at."""
        return self.trace.shape[1] / PX_PER_MM

    def box_of_mm(self, away_mm: float) -> float:
        """Lattice column of a distance from the left edge; lattice row of one from the upper edge."""
        return away_mm / LARGE_BOX_MM - MARGIN_BOXES

    def mm_of_box(self, box: float) -> float:
        """The reverse of `box_of_mm`."""
        return (box + MARGIN_BOXES) * LARGE_BOX_MM

    def px_of_lattice(self, lattice: np.ndarray) -> np.ndarray:
        """Points of the lattice, shape (n, 2), column first, on the flat paper."""
        return np.asarray((lattice + MARGIN_BOXES) * PX_PER_BOX)

    def lattice_of_px(self, places_px: np.ndarray) -> np.ndarray:
        """The reverse of `px_of_lattice`."""
        return np.asarray(places_px / PX_PER_BOX - MARGIN_BOXES)

    def upright(self, orientation: int) -> Self:
        """The page turned upright, were it to lie so; see `ecg_digitize.digitizers.neural.orientation`."""
        if orientation == 0:
            return self
        return attrs.evolve(
            self,
            mesh=Mesh(upright(self.mesh.points_px, orientation)),
            paper=upright(self.paper, orientation),
            trace=upright(self.trace, orientation),
        )


def flatten_page(image: np.ndarray, network: Network) -> FlatPage:
    """Find the grid of a picture, in which a page may lie any way, and lay the paper flat by it.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        network: the grid network.

    Raises:
        DataError: there is no grid.
    """
    looks, finer = _looks(image, network)
    if finer is not None:
        page = _page_of(finer, _mesh_of(finer, image), image, network)
        return attrs.evolve(page, is_uneven=finer.mesh.unevenness > MOST_UNEVEN)
    best = looks[0]
    for other in looks[1:]:
        best = other if other.is_better_than(best) else best
    enlarged = _enlarged(best, image, network)
    if looks_like_a_grid(enlarged.mesh):
        return _page_of(enlarged, _mesh_of(enlarged, image), image, network)
    faint = _faint(looks)
    if faint is None:
        raise DataError("the picture shows no grid of an ECG page: what crosses on it is not regular")
    return attrs.evolve(_page_of(faint, _faint_mesh(faint, image), image, network), is_faint=True)


def _scales(long_side_px: int) -> list[float]:
    """How many times as large a picture is made to seek its grid, one after the other; it is never enlarged."""
    scales: list[float] = []
    for scale in (min(1.0, wanted_px / long_side_px) for wanted_px in LONG_SIDES_PX):
        if all(max(scale / other, other / scale) >= ANOTHER_SIZE for other in scales):
            scales.append(scale)
    return scales


def _looks(image: np.ndarray, network: Network) -> tuple[list[_Look], _Look | None]:
    """What is seen at one size after the other until one shows the grid well, and the last one by finer lines.

    Returns:
        The looks, and the last of them with the mesh that the lines of every millimetre tell; None in its place where
        the crossings tell the mesh well, or those lines do not.

    Raises:
        DataError: there are no crossings at any size.
    """
    looks: list[_Look] = []
    complaint: DataError | None = None
    by_millimetres: Mesh | None = None
    for number, scale in enumerate(_scales(max(image.shape[:2]))):
        seen = _see(image, scale, network)
        look: _Look | None = None
        try:
            look = _look(seen)
            looks.append(look)
        except DataError as error:
            complaint = complaint or error
        is_good = look is not None and look.has_usual_boxes and looks_like_a_grid(look.mesh)
        if look is not None and is_good and look.sheet.found >= CLEAR:
            break
        by_millimetres = mesh_by_millimetres(image) if number == 0 else by_millimetres
        finer = None if by_millimetres is None else _finer(seen, look, by_millimetres)
        if finer is not None or is_good:
            return looks, finer
    if not looks:
        raise DataError(f"the picture shows no grid of an ECG page: {complaint}")
    return looks, None


def _finer(seen: _Seen, look: _Look | None, mesh: Mesh) -> _Look | None:
    """What was seen with the mesh that finer lines tell; None where its boxes are none of the network's.

    Args:
        seen: what the network saw.
        look: the grid of it by its crossings, where they form one.
        mesh: the mesh by finer lines, in pixels of the picture as it was.
    """
    own = Mesh(to_scaled(mesh.points_px, seen.scale))
    finer = seen.with_sheet(own, Sheet.of(own))
    if not finer.has_usual_boxes or not looks_like_a_grid(own):
        return None
    if look is None or not looks_like_a_grid(look.mesh):
        return finer
    if _is_hardly_a_grid(look.mesh) and own.found.mean() >= CLEAR:
        return finer
    has_same_boxes = abs(own.box_px / look.mesh.box_px - 1) <= SAME_BOXES
    return finer if has_same_boxes and finer.num_found >= AS_MANY * look.num_found else None


def _mesh_of(look: _Look, image: np.ndarray) -> Mesh:
    """The mesh of a look: smoothed, and of large boxes."""
    return of_large_boxes(look.sheet.mesh.smoothed(), image, look.scale)


def _page_of(look: _Look, mesh: Mesh, image: np.ndarray, network: Network) -> FlatPage:
    """The page of a look by a mesh of it without holes, its traces as a larger picture shows them where it has to."""
    traces = clearer_traces(Traces.of_maps(look.maps, look.scale), image, network)
    if traces.scale != look.scale:
        mesh = Mesh(to_scaled(to_original(mesh.points_px, look.scale), traces.scale))
    ink_beyond = _ink_beyond(mesh, traces.ink)
    if ink_beyond >= GOES_ON:
        mesh = over_ink(mesh, np.where(traces.ink > INKED, 255, 0).astype(np.uint8), max(mesh.points_px.shape[:2]))
    page = flat_page(mesh, image, traces, found=look.sheet.found)
    return attrs.evolve(page, ink_beyond=ink_beyond)


def _ink_beyond(mesh: Mesh, trace: np.ndarray) -> float:
    """Share of the traces' ink that lies beyond a mesh and its margin."""
    rows, columns = mesh.points_px.shape[:2]
    across, down = (
        np.linspace(-MARGIN_BOXES, length - 1 + MARGIN_BOXES, length + 2 * MARGIN_BOXES) for length in (columns, rows)
    )
    outline = np.concatenate(
        [
            np.column_stack((across, np.full(len(across), down[0]))),
            np.column_stack((np.full(len(down), across[-1]), down)),
            np.column_stack((across[::-1], np.full(len(across), down[-1]))),
            np.column_stack((np.full(len(down), across[0]), down[::-1])),
        ]
    )
    paper = np.zeros(trace.shape, np.uint8)
    corners = np.nan_to_num(mesh.to_picture(outline)).clip(-FARTHEST_PX, FARTHEST_PX)
    cv2.fillPoly(paper, [np.rint(corners).astype(np.int32)], 1)
    ink = trace > INKED
    return float((ink & (paper == 0)).sum() / max(int(ink.sum()), 1))


@attrs.frozen(eq=False)
class _Seen:
    """What the network saw of a picture that was made so many times as large.

    Attributes:
        crossings_px: every crossing that was found, float, shape (n, 2).
        maps: what the network says of every pixel, float32, shape (outputs, height, width).
        scale: how many times as large the picture was made.
    """

    crossings_px: np.ndarray
    maps: np.ndarray
    scale: float

    def with_sheet(self, mesh: Mesh, sheet: Sheet) -> _Look:
        """The same with the grid that it shows."""
        return _Look(self.crossings_px, self.maps, self.scale, mesh, sheet)


@attrs.frozen(eq=False)
class _Look(_Seen):
    """What the network saw, put in order.

    Attributes:
        mesh: the largest grid.
        sheet: all grids of the same kind.
    """

    mesh: Mesh
    sheet: Sheet

    @property
    def num_found(self) -> int:
        """Crossings that were seen."""
        return self.sheet.num_seen

    @property
    def has_usual_boxes(self) -> bool:
        """Whether boxes are as large as the network knows them well."""
        return BOX_PX[0] <= self.mesh.box_px <= BOX_PX[1]

    def is_better_than(self, other: Self) -> bool:
        """Whether it shows more of a grid, or as much, by boxes that the network knows better."""
        if looks_like_a_grid(self.mesh) != looks_like_a_grid(other.mesh):
            return looks_like_a_grid(self.mesh)
        if self.has_usual_boxes and not other.has_usual_boxes:
            return self.num_found >= AS_MANY * other.num_found
        return self.num_found > 1.1 * other.num_found


def _see(image: np.ndarray, scale: float, network: Network) -> _Seen:
    """What the network sees of a picture made so many times as large."""
    maps = grid_maps(scaled(image, scale), network)
    return _Seen(find_peaks(maps[OUTPUTS.index("crossing")]), maps, scale)


def _look(seen: _Seen) -> _Look:
    """What was seen, put in order.

    Raises:
        DataError: there is no grid.
    """
    mesh = order_crossings(seen.crossings_px).without_outliers().trimmed()
    return seen.with_sheet(mesh, lay_sheet(mesh, seen.crossings_px) if looks_like_a_grid(mesh) else Sheet.of(mesh))


def _faint(looks: Sequence[_Look]) -> _Look | None:
    """The look that shows a faint grid the best; None where none does."""
    best: tuple[float, _Look] | None = None
    for look in looks:
        lattice = lattice_through(look.mesh, look.crossings_px, look.maps.shape[1:])
        if lattice is not None and (best is None or lattice.beyond_chance > best[0]):
            mesh = Mesh(lattice.points_px)
            sheet = Sheet(mesh, int(lattice.caught.sum()), lattice.seen)
            best = lattice.beyond_chance, attrs.evolve(look, mesh=mesh, sheet=sheet)
    return best and best[1]


def _faint_mesh(look: _Look, image: np.ndarray) -> Mesh:
    """The mesh of a faint grid; one of small boxes is carried on, for it has more lines than are sought."""
    mesh = of_large_boxes(look.sheet.mesh, image, look.scale)
    if mesh is look.sheet.mesh:
        return mesh
    height, width = look.maps.shape[1:]
    return extended(mesh, (width, height), MOST_LINES // SMALL_PER_LARGE_BOX).mesh


def _enlarged(look: _Look, image: np.ndarray, network: Network) -> _Look:
    """A picture of few pixels a millimetre looked at enlarged, where that shows as much of its grid: its traces stand
    out better."""
    scale = ENLARGED * look.scale
    if look.mesh.box_px >= SMALL_BOX_PX or scale * max(image.shape[:2]) > LONG_SIDES_PX[1]:
        return look
    try:
        larger = _look(_see(image, scale, network))
    except DataError:
        return look
    return larger if larger.num_found >= AS_MANY * look.num_found else look


def looks_like_a_grid(mesh: Mesh) -> bool:
    """Whether crossings that were put in order are those of a grid, and not of what else there is on a page."""
    return bool(mesh.found.mean() >= LEAST_FOUND and mesh.irregularity <= MOST_IRREGULAR)


def _is_hardly_a_grid(mesh: Mesh) -> bool:
    return bool(mesh.found.mean() < HARDLY_FOUND and mesh.irregularity > HARDLY_REGULAR)


def flat_page(mesh: Mesh, image: np.ndarray, traces: Traces, *, found: float) -> FlatPage:
    """A page by a mesh without holes.

    Args:
        mesh: mesh of the grid, in pixels of ``traces``.
        image: uint8 RGB, shape (height, width, 3).
        traces: the traces on it.
        found: share of the crossings that were seen.
    """
    in_picture = Mesh(to_original(mesh.points_px, traces.scale))
    blank = np.rint(255 * (1 - traces.ink.clip(0, 1))).astype(np.uint8)
    ink = 1 - flatten_whole(mesh, blank).astype(np.float32) / 255
    return FlatPage(
        mesh=in_picture,
        paper=flatten_whole(in_picture, image),
        trace=without_lines(ink, round(PX_PER_BOX)) if found > 0 else ink,
        found=found,
    )


def flatten_whole(mesh: Mesh, image: np.ndarray) -> np.ndarray:
    """All of the paper laid flat with its margin, `PX_PER_MM`; blank beyond the picture.

    Raises:
        DataError: there is more of it than a page has.
    """
    rows, columns = mesh.points_px.shape[:2]
    width, height = (round((lines - 1 + 2 * MARGIN_BOXES) * PX_PER_BOX) + 1 for lines in (columns, rows))
    if max(width, height) > MOST_PX:
        raise DataError(
            f"no ECG page was recognised: by what was taken for its scale the picture shows {width / PX_PER_MM:.0f} x "
            f"{height / PX_PER_MM:.0f} mm of paper; up to {MOST_PX / PX_PER_MM:.0f} mm are read"
        )
    corner = -float(MARGIN_BOXES), -float(MARGIN_BOXES)
    return mesh.flatten(image, px_per_box=(PX_PER_BOX, PX_PER_BOX), corner=corner, size=(width, height))
