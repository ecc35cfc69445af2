"""Five-class segmentation of ECG pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg_core.lazy import lazy_attributes

if TYPE_CHECKING:
    from ecg_seg.classes import ClassSet
    from ecg_seg.options import SegDataRequest, SegModelRequest
    from ecg_seg.overlay import draw_overlay
    from ecg_seg.segmenter import Segmentation, Segmenter

__all__ = ["ClassSet", "SegDataRequest", "SegModelRequest", "Segmentation", "Segmenter", "draw_overlay"]

__version__ = "0.1.0"

__getattr__ = lazy_attributes(
    __name__,
    {
        "ClassSet": "ecg_seg.classes",
        "SegDataRequest": "ecg_seg.options",
        "SegModelRequest": "ecg_seg.options",
        "Segmentation": "ecg_seg.segmenter",
        "Segmenter": "ecg_seg.segmenter",
        "draw_overlay": "ecg_seg.overlay",
    },
)
