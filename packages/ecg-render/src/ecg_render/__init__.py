"""Paper ECG pages drawn from digital records, with the exact position of everything on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg_core.lazy import lazy_attributes

if TYPE_CHECKING:
    from ecg_render.background import Background, read_background
    from ecg_render.degradations.scan import degrade_as_scan
    from ecg_render.endless import EndlessPages, PageRecipe, RecordFiles
    from ecg_render.endless_crops import CropRecipe, EndlessCrops
    from ecg_render.labels import PageClass
    from ecg_render.page import Page
    from ecg_render.renderer import render_page
    from ecg_render.scene import CalibrationPulse, LeadName, ScaleText, TracePiece
    from ecg_render.style import (
        GridStyle,
        NameStyle,
        Note,
        PageStyle,
        PrinterFaults,
        PrintOffset,
        PulseStyle,
        SeparatorStyle,
    )
    from ecg_render.targets import ColumnTargets, column_targets

__all__ = [
    "Background",
    "CalibrationPulse",
    "ColumnTargets",
    "CropRecipe",
    "EndlessCrops",
    "EndlessPages",
    "GridStyle",
    "LeadName",
    "NameStyle",
    "Note",
    "Page",
    "PageClass",
    "PageRecipe",
    "PageStyle",
    "PrintOffset",
    "PrinterFaults",
    "PulseStyle",
    "RecordFiles",
    "ScaleText",
    "SeparatorStyle",
    "TracePiece",
    "column_targets",
    "degrade_as_scan",
    "read_background",
    "render_page",
]

__version__ = "0.1.0"

__getattr__ = lazy_attributes(
    __name__,
    {
        "Background": "ecg_render.background",
        "CalibrationPulse": "ecg_render.scene",
        "ColumnTargets": "ecg_render.targets",
        "CropRecipe": "ecg_render.endless_crops",
        "EndlessCrops": "ecg_render.endless_crops",
        "EndlessPages": "ecg_render.endless",
        "GridStyle": "ecg_render.style",
        "LeadName": "ecg_render.scene",
        "NameStyle": "ecg_render.style",
        "Note": "ecg_render.style",
        "Page": "ecg_render.page",
        "PageClass": "ecg_render.labels",
        "PageRecipe": "ecg_render.endless",
        "PageStyle": "ecg_render.style",
        "PrintOffset": "ecg_render.style",
        "PrinterFaults": "ecg_render.style",
        "PulseStyle": "ecg_render.style",
        "RecordFiles": "ecg_render.endless",
        "ScaleText": "ecg_render.scene",
        "SeparatorStyle": "ecg_render.style",
        "TracePiece": "ecg_render.scene",
        "column_targets": "ecg_render.targets",
        "degrade_as_scan": "ecg_render.degradations.scan",
        "read_background": "ecg_render.background",
        "render_page": "ecg_render.renderer",
    },
)
