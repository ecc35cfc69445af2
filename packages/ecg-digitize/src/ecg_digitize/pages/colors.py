"""Pictures of any kind of pixels as RGB of eight bits: deep and signed gray, transparency, palettes, inks."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np
from PIL import Image

from ecg_core.pictures import DEPTHS_BITS

OVERSHOOT = 1.25
"""Pictures of fractions that were sharpened or scaled go beyond their white by no more than this."""

PHOTOMETRIC, WHITE_IS_ZERO = 262, 0
SAMPLE_FORMAT, SIGNED = 339, 2
"""Tags of TIFF that Pillow does not heed for each kind of pixels, and the values that matter (TIFF 6.0)."""


@attrs.frozen
class Pixels:
    """What the values of a picture's pixels mean.

    Attributes:
        is_deep: gray of more than eight bits or of fractions.
        is_unsigned: Pillow's signed numbers of 32 bits stand for unsigned ones.
        is_signed_byte: bytes stand for -128 to 127.
        is_inverted: the largest value is black, and Pillow has not turned it.
        black: value of black, of deep gray.
        white: value of white, of deep gray.
    """

    is_deep: bool = False
    is_unsigned: bool = False
    is_signed_byte: bool = False
    is_inverted: bool = False
    black: float = 0.0
    white: float = 255.0


def pixels_of(image: Image.Image) -> Pixels:
    """What the pixels of an opened picture mean, but for where black and white of deep gray lie."""
    tags = getattr(image, "tag_v2", {})
    is_signed = tags.get(SAMPLE_FORMAT) in (SIGNED, (SIGNED,))
    is_deep = image.mode in ("I", "F") or image.mode.startswith("I;16")
    return Pixels(
        is_deep=is_deep,
        is_unsigned=image.mode == "I" and bool(tags) and not is_signed,
        is_signed_byte=image.mode == "L" and is_signed,
        is_inverted=is_deep and tags.get(PHOTOMETRIC) == WHITE_IS_ZERO,
    )


def with_levels(pixels: Pixels, strips: Iterable[Image.Image]) -> Pixels:
    """The same with black and white of deep gray: by the least number of bits that hold all values of a picture.

    Twelve bits of a scanner are often kept in sixteen, where they would be black.
    """
    low, high, is_whole = np.inf, -np.inf, True
    for strip in strips:
        values = _values(strip, pixels)
        is_whole = values.dtype.kind != "f"
        known = values if is_whole else values[np.isfinite(values)]
        if known.size:
            low, high = min(low, float(known.min())), max(high, float(known.max()))
    if not low <= high:
        return attrs.evolve(pixels, black=0.0, white=1.0)
    black, room = min(0.0, low), 1.0 if is_whole else OVERSHOOT
    span = high - black
    whites = [2.0**bits - 1 for bits in DEPTHS_BITS]
    return attrs.evolve(
        pixels, black=black, white=black + next((white for white in whites if span <= white * room), span)
    )


def as_rgb(image: Image.Image, pixels: Pixels) -> np.ndarray:
    """uint8 RGB, shape (height, width, 3); transparent parts are laid on white."""
    if pixels.is_deep:
        return _gray_to_rgb(image, pixels)
    if pixels.is_signed_byte:
        return np.repeat((np.asarray(image) ^ 0x80)[..., None], 3, axis=2)
    if image.mode == "La":  # gray that was already multiplied by its transparency
        image = image.convert("LA")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _values(image: Image.Image, pixels: Pixels) -> np.ndarray:
    values = np.asarray(image)
    return values.view(np.uint32) if pixels.is_unsigned else values


def _gray_to_rgb(image: Image.Image, pixels: Pixels) -> np.ndarray:
    """What is no number is white, as paper is."""
    values = np.nan_to_num(
        _values(image, pixels).astype(np.float64), nan=pixels.black if pixels.is_inverted else pixels.white
    )
    shares = np.clip((values - pixels.black) / (pixels.white - pixels.black or 1.0), 0.0, 1.0)
    gray = np.rint(255.0 * (1.0 - shares if pixels.is_inverted else shares)).astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=2)
