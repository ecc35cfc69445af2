"""Files that are pages, and files that only look like it."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecg_core.errors import DataError, PluginError
from ecg_digitize import load_pages
from ecg_digitize.pages.files import find_page_files
from ecg_digitize.pages.selection import PageSelection

GRADIENT = np.dstack([np.tile(np.arange(240, dtype=np.uint8), (210, 1))] * 3)
GRADIENT[:50, :60] = (200, 30, 30)  # one corner tells which way is up


def only_page(path: Path) -> np.ndarray:
    [page] = load_pages(path)
    assert page.name == path.stem
    return page.image


def png_with_header_only(width: int, height: int) -> bytes:
    """Signature and header of a PNG (RFC 2083), eight bits RGB, without a pixel."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".bmp", ".PNG", ".webp"])
def test_lossless_pictures_come_out_as_they_are(tmp_path, suffix):
    path = tmp_path / f"page{suffix}"
    Image.fromarray(GRADIENT).save(path, **({"lossless": True} if suffix == ".webp" else {}))
    np.testing.assert_array_equal(only_page(path), GRADIENT)


def test_a_jpeg_is_turned_as_its_camera_noted(tmp_path):
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[274] = 6  # the camera was held so that the picture must be turned clockwise by 90 degrees
    Image.fromarray(np.rot90(GRADIENT)).save(path, exif=exif, quality=95)
    image = only_page(path)
    assert image.shape == GRADIENT.shape
    assert abs(image[20, 20].astype(int) - (200, 30, 30)).max() < 20


def test_a_photo_of_an_iphone_is_read_where_its_library_is(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "photo.HEIC"
    heif.from_pillow(Image.fromarray(GRADIENT)).save(path, quality=95)
    image = only_page(path)
    assert image.shape == GRADIENT.shape
    assert abs(image[20, 20].astype(int) - (200, 30, 30)).max() < 20


def test_without_its_library_a_photo_of_an_iphone_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = tmp_path / "photo.heic"
    path.write_bytes(b"anything")
    with pytest.raises(PluginError, match=r"photo\.heic: HEIC.*pip install 'ecg-digitize\[heic\]'"):
        list(load_pages(path))


def test_every_frame_of_a_tiff_is_a_page(tmp_path):
    path = tmp_path / "three.tiff"
    frames = [Image.fromarray(np.full((210, 240, 3), level, np.uint8)) for level in (10, 20, 30)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    pages = list(load_pages(path))
    assert [page.name for page in pages] == ["three-p1", "three-p2", "three-p3"]
    assert [page.image[0, 0, 0] for page in pages] == [10, 20, 30]


def test_every_page_of_a_pdf_is_drawn_at_300_dpi(tmp_path):
    path = tmp_path / "two.pdf"
    sheets = [Image.new("RGB", (144, 72), color) for color in ("white", "black")]
    sheets[0].save(path, save_all=True, append_images=sheets[1:], resolution=72)
    pages = list(load_pages(path))
    assert [page.name for page in pages] == ["two-p1", "two-p2"]
    assert [page.image.shape for page in pages] == [(300, 600, 3)] * 2
    assert [page.image[150, 300, 1] for page in pages] == [255, 0]


@pytest.mark.parametrize("suffix", [".tiff", ".pdf"])
def test_each_page_is_asked_for_just_before_it_is_drawn(tmp_path, suffix):
    """So whoever is stopped while it is drawn knows at which page, and a page that is not wanted costs nothing."""
    path = tmp_path / f"three{suffix}"
    sheets = [Image.new("RGB", (144, 72), color) for color in ("white", "gray", "black")]
    sheets[0].save(path, save_all=True, append_images=sheets[1:], resolution=72)
    asked = []

    def begin(number, count):
        asked.append((number, count))
        return number != 2

    pages = load_pages(path, begin=begin)
    assert next(pages).number == 1
    assert asked == [(1, 3)]
    assert [page.number for page in pages] == [3]
    assert asked == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("suffix", [".tiff", ".pdf"])
def test_only_wanted_pages_of_a_document_are_opened(tmp_path, suffix, caplog):
    path = tmp_path / f"three{suffix}"
    sheets = [Image.new("RGB", (144, 72), color) for color in ("white", "gray", "black")]
    sheets[0].save(path, save_all=True, append_images=sheets[1:], resolution=72)
    pages = list(load_pages(path, PageSelection.parse("3,1")))
    assert [(page.name, page.number) for page in pages] == [("three-p1", 1), ("three-p3", 3)]
    assert [page.image[20, 20, 1] for page in pages] == [255, 0]
    assert not caplog.records
    assert [page.number for page in load_pages(path, PageSelection.parse("2-9"))] == [2, 3]
    assert f"{path}: it has 3 pages, and of --pages 2-9 not 4-9" in caplog.text
    with pytest.raises(DataError, match=r"three\.\w+: it has 3 pages, and none of --pages 4"):
        list(load_pages(path, PageSelection.parse(4)))


@pytest.mark.parametrize(
    ("image", "corner"),
    [
        (Image.new("L", (210, 220), 77), (77, 77, 77)),
        (Image.new("1", (210, 220), 1), (255, 255, 255)),
        (Image.new("RGBA", (210, 220), (0, 0, 0, 0)), (255, 255, 255)),
        (Image.new("LA", (210, 220), (0, 128)), (127, 127, 127)),
        (Image.fromarray(np.full((220, 210), 0x8080, np.uint16)), (128, 128, 128)),
    ],
)
def test_gray_sixteen_bits_and_transparency_become_rgb(tmp_path, image, corner):
    path = tmp_path / "page.png"
    image.save(path)
    loaded = only_page(path)
    assert loaded.dtype == np.uint8
    assert loaded.shape == (220, 210, 3)
    assert tuple(loaded[0, 0]) == corner


def test_a_folder_gives_its_pages_and_not_what_they_became(tmp_path):
    names = ["a.jpg", "b/c.png", "b/notes.txt", ".hidden.png", "a_overlay.jpg", "a_quality.json", "own_overlay.jpg"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find_page_files([tmp_path]) == [tmp_path / name for name in ("a.jpg", "b/c.png", "own_overlay.jpg")]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp", ".webp"])
def test_a_picture_that_was_cut_short_is_named(tmp_path, suffix):
    whole, path = tmp_path / f"whole{suffix}", tmp_path / f"short{suffix}"
    noise = np.random.default_rng(0).integers(0, 255, (210, 240, 3), np.uint8)
    Image.fromarray(noise).save(whole)
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(DataError, match=rf"short\{suffix}: .*(damaged|cannot be opened|no picture)"):
        list(load_pages(path))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("empty.png", b"", "the file is empty"),
        ("letter.png", b"Dear colleague, the ECG is attached.", "no picture"),
        ("huge.png", png_with_header_only(30_000, 30_000), "30000 x 30000 pixels; more than 179 million are refused"),
        ("page.docx", b"PK", "no kind of page; known are .png"),
        ("broken.pdf", b"%PDF-1.7 and nothing else", "damaged or needs a password"),
        ("empty.pdf", b"", "the file is empty"),
    ],
)
def test_what_is_no_page_is_named_with_the_reason(tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=complaint) as caught:
        list(load_pages(path))
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.png: there is no such file"):
        list(load_pages(tmp_path / "gone.png"))
