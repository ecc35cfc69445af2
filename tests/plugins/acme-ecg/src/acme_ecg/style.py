"""The look of Acme's paper."""

from __future__ import annotations

from ecg_render import GridStyle, PageStyle

PAPER = PageStyle(
    paper_rgb=(250, 248, 240), font="dejavu-serif", grid=GridStyle(major_rgb=(120, 90, 200), minor_rgb=(220, 210, 245))
)
