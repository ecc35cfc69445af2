"""A sheet on a table: the white margin that a printer leaves round the page, and what the sheet lies on."""

from __future__ import annotations

from functools import cache

import attrs
import cv2
import numpy as np

from ecg_render.degradations.camera import Camera
from ecg_render.degradations.photograph import photograph
from ecg_render.degradations.relief import Combined
from ecg_render.degradations.shading import random_lamp
from ecg_render.labels import PRINT, SHEET
from ecg_render.page import Page
from ecg_render.style import Rgb

MARGINS_MM = (3.0, 8.0)
SHARE_FRAMED = 0.7
FRAME_RGB = (70, 66, 70)
FRAME_MM = 0.25
SHADOWS = (0.25, 0.6)
FILLS = (0.8, 0.95)
TILE_PX = 1024
REDUCED = 3
"""The table is drawn so many times smaller and enlarged: it is out of focus beside the sheet."""


@attrs.frozen(kw_only=True)
class TableTop:
    """What a table looks like.

    Attributes:
        dark_rgb: its darkest grain.
        light_rgb: its lightest grain.
        grain_length: length of the grain by its width; 1 is that of cloth.
        grain_mm: width of the finest grain.
    """

    dark_rgb: Rgb
    light_rgb: Rgb
    grain_length: int
    grain_mm: float


OAK = TableTop(dark_rgb=(112, 84, 58), light_rgb=(186, 150, 112), grain_length=24, grain_mm=0.4)
WALNUT = TableTop(dark_rgb=(78, 56, 38), light_rgb=(138, 106, 76), grain_length=16, grain_mm=0.5)
EBONY = TableTop(dark_rgb=(44, 44, 46), light_rgb=(104, 104, 104), grain_length=20, grain_mm=0.4)
CLOTH = TableTop(dark_rgb=(66, 54, 100), light_rgb=(92, 78, 136), grain_length=1, grain_mm=0.5)
LAMINATE = TableTop(dark_rgb=(148, 150, 152), light_rgb=(182, 184, 186), grain_length=1, grain_mm=0.8)
TABLE_TOPS = (OAK, WALNUT, EBONY, CLOTH, LAMINATE)
SHARES = (0.4, 0.25, 0.2, 0.07, 0.08)


def degrade(page: Page, seed: int) -> Page:
    """Lay a page with its margin on a table and look at it from above."""
    rng = np.random.default_rng(seed)
    sheet = add_margin(page, rng.uniform(*MARGINS_MM), framed=bool(rng.random() < SHARE_FRAMED))
    camera = Camera(roll_deg=rng.uniform(-8, 8), size_px=(page.width_px, page.height_px))
    return lay_on_table(sheet, camera, rng, fill=rng.uniform(*FILLS))


def lay_on_table(sheet: Page, camera: Camera, rng: np.random.Generator, *, fill: float) -> Page:
    """A flat sheet on a table, its shadow beside it.

    Args:
        sheet: a page, with its margin.
        camera: where it is seen from; aimed at the sheet here.
        rng: decides on table and light.
        fill: as in `Camera.aimed_at`.
    """
    camera = camera.aimed_at(sheet, fill)
    table = draw_table(random_table_top(rng), camera, rng)
    return photograph(sheet, Combined(()), random_lamp(rng), camera=camera, around=table, shadow=rng.uniform(*SHADOWS))


def add_margin(page: Page, margin_mm: float, *, framed: bool, paper_rgb: Rgb = (255, 255, 255)) -> Page:
    """The page on a greater sheet.

    Args:
        page: any page.
        margin_mm: bare paper on each side.
        framed: whether a thin line runs round the page.
        paper_rgb: colour of the margin.
    """
    margin_px = round(margin_mm * page.px_per_mm)
    sides = (margin_px,) * 4
    image = cv2.copyMakeBorder(page.image, *sides, cv2.BORDER_CONSTANT, value=paper_rgb)
    labels = cv2.copyMakeBorder(page.labels, *sides, cv2.BORDER_CONSTANT, value=SHEET)
    if framed:
        first, last = (margin_px, margin_px), (margin_px + page.width_px - 1, margin_px + page.height_px - 1)
        thickness = max(1, round(FRAME_MM * page.px_per_mm))
        cv2.rectangle(image, first, last, FRAME_RGB, thickness)
        cv2.rectangle(labels, first, last, SHEET | PRINT, thickness)
    return page.warped(lambda points_px: points_px + margin_px, image=image, labels=labels)


def random_table_top(rng: np.random.Generator) -> TableTop:
    """Wood more often than not."""
    return TABLE_TOPS[rng.choice(len(TABLE_TOPS), p=SHARES)]


def draw_table(top: TableTop, camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """A table as large as the camera's picture: uint8 RGB, shape (height, width, 3)."""
    width, height = camera.size_px
    small = -(-width // REDUCED), -(-height // REDUCED)
    grain = cv2.warpAffine(
        _grain(top.grain_length),
        _placement(top, camera, rng),
        small,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    shades = np.linspace(top.dark_rgb, top.light_rgb, 256).round().astype(np.uint8)
    coloured = cv2.merge([cv2.LUT(grain, np.ascontiguousarray(shades[:, channel])) for channel in range(3)])
    return cv2.resize(coloured, (width, height), interpolation=cv2.INTER_LINEAR)


def _placement(top: TableTop, camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """A random map from pixels of the reduced picture to those of the grain: a turn and a shift, shape (2, 3)."""
    scale = REDUCED / max(top.grain_mm * camera.px_per_mm, 1)
    angle = np.radians(rng.uniform(0, 180))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack((turn, rng.uniform(0, TILE_PX, 2)))


@cache
def _grain(length: int) -> np.ndarray:
    """Grain along x, fine upon broad: uint8, shape (TILE_PX, TILE_PX), the same for each table."""
    rng = np.random.default_rng(length)
    tile = np.zeros((TILE_PX, TILE_PX), np.float32)
    for width, stretch, weight in (
        (1, length, 0.7),
        (2, length / 3, 0.5),
        (5, length, 0.4),
        (40, 6, 0.6),
        (150, 3, 0.6),
    ):
        shape = -(-TILE_PX // width), max(4, round(TILE_PX / (width * max(stretch, 1))))
        noise = rng.standard_normal(shape).astype(np.float32)
        tile += weight * cv2.resize(noise, (TILE_PX, TILE_PX), interpolation=cv2.INTER_CUBIC)
    dark, light = np.percentile(tile, (1, 99))
    return np.asarray((255 * (tile - dark) / (light - dark)).clip(0, 255).astype(np.uint8))
