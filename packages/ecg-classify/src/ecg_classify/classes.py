"""The classes that a recording is told to belong to."""

from __future__ import annotations

CLASSES = ("MI", "AF", "BBB", "NORM", "OTHER")
"""Myocardial infarction, atrial fibrillation or flutter, complete bundle branch block, normal, and none of these."""

OTHER = "OTHER"
NORM = "NORM"
