"""Paper ECG pages drawn from digital records, with the exact position of everything on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

_HOMES = {
    "CalibrationPulse": "ecg_render.scene",
    "LeadName": "ecg_render.scene",
    "Page": "ecg_render.page",
    "PageStyle": "ecg_render.style",
    "TracePiece": "ecg_render.scene",
    "degrade_as_scan": "ecg_render.degradations.scan",
    "render_page": "ecg_render.renderer",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home on first use, so that ``import ecg_render`` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
