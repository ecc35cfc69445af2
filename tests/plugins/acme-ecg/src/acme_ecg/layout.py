"""The page of Acme's monitor: three leads below each other, on half a sheet. Spec and layout stand in one file."""

from __future__ import annotations

from ecg_core.paper import Layout, boxes_mm
from ecg_core.plugins.spec import LayoutSpec

MONITOR = Layout(
    name="acme-3x1",
    rows=(("I",), ("II",), ("V1",)),
    baselines_mm=boxes_mm(8, 16, 24),
    page_height_mm=160.0,
)

monitor_layout = LayoutSpec(
    implementation="acme_ecg.layout:MONITOR",
    summary="Three rows of one lead for 10 s, on half a sheet",
)
