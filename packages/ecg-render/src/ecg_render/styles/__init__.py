"""Looks of pages: named ones and those of makers, which are plugins, and random ones for training."""

from __future__ import annotations

import numpy as np

from ecg_core.errors import PluginError
from ecg_core.plugins.registry import registry
from ecg_render.style import PageStyle
from ecg_render.styles.makers import any_maker, is_file, load_maker
from ecg_render.styles.random import random_style

RANDOM = "random"
MAKER = "maker"
"""Names that are no plugin's: any plausible look, and that of any maker."""


def style_by_name(name: str, rng: np.random.Generator) -> PageStyle:
    """A style by its name.

    Args:
        name: of a plugin, which is a `PageStyle` or a function of a random generator that gives one; ``random`` for any
            look, ``maker`` for that of any maker; or the path of a maker's YAML file.
        rng: of what the style leaves to chance.

    Raises:
        PluginError: no such style; the message says where those that are there are listed.
        ConfigError: a file that is no style.
    """
    if name == RANDOM:
        return random_style(rng)
    if name == MAKER:
        return any_maker(rng)
    style = load_maker(name) if is_file(name) else registry().load("styles", name)
    made = style if isinstance(style, PageStyle) else style(rng) if callable(style) else None
    if not isinstance(made, PageStyle):
        raise PluginError(
            f"style {name}: a PageStyle, or a function of a random generator that gives one, was asked for; found "
            f"{type(style if made is None else made).__name__}. Have its author look at `ecg_render.PageStyle`"
        )
    return made
