"""Pictures of every kind of pixels as RGB."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecg_digitize import load_pages

UNSIGNED, SIGNED, FRACTIONS = 1, 2, 3
WHITE_IS_ZERO, BLACK_IS_ZERO = 0, 1
SHARES = np.tile(np.linspace(0.0, 1.0, 256), (110, 1))
"""Gray from black to white."""

GRAY = np.rint(255 * SHARES)


def tiff(values: np.ndarray, *, sample_format: int = UNSIGNED, photometric: int = BLACK_IS_ZERO) -> bytes:
    """A gray TIFF of one strip without compression (TIFF 6.0)."""
    height, width = values.shape
    data = values.tobytes()
    tags = {256: width, 257: height, 258: values.dtype.itemsize * 8, 259: 1, 262: photometric, 273: 8, 277: 1}
    tags |= {278: height, 279: len(data), 339: sample_format}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(tags)) + entries + bytes(4)


def read(folder: Path, content: bytes) -> np.ndarray:
    (folder / "page.tif").write_bytes(content)
    [page] = load_pages(folder / "page.tif")
    assert page.image.dtype == np.uint8
    assert (page.image == page.image[..., :1]).all()
    return page.image[..., 0].astype(float)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("photometric", [BLACK_IS_ZERO, WHITE_IS_ZERO])
def test_gray_in_sixteen_bits_is_scaled_by_the_bits_that_it_uses(tmp_path, bits, photometric):
    values = np.rint(SHARES * (2**bits - 1)).astype(np.uint16)
    found = read(tmp_path, tiff(values, photometric=photometric))
    np.testing.assert_allclose(found, 255 - GRAY if photometric == WHITE_IS_ZERO else GRAY, atol=1)


def test_a_dim_page_stays_dim(tmp_path):
    """White paper at two thirds of twelve bits."""
    found = read(tmp_path, tiff(np.full((110, 120), 2730, np.uint16)))
    assert np.unique(found).tolist() == [170]


@pytest.mark.parametrize("bits", [12, 16])
def test_signed_gray_begins_at_its_lowest(tmp_path, bits):
    values = (np.rint(SHARES * (2**bits - 1)) - 2 ** (bits - 1)).astype(np.int16)
    np.testing.assert_allclose(read(tmp_path, tiff(values, sample_format=SIGNED)), GRAY, atol=1)


def test_signed_bytes_begin_at_their_lowest(tmp_path):
    values = (GRAY - 128).astype(np.int8)
    np.testing.assert_array_equal(read(tmp_path, tiff(values, sample_format=SIGNED)), GRAY)


@pytest.mark.parametrize(("dtype", "sample_format"), [(np.uint32, UNSIGNED), (np.int32, SIGNED)])
def test_gray_of_thirty_two_bits(tmp_path, dtype, sample_format):
    lowest = -(2.0**31) if sample_format == SIGNED else 0.0
    values = (SHARES * (2.0**32 - 1) + lowest).astype(dtype)
    np.testing.assert_allclose(read(tmp_path, tiff(values, sample_format=sample_format)), GRAY, atol=1)


@pytest.mark.parametrize("white", [1.0, 255.0, 4095.0, 65535.0])
@pytest.mark.parametrize("photometric", [BLACK_IS_ZERO, WHITE_IS_ZERO])
def test_fractions_are_scaled_by_what_they_reach(tmp_path, white, photometric):
    values = (SHARES * white).astype(np.float32)
    found = read(tmp_path, tiff(values, sample_format=FRACTIONS, photometric=photometric))
    np.testing.assert_allclose(found, 255 - GRAY if photometric == WHITE_IS_ZERO else GRAY, atol=1)


def test_fractions_a_little_beyond_white_are_white_and_what_is_no_number_is_paper(tmp_path):
    values = SHARES.astype(np.float32)
    values[:10], values[10:20], values[20:30] = 1.1, np.nan, np.inf
    found = read(tmp_path, tiff(values, sample_format=FRACTIONS))
    assert (found[:30] == 255).all()
    np.testing.assert_allclose(found[30:], GRAY[30:], atol=1)


@pytest.mark.parametrize("photometric", [BLACK_IS_ZERO, WHITE_IS_ZERO])
def test_a_picture_of_no_numbers_is_paper(tmp_path, photometric):
    values = np.full((110, 120), np.nan, np.float32)
    assert (read(tmp_path, tiff(values, sample_format=FRACTIONS, photometric=photometric)) == 255).all()


@pytest.mark.parametrize("suffix", [".tif", ".png"])
@pytest.mark.parametrize(("bits", "off"), [(10, 1), (12, 1), (14, 1), (16, 1)])
def test_colours_in_sixteen_bits_are_scaled_by_the_bits_that_they_use(tmp_path, suffix, bits, off):
    cv2 = pytest.importorskip("cv2")
    shares = np.dstack((SHARES, SHARES[:, ::-1], 0.5 * SHARES))
    deep = np.rint(shares * (2**bits - 1)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / f"page{suffix}"), deep[..., ::-1])
    [page] = load_pages(tmp_path / f"page{suffix}")
    np.testing.assert_allclose(page.image, 255 * shares, atol=off)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("P", (120, 110), 0), (10, 20, 30)),
        (Image.new("CMYK", (120, 110), (0, 255, 255, 0)), (255, 0, 0)),
        (Image.new("1", (120, 110), 1), (255, 255, 255)),
        (Image.new("LA", (120, 110), (0, 0)), (255, 255, 255)),
        (Image.new("RGBA", (120, 110), (255, 0, 0, 128)), (255, 127, 127)),
    ],
    ids=lambda value: getattr(value, "mode", ""),
)
def test_palettes_inks_bits_and_what_shines_through(tmp_path, image, expected):
    if image.mode == "P":
        image.putpalette([10, 20, 30])
    image.save(tmp_path / "page.tif")
    [page] = load_pages(tmp_path / "page.tif")
    np.testing.assert_allclose(page.image[5, 5], expected, atol=1)
