"""Looks of pages: named ones, which are plugins, and random ones for training."""

from __future__ import annotations

import numpy as np

from ecg_core.plugins.registry import registry
from ecg_render.style import PageStyle
from ecg_render.styles.random import random_style

RANDOM = "random"


def style_by_name(name: str, rng: np.random.Generator) -> PageStyle:
    """A style by the name of its plugin, or a random one by the name ``random``.

    Raises:
        PluginError: no such style; the message lists those that are there.
    """
    if name == RANDOM:
        return random_style(rng)
    style: PageStyle = registry().load("styles", name)
    return style
