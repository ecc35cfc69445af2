"""The outline of a sheet of paper, or of a screen, on what it lies: where no grid does, it tells the perspective."""

from __future__ import annotations

import attrs
import cv2
import numpy as np

BLUR_PX = 5
LEAST_SHARE, MOST_SHARE = 0.1, 0.98
"""A sheet fills so much of the picture."""

CORNER = 0.012
"""Corners of the outline that are so little of its length away from a straight side are none."""

AT_THE_EDGE_PX = 4
"""A side so near to the edge of the picture is that edge: the sheet goes on beyond it."""

LEAST_SIDE, LEAST_ANGLE = 0.04, np.radians(45)
"""A side is so long, as a part of the outline; and two sides that meet are turned by so much."""

WHOLE = 0.85
"""Of what lies within its four sides so much is seen, at least, and these are so much of all its outline: a round thing
has four sides by chance."""

NEARLY_PARALLEL = 1e-4


@attrs.frozen(eq=False)
class Outline:
    """A sheet as it lies in a picture.

    Attributes:
        to_picture: homography from the sheet seen from straight above to the picture, shape (3, 3).
        size: width and height of the sheet seen so, in pixels.
    """

    to_picture: np.ndarray
    size: tuple[float, float]


def find_outlines(image: np.ndarray) -> list[Outline]:
    """What may be the sheet that fills a good part of a picture, as far as it is seen with four sides.

    It is brighter than what is behind it, or darker, as a screen is, or has less colour.

    Args:
        image: uint8 RGB, shape (height, width, 3).
    """
    calm = cv2.medianBlur(image, BLUR_PX)
    grey, colour = cv2.cvtColor(calm, cv2.COLOR_RGB2GRAY), cv2.cvtColor(calm, cv2.COLOR_RGB2HSV)[..., 1]
    found = [_outline(plane) for plane in (grey, 255 - grey, 255 - colour)]
    return [each for each in found if each is not None]


def _outline(plane: np.ndarray) -> Outline | None:
    """The largest thing that is brighter than the rest, if it has four sides."""
    _, bright = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    height, width = plane.shape
    hull = cv2.convexHull(max(contours, key=cv2.contourArea)) if contours else None
    if hull is None or not LEAST_SHARE <= cv2.contourArea(hull) / (width * height) <= MOST_SHARE:
        return None
    corners = _corners(hull, width, height)
    if corners is None or cv2.contourArea(hull) < WHOLE * cv2.contourArea(corners.astype(np.float32)):
        return None
    return _outline_of(corners, np.array([width, height]) / 2)


def _corners(hull: np.ndarray, width: int, height: int) -> np.ndarray | None:
    """Where the four sides of a sheet meet, from the upper left clockwise; they may lie beyond the picture."""
    length = cv2.arcLength(hull, closed=True)
    polygon = cv2.approxPolyDP(hull, CORNER * length, closed=True)[:, 0].astype(float)
    inner = [
        (start, end)
        for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True)
        if not _is_edge(start, end, width, height)
    ]
    sides = [side for side in inner if _length(side) >= LEAST_SIDE * length]
    if len(sides) != 4 or sum(map(_length, sides)) < WHOLE * sum(map(_length, inner)):
        return None
    corners = [_meeting(one, other) for one, other in zip(sides, [*sides[1:], sides[0]], strict=True)]
    if any(corner is None for corner in corners):
        return None
    placed = np.array(corners)
    first = int(placed.sum(axis=1).argmin())
    ordered = np.roll(placed, -first, axis=0)
    return ordered if _turn(ordered[1] - ordered[0], ordered[2] - ordered[1]) > 0 else np.roll(ordered[::-1], 1, axis=0)


def _length(side: tuple[np.ndarray, np.ndarray]) -> float:
    return float(np.hypot(*(side[1] - side[0])))


def _is_edge(start: np.ndarray, end: np.ndarray, width: int, height: int) -> bool:
    """Whether a side runs along the edge of the picture."""
    last = np.array([width, height]) - 1 - AT_THE_EDGE_PX
    both = np.stack((start, end))
    return bool(np.any(np.all(both <= AT_THE_EDGE_PX, axis=0)) or np.any(np.all(both >= last, axis=0)))


def _meeting(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> np.ndarray | None:
    """Where two sides meet, each made longer; None where they are nearly parallel."""
    along, beside = one[1] - one[0], other[1] - other[0]
    turned = abs(_turn(along, beside)) / float(np.hypot(*along) * np.hypot(*beside))
    if turned < np.sin(LEAST_ANGLE):
        return None
    share = _turn(other[0] - one[0], beside) / _turn(along, beside)
    return np.asarray(one[0] + share * along)


def _turn(one: np.ndarray, other: np.ndarray) -> float:
    """The area between two arrows; above 0 where the second points clockwise of the first."""
    return float(one[0] * other[1] - one[1] * other[0])


def _outline_of(corners: np.ndarray, centre: np.ndarray) -> Outline:
    """The sheet whose corners lie there, its sides as long as perspective has them."""
    top, right, bottom, left = (np.hypot(*(corners[(n + 1) % 4] - corners[n])) for n in range(4))
    width, height = (top + bottom) / 2, (left + right) / 2
    ratio = _ratio(corners - centre)
    if ratio is not None:
        width, height = np.sqrt(width * height * ratio), np.sqrt(width * height / ratio)
    straight = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    to_picture = cv2.getPerspectiveTransform(straight, corners.astype(np.float32))
    return Outline(to_picture, (float(width), float(height)))


def _ratio(corners: np.ndarray) -> float | None:
    """Width by height of a rectangle, by its corners about the middle of the picture; None where it tells no depth.

    Zhang and He (2007), Whiteboard scanning and image enhancement.
    """
    one, two, four, three = (np.append(corner / 1000, 1.0) for corner in corners)
    right = np.cross(one, four) @ three / (np.cross(two, four) @ three) * two - one
    down = np.cross(one, four) @ two / (np.cross(three, four) @ two) * three - one
    if min(abs(right[2]), abs(down[2])) < NEARLY_PARALLEL:
        return None
    focal2 = -(right[0] * down[0] + right[1] * down[1]) / (right[2] * down[2])
    if not 0.2 < focal2 < 100:
        return None
    lengths = [np.sqrt((side[0] ** 2 + side[1] ** 2) / focal2 + side[2] ** 2) for side in (right, down)]
    return float(lengths[0] / lengths[1])
