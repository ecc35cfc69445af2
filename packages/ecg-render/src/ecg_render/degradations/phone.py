"""Photo of a printed page on a table, taken with a phone: the page smooth and folded, or crumpled."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_render.degradations.camera import Camera
from ecg_render.degradations.colour_cast import random_cast
from ecg_render.degradations.curl import curled_sheet
from ecg_render.degradations.fold import folded_sheet, random_folds
from ecg_render.degradations.handwriting import write_note
from ecg_render.degradations.phone_processing import process_as_phone
from ecg_render.degradations.photograph import photograph
from ecg_render.degradations.printer import random_print
from ecg_render.degradations.relief import Combined, Relief
from ecg_render.degradations.shading import random_lamp
from ecg_render.degradations.shadow import random_shadow
from ecg_render.degradations.table import MARGINS_MM, SHADOWS, SHARE_FRAMED, add_margin, draw_table, random_table_top
from ecg_render.degradations.uneven_light import random_uneven_light
from ecg_render.degradations.white_balance import balance_gains
from ecg_render.degradations.wrinkle import crumpled_sheet
from ecg_render.page import Page

SHARE_PRINTED = 0.6
"""Share of the pages on which a printer's screen is seen."""

SHARE_WRITTEN_ON = 0.2
SHARE_OF_SHADOWS = 0.3
ASPECTS = (4 / 3, 4 / 3, 16 / 9)
PIXELS_OF_PAGE = 1.1
"""Pixels of the photo by those of the page."""

DISTANCES_MM = (300.0, 550.0)
MAX_TILT_DEG = 18.0
ROLL_DEG = 8.0
MAX_ROLL_DEG = 25.0
MAX_SLANT_DEG = 40.0
FILLS = (0.92, 1.06)
CURL_RADII_MM = (700.0, 2500.0)
FLAT_PARTS_MM = (-50.0, 80.0)
EXPOSURES = (0.78, 0.92)
DARKEST_CORNER = 0.82
CASTS = (0.0, 0.06)
WARMTHS = (-0.09, 0.03)
"""Phones make white paper bluish more often than yellowish."""


@attrs.frozen(kw_only=True)
class SheetHabit:
    """Chances and bounds of what happened to sheets before the photo.

    Attributes:
        share_folded: share of the sheets with folds.
        share_crumpled: share of the crumpled sheets.
        tilt_deg: bounds of the crumpled facets' mean angle to the table.
        facet_mm: bounds of the size of the greatest facets.
    """

    share_folded: float
    share_crumpled: float
    tilt_deg: tuple[float, float]
    facet_mm: tuple[float, float]


SMOOTH = SheetHabit(share_folded=0.65, share_crumpled=0.4, tilt_deg=(0.6, 2.5), facet_mm=(40.0, 90.0))
CRUMPLED = SheetHabit(share_folded=0.4, share_crumpled=1.0, tilt_deg=(4.5, 10.0), facet_mm=(30.0, 70.0))


def degrade_as_phone(page: Page, seed: int) -> Page:
    """Photograph a smooth or folded page on a table.

    Args:
        page: any page.
        seed: decides everything; the same one gives the same bytes.

    Returns:
        A page of about the same scale as a 4:3 or 16:9 picture.
    """
    return _photo(page, SMOOTH, np.random.default_rng(seed))


def degrade_as_phone_crumpled(page: Page, seed: int) -> Page:
    """Photograph a crumpled page on a table; arguments and result as in `degrade_as_phone`."""
    return _photo(page, CRUMPLED, np.random.default_rng(seed))


def degrade_as_phone_turned(page: Page, seed: int) -> Page:
    """Photograph a smooth or crumpled page that lies at a slant; arguments and result as in `degrade_as_phone`."""
    rng = np.random.default_rng(seed)
    habit = SMOOTH if rng.random() < 0.5 else CRUMPLED
    return _photo(page, habit, rng, roll_deg=rng.uniform(-MAX_SLANT_DEG, MAX_SLANT_DEG))


def _photo(page: Page, habit: SheetHabit, rng: np.random.Generator, roll_deg: float | None = None) -> Page:
    sheet = add_margin(_printed(page, rng), rng.uniform(*MARGINS_MM), framed=bool(rng.random() < SHARE_FRAMED))
    camera = _camera(page, sheet, rng, roll_deg)
    taken = photograph(
        sheet,
        _relief(sheet, habit, rng),
        random_lamp(rng),
        camera=camera,
        around=draw_table(random_table_top(rng), camera, rng),
        shadow=rng.uniform(*SHADOWS),
        light=_light(camera, rng),
    )
    return taken.redrawn(process_as_phone(taken.image, rng))


def _printed(page: Page, rng: np.random.Generator) -> Page:
    """The page as it came from the printer, sometimes written on."""
    if rng.random() < SHARE_PRINTED:
        page = page.redrawn(random_print(page, rng))
    if rng.random() < SHARE_WRITTEN_ON:
        page = write_note(page, rng)
    return page


def _camera(page: Page, sheet: Page, rng: np.random.Generator, roll_deg: float | None) -> Camera:
    aspect = ASPECTS[rng.integers(len(ASPECTS))]
    width_px = np.sqrt(PIXELS_OF_PAGE * page.width_px * page.height_px * aspect)
    pose = Camera(
        distance_mm=rng.uniform(*DISTANCES_MM),
        tilt_deg=rng.uniform(0, MAX_TILT_DEG),
        tilt_towards_deg=rng.uniform(0, 360),
        roll_deg=_usual_roll_deg(rng) if roll_deg is None else roll_deg,
        size_px=(round(width_px), round(width_px / aspect)),
    )
    return pose.aimed_at(sheet, rng.uniform(*FILLS))


def _usual_roll_deg(rng: np.random.Generator) -> float:
    return float(np.clip(rng.normal(0, ROLL_DEG), -MAX_ROLL_DEG, MAX_ROLL_DEG))


def _relief(sheet: Page, habit: SheetHabit, rng: np.random.Generator) -> Combined:
    parts: list[Relief] = [
        curled_sheet(
            sheet,
            direction_deg=rng.uniform(0, 360),
            radius_mm=rng.uniform(*CURL_RADII_MM),
            flat_to_mm=rng.uniform(*FLAT_PARTS_MM),
        )
    ]
    if rng.random() < habit.share_folded:
        parts.append(folded_sheet(sheet, random_folds(sheet, rng)))
    if rng.random() < habit.share_crumpled:
        tilt_deg, facet_mm = rng.uniform(*habit.tilt_deg), rng.uniform(*habit.facet_mm)
        parts.append(crumpled_sheet(sheet, rng, tilt_deg=tilt_deg, facet_mm=facet_mm))
    return Combined(parts)


def _light(camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """Exposure, fall of light, its colours and perhaps a shadow: shape (rows, columns, 3) of `coarse_nodes`."""
    light = rng.uniform(*EXPOSURES) * random_uneven_light(*camera.size_px, rng, darkest=DARKEST_CORNER)
    if rng.random() < SHARE_OF_SHADOWS:
        light = light * random_shadow(*camera.size_px, rng)
    cast = random_cast(*camera.size_px, rng, strength=rng.uniform(*CASTS))
    return light[..., None] * cast * balance_gains(rng.uniform(*WARMTHS))
