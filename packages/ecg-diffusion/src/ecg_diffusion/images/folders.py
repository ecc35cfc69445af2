"""Class folders: a folder a class, ``ID_1`` … ``ID_N`` say, with pictures of any kind in it."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from ecg_core.errors import DataError
from ecg_diffusion.images import SIDE_PX

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif")
DAMAGED = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)
"""Errors of Pillow for files that are cut short, damaged, or no pictures."""


def find_classes(folder: Path) -> dict[str, list[Path]]:
    """Find the pictures of every class, by the name of its folder; ``ID_2`` comes before ``ID_10``.

    Raises:
        DataError: there is no such folder, or no folder with pictures in it.
    """
    if not folder.is_dir():
        raise DataError(
            f"{folder}: there is no such folder; it should hold a folder of pictures a class (ID_1, ID_2 …)"
        )
    inside = sorted((each for each in folder.iterdir() if each.is_dir() and not _is_hidden(each)), key=_natural)
    found = {each.name: sorted(filter(_is_picture, each.iterdir()), key=_natural) for each in inside}
    classes = {name: pictures for name, pictures in found.items() if pictures}
    if not classes:
        beside = " (pictures lie in the folder itself)" if any(map(_is_picture, folder.iterdir())) else ""
        raise DataError(
            f"{folder}: no folder of pictures in it{beside}; expected is a folder for each class (ID_1, ID_2 …)"
        )
    return classes


def read_image(path: Path) -> np.ndarray:
    """Read a picture, uint8 RGB, shape (256, 256, 3); one of another size is scaled.

    Raises:
        DataError: it is missing, damaged, or no picture.
    """
    try:
        with Image.open(path) as image:
            rgb = image.convert("RGB")
    except DAMAGED as error:
        raise DataError(f"{path}: no picture, or damaged: {error}") from error
    if rgb.size != (SIDE_PX, SIDE_PX):
        rgb = rgb.resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    return np.asarray(rgb)


def read_images(paths: Iterable[Path]) -> tuple[dict[Path, np.ndarray], dict[Path, DataError]]:
    """Read pictures; returns them by their file, and the errors of those that cannot be read."""
    found: dict[Path, np.ndarray] = {}
    damaged: dict[Path, DataError] = {}
    for path in paths:
        try:
            found[path] = read_image(path)
        except DataError as error:
            damaged[path] = error
    return found, damaged


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not _is_hidden(path) and path.is_file()


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sort key by which numbers in names count as numbers."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
