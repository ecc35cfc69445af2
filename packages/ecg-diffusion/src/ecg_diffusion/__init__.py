"""Latent diffusion on time-frequency images of ECGs."""

from __future__ import annotations

__version__ = "0.1.0"
