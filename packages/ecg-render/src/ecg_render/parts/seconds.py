"""Numbers of the seconds along the rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_render.geometry import PageScale
from ecg_render.parts.words import font_px, text_corners
from ecg_render.scene import LeadName, PrintedText
from ecg_render.style import PageStyle


def place_seconds(
    scale: PageScale, style: PageStyle, baselines_px: tuple[float, ...], lead_names: Sequence[LeadName] = ()
) -> tuple[PrintedText, ...]:
    """The number of every whole second that a row shows, where it is printed; none is over the name of a lead."""
    marks = style.seconds
    if marks is None:
        return ()
    size_px = font_px(marks.size_mm, scale)
    printed: list[PrintedText] = []
    for segment in scale.layout.segments:
        foot_px = baselines_px[segment.row] - marks.rise_mm * scale.px_per_mm
        for second in range(int(np.ceil(segment.start_s - 1e-6)), int(np.floor(segment.end_s + 1e-6)) + 1):
            at_px = scale.time_px(segment.at_s + second - segment.start_s)
            text = marks.template.replace("{second}", str(second))
            printed.append(
                PrintedText(
                    text=text,
                    size_px=size_px,
                    font=style.font,
                    rgb=marks.rgb,
                    corners_px=text_corners(text, size_px, style.font, at_px, foot_px),
                )
            )
    return tuple(number for number in printed if not any(map(number.overlaps, lead_names)))
