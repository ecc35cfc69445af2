"""The version of ecg-core, on the lowest floor, so that messages and files can tell it."""

from __future__ import annotations

__version__ = "0.1.0"
