"""The look of Acme's paper."""

from __future__ import annotations

from ecg_render import PageStyle

PAPER = PageStyle(paper_rgb=(250, 248, 240), major_rgb=(120, 90, 200), minor_rgb=(220, 210, 245), font="dejavu-serif")
