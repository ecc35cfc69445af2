"""A maker of machines: what its pages look like, and which pages it prints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import attrs
import numpy as np

from ecg_core.config import structure, yaml12
from ecg_core.errors import ConfigError
from ecg_core.paper import Timing
from ecg_render.style import PageStyle
from ecg_render.styles.headers import made_up_words
from ecg_render.styles.makers.choices import draw, every_choice


@attrs.frozen(kw_only=True)
class Maker:
    """Called with a random generator, it gives the style of one page.

    Attributes:
        summary: one line for lists.
        style: a `PageStyle` as a tree of plain values; what its pages differ in is left to chance, see
            `ecg_render.styles.makers.choices`. Words of its notes such as ``{rate}`` become made-up values, see
            `ecg_render.styles.headers.made_up_words`.
        layouts: names of layouts that it prints.
        speeds_mm_per_s: paper speeds.
        gains_mm_per_mv: gains.
        chest_gains_mm_per_mv: gains of the chest leads; null is the same as the others.
        timings: how the leads of its pages follow in time.
        column_gaps_s: bare paper between two leads of a row, in seconds.
    """

    summary: str
    style: dict[str, Any]
    layouts: tuple[str, ...] = ("3x4+1R",)
    speeds_mm_per_s: tuple[float, ...] = (25.0,)
    gains_mm_per_mv: tuple[float, ...] = (10.0,)
    chest_gains_mm_per_mv: tuple[float | None, ...] = (None,)
    timings: tuple[str, ...] = ("successive",)
    column_gaps_s: tuple[float, ...] = (0.0,)

    def __call__(self, rng: np.random.Generator) -> PageStyle:
        """The style of one page; the same state of the generator gives the same style."""
        style = structure(PageStyle, draw(self.style, rng))
        words = made_up_words(rng)
        notes = tuple(attrs.evolve(note, text=_with_words(note.text, words)) for note in style.notes)
        footer = None if style.footer is None else _with_words(style.footer, words)
        return attrs.evolve(style, notes=notes, footer=footer)


def read_maker(path: Path) -> Maker:
    """A maker from a YAML file; every choice in it is tried.

    Raises:
        ConfigError: no such file, no YAML, or a line that says something else than a maker's style may.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"style {path}: it cannot be read ({error}); name a YAML file of a maker's style") from error
    return maker_of_text(text, str(path))


def maker_of_text(text: str, name: str) -> Maker:
    """A maker from the text of a file; errors as of `read_maker`."""
    try:
        tree = yaml12.load(text)
        if not isinstance(tree, Mapping):
            raise ConfigError("it must hold `summary:` and `style:`")
        maker = structure(Maker, tree)
        for timing in maker.timings:
            if timing not in get_args(Timing):
                raise ConfigError(f"timings: there is no {timing!r}; choose from {', '.join(get_args(Timing))}")
        for choice in every_choice(maker.style):
            structure(PageStyle, choice)
    except (ConfigError, ValueError) as error:
        raise ConfigError("\n".join(f"style {name}: {line}" for line in str(error).splitlines())) from error
    return maker


def _with_words(text: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", value)
    return text
