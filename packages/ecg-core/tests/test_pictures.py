"""Pictures and masks in files."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from ecg_core.errors import DataError
from ecg_core.pictures import read_mask, read_picture

cv2 = pytest.importorskip("cv2")
SHARES = np.tile(np.linspace(0.0, 1.0, 256), (20, 1))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int) -> bytes:
    """A PNG that announces a size and has hardly a pixel (RFC 2083)."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100)))


@pytest.mark.parametrize("suffix", [".tif", ".png"])
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_a_picture_of_sixteen_bits_is_scaled_by_the_bits_that_it_uses(tmp_path: Path, suffix: str, bits: int):
    deep = np.rint(np.dstack((SHARES, SHARES[:, ::-1], SHARES * 0.5)) * (2**bits - 1)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / f"deep{suffix}"), deep[..., ::-1])
    expected = 255 * np.dstack((SHARES, SHARES[:, ::-1], SHARES * 0.5))
    np.testing.assert_allclose(read_picture(tmp_path / f"deep{suffix}"), expected, atol=1)


def test_gray_becomes_rgb(tmp_path: Path):
    gray = np.rint(255 * SHARES).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "gray.png"), gray)
    np.testing.assert_array_equal(read_picture(tmp_path / "gray.png"), np.repeat(gray[..., None], 3, axis=2))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("huge.png", png_of(30_000, 30_000), "too many pixels; more than 179 million are refused"),
        ("beyond.png", png_of(2**31 - 1, 2**31 - 1), "too many pixels|too large|no picture"),
        ("letter.png", b"Dear colleague", "no picture that can be read"),
        ("empty.png", b"", "no picture that can be read"),
    ],
)
@pytest.mark.parametrize("read", [read_picture, read_mask])
def test_what_cannot_be_read_is_told(tmp_path: Path, read, name: str, content: bytes, complaint: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=complaint):
        read(tmp_path / name)


def test_what_opencv_raises_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ecg_core.pictures._check_size", lambda path, content: None)  # as without Pillow
    jpeg = bytearray(cv2.imencode(".jpg", np.zeros((16, 16), np.uint8))[1].tobytes())
    place = jpeg.index(b"\xff\xc0") + 5
    jpeg[place : place + 4] = struct.pack(">HH", 65_500, 65_500)
    (tmp_path / "huge.jpg").write_bytes(jpeg)
    with pytest.raises(DataError, match=r"huge\.jpg: the picture is damaged, or too large"):
        read_picture(tmp_path / "huge.jpg")
