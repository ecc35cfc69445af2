"""Paper ECG pages drawn from digital records, with the exact position of everything on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg_core.lazy import lazy_attributes

if TYPE_CHECKING:
    from ecg_render.degradations.scan import degrade_as_scan
    from ecg_render.page import Page
    from ecg_render.renderer import render_page
    from ecg_render.scene import CalibrationPulse, LeadName, TracePiece
    from ecg_render.style import PageStyle

__all__ = [
    "CalibrationPulse",
    "LeadName",
    "Page",
    "PageStyle",
    "TracePiece",
    "degrade_as_scan",
    "render_page",
]

__version__ = "0.1.0"

__getattr__ = lazy_attributes(
    __name__,
    {
        "CalibrationPulse": "ecg_render.scene",
        "LeadName": "ecg_render.scene",
        "Page": "ecg_render.page",
        "PageStyle": "ecg_render.style",
        "TracePiece": "ecg_render.scene",
        "degrade_as_scan": "ecg_render.degradations.scan",
        "render_page": "ecg_render.renderer",
    },
)
