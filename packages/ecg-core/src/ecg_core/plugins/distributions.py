"""What the other distributions of this project bring, to tell who has not installed one; nothing else is read here."""

from __future__ import annotations

AREAS = {
    "classify": "ecg-classify",
    "diffusion": "ecg-diffusion",
    "digitize": "ecg-digitize",
    "render": "ecg-render",
    "seg": "ecg-seg",
}
"""First part of the names of tasks, models and data sets → the distribution that brings them."""

OURS = frozenset({"ecg-core", *AREAS.values()})
"""The distributions of this project."""

VERBS = {
    "classify": "ecg-classify",
    "digitize": "ecg-digitize",
    "render": "ecg-render",
}
"""Everyday command → the distribution that brings it."""
