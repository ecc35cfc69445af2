"""Things that lie on the page and hide it: a thumb that holds it, a clip, a strip of other paper."""

from __future__ import annotations

import attrs
import cv2
import numpy as np

from ecg_render.degradations.affine import rotation
from ecg_render.degradations.coarse import STEP_PX, coarse_nodes, shine
from ecg_render.page import Page
from ecg_render.style import Rgb

SKIN_RGB = ((236, 192, 164), (198, 146, 112), (128, 86, 62))
CLIP_RGB = ((38, 38, 42), (150, 152, 156), (60, 90, 150))
PAPER_RGB = ((246, 246, 244), (250, 240, 190))
SHADOW_MM = 3.0
SHADOW_STRENGTH = 0.35


@attrs.frozen(kw_only=True, eq=False)
class Cover:
    """Something opaque.

    Attributes:
        outline_mm: shape (corners, 2): from the page's left and top edge.
        rgb: its colour in full light.
        roundness_mm: width of its rounded edge; 0 is flat.
    """

    outline_mm: np.ndarray
    rgb: Rgb
    roundness_mm: float = 0.0


def degrade(page: Page, seed: int) -> Page:
    """Put a thumb, a clip or a strip of paper on a random edge of a page."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, p=(0.45, 0.25, 0.3))
    return cover_page(page, (random_thumb, random_clip, random_strip)[kind](page, rng))


def cover_page(page: Page, cover: Cover) -> Page:
    """A page partly hidden; nothing of it, not even the sheet, is labelled beneath the cover."""
    outline_px = cover.outline_mm * page.px_per_mm - 0.5
    mask = np.zeros(page.labels.shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(outline_px * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    image = shine(page.image, _shadow(page, outline_px))
    left, top, width, height = cv2.boundingRect(mask)
    part = slice(top, top + height), slice(left, left + width)
    if width and height:
        share = mask[part][..., None].astype(np.float32) / 255
        surface = _surface(mask[part], cover, page.px_per_mm)
        image[part] = np.rint(image[part] * (1 - share) + surface * share).astype(np.uint8)
    return page.redrawn(image, labels=np.where(mask < 128, page.labels, np.uint8(0)))


def _surface(mask: np.ndarray, cover: Cover, px_per_mm: float) -> np.ndarray:
    """Colour of a cover, darker where it rounds off: float32, shape (height, width, 3)."""
    roundness_px = cover.roundness_mm * px_per_mm
    light = np.ones(mask.shape, np.float32)
    if roundness_px > 0:
        around = cv2.copyMakeBorder(mask // 255, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        depth = cv2.distanceTransform(around, cv2.DIST_L2, 3)[1:-1, 1:-1]
        light = 0.45 + 0.55 * np.sqrt(1 - (1 - (depth / roundness_px).clip(0, 1)) ** 2)
    return light[..., None] * np.array(cover.rgb, np.float32)


def _shadow(page: Page, outline_px: np.ndarray) -> np.ndarray:
    """Light left beside a cover, shape (rows, columns) of `coarse_nodes`."""
    under = np.zeros(coarse_nodes(page.width_px, page.height_px).shape[:2], np.float32)
    nodes = (outline_px + 0.3 * SHADOW_MM * page.px_per_mm - (STEP_PX - 1) / 2) / STEP_PX + 1
    cv2.fillPoly(under, [np.rint(nodes).astype(np.int32)], 1.0)
    return 1 - SHADOW_STRENGTH * cv2.GaussianBlur(under, (0, 0), max(SHADOW_MM * page.px_per_mm / STEP_PX, 0.5))


def random_thumb(page: Page, rng: np.random.Generator) -> Cover:
    """A thumb that reaches in from an edge, 18 to 24 mm wide."""
    half_width_mm = rng.uniform(9, 12)
    reach_mm = rng.uniform(12, 35)
    angles = np.linspace(-np.pi / 2, np.pi / 2, 24)
    tip = np.column_stack((1.3 * half_width_mm * np.cos(angles), half_width_mm * np.sin(angles)))
    root = np.array([(-60.0, 1.15 * half_width_mm), (-60.0, -1.15 * half_width_mm)])
    outline_mm = np.vstack((tip + np.array((reach_mm - 1.3 * half_width_mm, 0.0)), root))
    colour = SKIN_RGB[rng.integers(len(SKIN_RGB))]
    return Cover(
        outline_mm=_from_edge(page, outline_mm, rng.uniform(-35, 35), rng), rgb=colour, roundness_mm=half_width_mm
    )


def random_clip(page: Page, rng: np.random.Generator) -> Cover:
    """A bulldog clip at an edge, 25 to 50 mm wide."""
    half_width_mm, reach_mm = rng.uniform(12, 25), rng.uniform(6, 12)
    outline_mm = np.array(
        [(-20, -half_width_mm), (reach_mm, -half_width_mm), (reach_mm, half_width_mm), (-20, half_width_mm)]
    )
    return Cover(
        outline_mm=_from_edge(page, outline_mm, rng.uniform(-4, 4), rng),
        rgb=CLIP_RGB[rng.integers(len(CLIP_RGB))],
        roundness_mm=rng.uniform(1.5, 4),
    )


def random_strip(page: Page, rng: np.random.Generator) -> Cover:
    """The edge of another sheet, over 4 to 18 mm of the page."""
    outline_mm = np.array([(-60, -400), (0, -400), (0, 400), (-60, 400)]) + np.array((rng.uniform(4, 18), 0.0))
    return Cover(
        outline_mm=_from_edge(page, outline_mm, rng.uniform(-3, 3), rng), rgb=PAPER_RGB[rng.integers(len(PAPER_RGB))]
    )


def _from_edge(page: Page, outline_mm: np.ndarray, turn_deg: float, rng: np.random.Generator) -> np.ndarray:
    """A shape drawn as coming from the left, put at a random place of a random edge and turned about it."""
    size_mm = np.array([page.width_px, page.height_px]) / page.px_per_mm
    edge = rng.integers(4)
    along = rng.uniform(0.1, 0.9)
    start = np.array([(0, along), (along, 0), (1, along), (along, 1)])[edge] * size_mm
    return outline_mm @ rotation(90 * edge + turn_deg).T + start
