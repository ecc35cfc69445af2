"""Styles after the machines of real makers, one file of data a maker; each is a plugin of the file's name.

A file says what a page looks like (`ecg_render.style.PageStyle`), with ranges and choices where pages differ, and which
layouts, speeds and gains the maker prints. Lengths are what was measured on real pages; names and values of patients
are made up.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from ecg_core.errors import ConfigError
from ecg_render.style import PageStyle
from ecg_render.styles.makers.maker import Maker, maker_of_text, read_maker

SUFFIXES = (".yaml", ".yml")


@cache
def maker_names() -> tuple[str, ...]:
    """Names of the makers that are shipped, sorted."""
    files = (Path(file.name) for file in resources.files(__name__).iterdir())
    return tuple(sorted(file.stem for file in files if file.suffix in SUFFIXES))


@cache
def load_maker(name: str) -> Maker:
    """A maker that is shipped, by name, or one of a user's file, by its path.

    Raises:
        ConfigError: no such maker, or a file that is none.
    """
    if is_file(name):
        return read_maker(Path(name))
    if name not in maker_names():
        raise ConfigError(f"there is no maker {name!r}; choose from {', '.join(maker_names())}, or name a YAML file")
    return maker_of_text(resources.files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8"), name)


def maker_style(name: str, rng: np.random.Generator) -> PageStyle:
    """The style of one page of a maker; errors as of `load_maker`."""
    return load_maker(name)(rng)


def any_maker(rng: np.random.Generator) -> PageStyle:
    """The style of one page of any maker that is shipped."""
    return maker_style(str(rng.choice(maker_names())), rng)


def is_file(name: str) -> bool:
    """Whether a name is that of a file."""
    return name.endswith(SUFFIXES)


def __getattr__(name: str) -> Any:
    """Makers as attributes, so that entry points can name them: ``ge_muse`` is that of ``ge-muse.yaml``."""
    if (maker := name.replace("_", "-")) in maker_names():
        return load_maker(maker)
    raise AttributeError(f"module {__name__} has no attribute {name!r}")
