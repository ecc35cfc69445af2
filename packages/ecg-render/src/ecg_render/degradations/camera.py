"""A pinhole camera above a table with a sheet on it."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_render.degradations.affine import rotation
from ecg_render.degradations.relief_table import SheetTable
from ecg_render.degradations.warp import BESIDE_RGB, Warp, homography, warp_page
from ecg_render.page import Page
from ecg_render.style import Rgb

DISTANCES_MM = (300.0, 600.0)
MAX_TILT_DEG = 25.0
MAX_ROLL_DEG = 15.0
FILLS = (0.8, 1.0)


def degrade(page: Page, seed: int) -> Page:
    """Look at a flat page with a camera in a random pose."""
    rng = np.random.default_rng(seed)
    pose = Camera(
        distance_mm=rng.uniform(*DISTANCES_MM),
        tilt_deg=rng.uniform(0, MAX_TILT_DEG),
        tilt_towards_deg=rng.uniform(0, 360),
        roll_deg=rng.uniform(-MAX_ROLL_DEG, MAX_ROLL_DEG),
        size_px=(page.width_px, page.height_px),
    )
    return look_at(page, pose.aimed_at(page, rng.uniform(*FILLS)))


def look_at(page: Page, camera: Camera, around: Rgb = BESIDE_RGB) -> Page:
    """The picture of a flat page that a camera takes; what is seen beside it has the given colour."""
    return warp_page(page, flat_warp(page, camera), around)


@attrs.frozen(kw_only=True)
class Camera:
    """Where the camera is and what its picture shows.

    Attributes:
        distance_mm: from the lens to the centre of the sheet.
        tilt_deg: between the line of sight and the upright.
        tilt_towards_deg: direction on the sheet, clockwise from its x, in which the camera leans away from the upright.
        roll_deg: turn of the sheet in the picture, clockwise.
        px_per_mm: scale of the picture at the centre of the sheet.
        centre_px: x and y where the centre of the sheet is seen.
        size_px: width and height of the picture.
    """

    distance_mm: float = 400.0
    tilt_deg: float = 0.0
    tilt_towards_deg: float = 0.0
    roll_deg: float = 0.0
    px_per_mm: float = 1.0
    centre_px: tuple[float, float] = (0.0, 0.0)
    size_px: tuple[int, int] = (0, 0)

    @property
    def projection(self) -> np.ndarray:
        """Matrix, shape (3, 4), from millimetres about the sheet's centre to homogeneous pixels."""
        towards = np.eye(3)
        towards[:2, :2] = rotation(self.tilt_towards_deg)
        lean = np.eye(3)
        lean[np.ix_((0, 2), (0, 2))] = rotation(self.tilt_deg)
        turn = np.eye(3)
        turn[:2, :2] = rotation(self.roll_deg)
        seen = turn @ towards @ lean @ towards.T
        depth = np.append(-seen[2], self.distance_mm)
        focal_px = self.px_per_mm * self.distance_mm
        x, y = (focal_px * np.append(seen[axis], 0) + self.centre_px[axis] * depth for axis in (0, 1))
        return np.stack((x, y, depth))

    @property
    def table_projection(self) -> np.ndarray:
        """The projection of what lies on the table, where z is 0: shape (3, 3)."""
        return self.projection[:, (0, 1, 3)]

    def aimed_at(self, page: Page, fill: float) -> Camera:
        """The same pose with a flat page in the middle of the picture.

        Args:
            page: the page.
            fill: share of the picture's width or height, whichever is scarcer, that the page takes; above 1 it is cut
                off.
        """
        pose = attrs.evolve(self, px_per_mm=1.0, centre_px=(0.0, 0.0))
        half = np.array([page.width_px, page.height_px]) / (2 * page.px_per_mm)
        seen = homography(pose.table_projection)(half * [(-1, -1), (1, -1), (1, 1), (-1, 1)])
        first, last = seen.min(axis=0), seen.max(axis=0)
        px_per_mm = fill * float((np.array(self.size_px) / (last - first)).min())
        centre = (np.array(self.size_px) - 1) / 2 - px_per_mm * (first + last) / 2
        return attrs.evolve(self, px_per_mm=px_per_mm, centre_px=(float(centre[0]), float(centre[1])))


def overhead(page: Page) -> Camera:
    """A camera straight above the page that sees it at its own scale."""
    size = page.width_px, page.height_px
    return Camera(px_per_mm=page.px_per_mm, centre_px=((size[0] - 1) / 2, (size[1] - 1) / 2), size_px=size)


def to_sheet_mm(page: Page, points_px: np.ndarray) -> np.ndarray:
    """Pixels of a page to millimetres from its centre."""
    return (points_px - _centre_px(page)) / page.px_per_mm


def flat_warp(page: Page, camera: Camera) -> Warp:
    """The map from a page that lies flat to a picture of it."""
    to_mm = np.diag((1 / page.px_per_mm, 1 / page.px_per_mm, 1.0))
    to_mm[:2, 2] = -_centre_px(page) / page.px_per_mm
    return Warp.projective(camera.table_projection @ to_mm, camera.size_px)


def raised_warp(page: Page, camera: Camera, displacement_mm: SheetTable) -> Warp:
    """The map from a page, each point of which is displaced, to a picture of it."""
    projection = camera.projection

    def forward(points_px: np.ndarray) -> np.ndarray:
        points_mm = to_sheet_mm(page, points_px)
        place_mm = displacement_mm.at(points_mm).T.astype(np.float64)
        place_mm[:2] += points_mm.T
        x, y, depth = projection[:, :3] @ place_mm + projection[:, 3:]
        return np.stack((x / depth, y / depth), axis=1)

    return attrs.evolve(flat_warp(page, camera), forward=forward)


def _centre_px(page: Page) -> np.ndarray:
    return (np.array([page.width_px, page.height_px]) - 1) / 2
