"""Pictures and masks in files: the one place that writes PNG and JPEG files, each whole or not at all.

OpenCV, which pages are read and drawn with, and Pillow, which comes with the training of models, are imported on use.
"""

from __future__ import annotations

import warnings
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np

from ecg_core.atomic import atomic_path
from ecg_core.errors import DataError

PNG = ".png"
JPEG = (".jpg", ".jpeg")
JPEG_QUALITY = 95

MAX_PIXELS = 178_956_970
"""Larger pictures are refused by their header, before any memory is taken; it is Pillow's own limit."""

DEPTHS_BITS = (1, 8, 10, 12, 14, 16, 32)
"""How many bits of a value cameras and scanners use, whatever the file has room for."""


def write_picture(path: Path, image: np.ndarray) -> None:
    """Write a picture, uint8 RGB, shape (height, width, 3); the suffix decides between PNG and JPEG.

    Raises:
        DataError: another suffix.
    """
    suffix = path.suffix.lower()
    if suffix not in (PNG, *JPEG):
        raise DataError(f"{path}: pictures are written as PNG or JPEG; end the name with .png or .jpg")
    _write(path, suffix, image[..., ::-1], _picture_settings() if suffix == PNG else _jpeg_settings())


def write_mask(path: Path, mask: np.ndarray) -> None:
    """Write a mask, uint8, shape (height, width), as PNG."""
    _write(path, PNG, mask, _mask_settings())


def write_png(path: Path, picture: np.ndarray) -> None:
    """Write a picture, uint8 RGB or gray, as PNG by Pillow, for those who train without OpenCV.

    It is not forced onto the disk at once, since such pictures are many and small.
    """
    from PIL import Image

    with atomic_path(path, flush=False) as aside:
        Image.fromarray(picture).save(aside, PNG.removeprefix(".").upper())


def read_picture(path: Path) -> np.ndarray:
    """A picture, uint8 RGB, shape (height, width, 3); of 16 bits a channel by the bits that it uses.

    Raises:
        DataError: it is missing, damaged, too large, or no picture.
    """
    import cv2

    image = _read(path, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    if image.dtype == np.uint16:
        image = in_eight_bits(image)
    elif image.dtype != np.uint8:
        image = _read(path, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(image[..., ::-1])


def in_eight_bits(deep: np.ndarray) -> np.ndarray:
    """Values of 16 bits as uint8, by the least number of bits that hold all of them: twelve bits of a scanner are often
    kept in sixteen, where they would be black."""
    highest = int(deep.max(initial=0))
    white = next(2**bits - 1 for bits in DEPTHS_BITS if highest < 2**bits)
    return np.rint(np.arange(2**16) * (255.0 / white)).clip(0, 255).astype(np.uint8)[deep]


def read_mask(path: Path) -> np.ndarray:
    """A mask, uint8, shape (height, width).

    Raises:
        DataError: it is missing, damaged, or no picture of one channel.
    """
    import cv2

    mask = _read(path, cv2.IMREAD_UNCHANGED)
    if mask.ndim != 2 or mask.dtype != np.uint8:
        raise DataError(f"{path}: a mask has one channel of 8 bits, found shape {mask.shape} of {mask.dtype}")
    return mask


@cache
def _like_row_above() -> tuple[int, ...]:
    """On paper most rows are like the one above; older OpenCV has no such choice."""
    import cv2

    return (cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP) if hasattr(cv2, "IMWRITE_PNG_FILTER") else ()


@cache
def _picture_settings() -> tuple[int, ...]:
    """Settings for PNG of level 1 of zlib: higher ones take up to nine times as long and save 7 to 20 %."""
    import cv2

    return (cv2.IMWRITE_PNG_COMPRESSION, 1, *_like_row_above())


@cache
def _mask_settings() -> tuple[int, ...]:
    """Settings for PNG of masks, which are runs of few values."""
    import cv2

    return (cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE, *_like_row_above())


@cache
def _jpeg_settings() -> tuple[int, ...]:
    import cv2

    return (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)


def _write(path: Path, suffix: str, image: np.ndarray, settings: tuple[int, ...]) -> None:
    import cv2

    _done, encoded = cv2.imencode(suffix, image, settings)
    with atomic_path(path) as aside:
        aside.write_bytes(encoded.tobytes())


def _read(path: Path, how: int) -> np.ndarray:
    import cv2

    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: it cannot be read ({error.strerror})") from error
    _check_size(path, content)
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), how) if content else None
    except cv2.error as error:
        raise DataError(f"{path}: the picture is damaged, or too large ({error.err or error})") from error
    if image is None:
        raise DataError(
            f"{path}: no picture that can be read; PNG, JPEG, TIFF or BMP is wanted, the file may be damaged"
        )
    return image


def _check_size(path: Path, content: bytes) -> None:
    """Refuse a picture whose header announces too much, where Pillow is there to read headers.

    Raises:
        DataError: it does.
    """
    try:
        from PIL import Image
    except ImportError:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=("PNG", "JPEG", "TIFF", "BMP")) as image:
                pixels = image.width * image.height
    except Image.DecompressionBombError:
        pixels = MAX_PIXELS + 1
    except Exception:  # noqa: BLE001 - what is wrong with it is told by who decodes it
        return
    if pixels > MAX_PIXELS:
        raise DataError(
            f"{path}: the header announces too many pixels; more than {MAX_PIXELS / 1e6:.0f} million are refused. "
            "Scale the picture down."
        )
