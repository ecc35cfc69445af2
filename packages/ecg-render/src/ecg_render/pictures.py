"""Pictures and masks in files: whole or not at all, PNG by settings that are quick for pages."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ecg_core.atomic import atomic_path
from ecg_core.errors import DataError

PNG = ".png"
JPEG = (".jpg", ".jpeg")
JPEG_QUALITY = 95
_LIKE_ROW_ABOVE = [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP] if hasattr(cv2, "IMWRITE_PNG_FILTER") else []
"""On paper most rows are like the one above; older OpenCV has no such choice."""

PICTURE = [cv2.IMWRITE_PNG_COMPRESSION, 1, *_LIKE_ROW_ABOVE]
"""zlib level 1: higher ones take up to nine times as long and save 7 to 20 %."""

MASK = [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE, *_LIKE_ROW_ABOVE]
"""Masks are runs of few values."""


def write_picture(path: Path, image: np.ndarray) -> None:
    """Write a picture, uint8 RGB, shape (height, width, 3); the suffix decides between PNG and JPEG.

    Raises:
        DataError: another suffix.
    """
    suffix = path.suffix.lower()
    if suffix not in (PNG, *JPEG):
        raise DataError(f"{path}: pictures are written as PNG or JPEG; end the name with .png or .jpg")
    how = PICTURE if suffix == PNG else [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _write(path, suffix, image[..., ::-1], how)


def write_mask(path: Path, mask: np.ndarray) -> None:
    """Write a mask, uint8, shape (height, width), as PNG."""
    _write(path, PNG, mask, MASK)


def read_picture(path: Path) -> np.ndarray:
    """A picture, uint8 RGB, shape (height, width, 3).

    Raises:
        DataError: it is missing, damaged, or no picture.
    """
    return np.ascontiguousarray(_read(path, cv2.IMREAD_COLOR)[..., ::-1])


def read_mask(path: Path) -> np.ndarray:
    """A mask, uint8, shape (height, width).

    Raises:
        DataError: it is missing, damaged, or no picture of one channel.
    """
    mask = _read(path, cv2.IMREAD_UNCHANGED)
    if mask.ndim != 2 or mask.dtype != np.uint8:
        raise DataError(f"{path}: a mask has one channel of 8 bits, found shape {mask.shape} of {mask.dtype}")
    return mask


def _write(path: Path, suffix: str, image: np.ndarray, how: list[int]) -> None:
    _done, encoded = cv2.imencode(suffix, image, how)
    with atomic_path(path) as aside:
        aside.write_bytes(encoded.tobytes())


def _read(path: Path, how: int) -> np.ndarray:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: it cannot be read ({error.strerror})") from error
    image = cv2.imdecode(np.frombuffer(content, np.uint8), how) if content else None
    if image is None:
        raise DataError(
            f"{path}: no picture that can be read; PNG, JPEG, TIFF or BMP is wanted, the file may be damaged"
        )
    return image
