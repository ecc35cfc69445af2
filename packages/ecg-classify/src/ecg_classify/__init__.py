"""Diagnostic classes from 12-lead records."""

from __future__ import annotations

__version__ = "0.1.0"
