"""Recipes of pages that several trainings share."""

from __future__ import annotations

from ecg_render.degradations.chain import CLEAN
from ecg_render.endless import PageRecipe
from ecg_render.grammar import RANDOM
from ecg_render.looks import MAKERS_OWN

PRINTED_AND_TAKEN = (CLEAN, "scan", "gray-scan", "phone", "phone-turned", "phone-crumpled", "screen")
"""Whole sheets: clean, scanned, photographed."""

AS_PEOPLE_KEEP_THEM = (
    *("crop", "crop", "cropped", "cropped", "cropped"),
    *("fax", "thermal", "photocopy", "screenshot", "screenshot", "screen-photo", "weak-grid", "zoomed"),
    *("crop+scan", "zoomed+crop", "thermal+phone", "weak-grid+phone", "photocopy+scan"),
)
"""Cropped, copied, faxed, faded, taken off a screen."""

EVERY_MAKER = PageRecipe(
    layouts=(*(MAKERS_OWN,) * 3, RANDOM),
    styles=(*("maker",) * 3, "random"),
    degradations=(*PRINTED_AND_TAKEN * 2, *AS_PEOPLE_KEEP_THEM),
    paper_speeds_mm_per_s=(*(25.0,) * 8, 50.0, 50.0, 12.5),
    gains_mm_per_mv=(*(10.0,) * 7, 5.0, 20.0),
    chest_gains_mm_per_mv=(*(0.0,) * 11, 5.0),
    short_share=0.04,
)
"""Pages of every maker, in any plausible layout, in every state in which people have them."""
