"""Pictures of paper electrocardiograms turned into 12-lead records in millivolts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg_core.lazy import lazy_attributes

if TYPE_CHECKING:
    from ecg_digitize.digitizers.protocol import Digitizer, ReadingRequest
    from ecg_digitize.digitizers.reading import Reading
    from ecg_digitize.outputs.files import save_digitization
    from ecg_digitize.outputs.overlay import draw_overlay
    from ecg_digitize.pages.files import PagePicture, load_pages
    from ecg_digitize.reader import digitize
    from ecg_digitize.record.digitization import Digitization
    from ecg_digitize.record.quality import Quality

__all__ = [
    "Digitization",
    "Digitizer",
    "PagePicture",
    "Quality",
    "Reading",
    "ReadingRequest",
    "digitize",
    "draw_overlay",
    "load_pages",
    "save_digitization",
]

__version__ = "0.1.0"

__getattr__ = lazy_attributes(
    __name__,
    {
        "Digitization": "ecg_digitize.record.digitization",
        "Digitizer": "ecg_digitize.digitizers.protocol",
        "PagePicture": "ecg_digitize.pages.files",
        "Quality": "ecg_digitize.record.quality",
        "Reading": "ecg_digitize.digitizers.reading",
        "ReadingRequest": "ecg_digitize.digitizers.protocol",
        "digitize": "ecg_digitize.reader",
        "draw_overlay": "ecg_digitize.outputs.overlay",
        "load_pages": "ecg_digitize.pages.files",
        "save_digitization": "ecg_digitize.outputs.files",
    },
)
