"""Which pictures the files and folders of an option stand for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ecg_core.errors import ConfigError, DataError

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")


def find_pictures(names: Iterable[str]) -> list[Path]:
    """Every picture among files and folders, folders searched with all below them, each once.

    What is named and is no folder is taken as it is, whether it exists or not: reading it will tell.

    Raises:
        ConfigError: nothing is named.
        DataError: a folder holds no picture.
    """
    paths = [Path(name) for name in names]
    if not paths:
        raise ConfigError("input: name at least one picture, or a folder of pictures")
    found = [picture for path in paths for picture in (_within(path) if path.is_dir() else [path])]
    return list(dict.fromkeys(found))


def _within(folder: Path) -> list[Path]:
    pictures = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
    if not pictures:
        raise DataError(f"{folder}: no picture in this folder ({', '.join(PICTURE_SUFFIXES)})")
    return pictures
