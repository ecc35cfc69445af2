"""Pictures of paper electrocardiograms turned into 12-lead records in millivolts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg_core.lazy import lazy_attributes

if TYPE_CHECKING:
    from ecg_digitize.methods import digitize
    from ecg_digitize.outputs import save_digitization
    from ecg_digitize.overlay import draw_overlay
    from ecg_digitize.pages import load_pages
    from ecg_digitize.result import Digitization, LeadTrace, PageGeometry

__all__ = [
    "Digitization",
    "LeadTrace",
    "PageGeometry",
    "digitize",
    "draw_overlay",
    "load_pages",
    "save_digitization",
]

__version__ = "0.1.0"

__getattr__ = lazy_attributes(
    __name__,
    {
        "Digitization": "ecg_digitize.result",
        "LeadTrace": "ecg_digitize.result",
        "PageGeometry": "ecg_digitize.result",
        "digitize": "ecg_digitize.methods",
        "draw_overlay": "ecg_digitize.overlay",
        "load_pages": "ecg_digitize.pages",
        "save_digitization": "ecg_digitize.outputs",
    },
)
