"""Make the picture of the digitizing guide: pages in the style of every maker, with what is read of them drawn over.

    python docs/make_makers_picture.py docs/guide/digitize-makers.jpg

No patient and no real page is in it: synthetic records are printed and degraded by ecg-render, and read by
ecg-digitize.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2

from ecg_core import synthesize_record
from ecg_core.errors import DataError
from ecg_digitize import digitize, draw_overlay
from ecg_digitize.digitizers.segments import printed_rows
from ecg_render.endless import EndlessPages, PageRecipe, PageSample
from ecg_render.looks import MAKERS_OWN
from ecg_render.styles.makers import maker_names
from ecg_render.tasks.contact_sheet import Tile, contact_sheet, letterboxed, write_sheet

DEGRADATIONS = ("none", "scan", "phone")
"""What happens to the pages, in turn."""

SEED = 18
TILE_PX, COLUMNS = (380, 280), 4
AROUND_RGB = (228, 228, 232)
MOST_KILOBYTES = 380.0


def main() -> None:
    """Render, degrade, digitize and draw a page of every maker."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="JPEG to write")
    out: Path = parser.parse_args().out
    cv2.setNumThreads(1)
    tiles = [
        tile_of(sample_of(maker, DEGRADATIONS[number % len(DEGRADATIONS)], number), maker)
        for number, maker in enumerate(maker_names())
    ]
    write_sheet(out, contact_sheet(tiles, COLUMNS), max_kilobytes=MOST_KILOBYTES)


def sample_of(maker: str, degradation: str, number: int) -> PageSample:
    """A page as a maker prints it, degraded."""
    recipe = PageRecipe(
        layouts=(MAKERS_OWN,),
        styles=(maker,),
        degradations=(degradation,),
        least_dots_per_inch=150.0,
        most_dots_per_inch=180.0,
    )
    return EndlessPages([synthesize_record(seed=number, duration_s=12)], recipe, seed=SEED).sample(number)


def tile_of(sample: PageSample, maker: str) -> Tile:
    """The page with what was read of it, and what is told of it in words."""
    what = f"{maker}, {sample.degradation}: {sample.layout.name}"
    try:
        result = digitize(sample.page.image)
    except DataError as error:
        return Tile(letterboxed(sample.page.image, TILE_PX, around=AROUND_RGB), f"{what}\nrefused: {error}"[:160])
    scale = result.reading.structure.scale
    rows = " / ".join(" ".join(row) for row in result.quality.layout_rows)
    told = f"{result.quality.verdict}; {scale.speed_mm_per_s:g} mm/s ({scale.speed_from})"
    read = "read as printed" if result.quality.layout_rows == printed_rows(sample.layout) else f"read as {rows}"
    return Tile(letterboxed(draw_overlay(result), TILE_PX, around=AROUND_RGB), f"{what}\n{read}; {told}")


if __name__ == "__main__":
    main()
