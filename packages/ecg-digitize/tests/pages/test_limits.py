"""Files that would take more memory or time than a page may: told in one sentence, by what they announce."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from ecg_core.errors import DataError
from ecg_digitize import load_pages
from ecg_digitize.pages import files, images, pdf
from ecg_digitize.pages.selection import PageSelection


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of some objects, of which the first is the catalogue."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + tail


def stream(content: bytes, entries: bytes = b"", *, packed: bool = True) -> bytes:
    content, packing = (zlib.compress(content), b"/Filter/FlateDecode") if packed else (content, b"")
    return b"<<%s%s/Length %d>>stream\n%s\nendstream" % (entries, packing, len(content), content)


def pdf_of_page(content: bytes, *others: bytes, resources: bytes = b"", entries: bytes = b"") -> bytes:
    """A PDF of one page; others are the objects from number 5 on."""
    return pdf_of(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<%s>>%s>>" % (resources, entries),
        stream(content),
        *others,
    )


def form(content: bytes, resources: bytes = b"") -> bytes:
    return stream(content, b"/Type/XObject/Subtype/Form/BBox[0 0 200 100]%s" % resources)


def nested(depth: int, times: int, *, with_names: bool = True) -> bytes:
    """Drawings within drawings, each so many times in the one above it."""
    forms = [
        form(b"/F%d Do " % (level + 1) * times, b"/Resources<</XObject<</F%d %d 0 R>>>>" % (level + 1, level + 6))
        for level in range(depth)
    ]
    if not with_names:
        forms = [each.replace(b"/Resources", b"/Unknown") for each in forms]
    innermost = form(b"0 0 m 9 9 l S")
    return pdf_of_page(b"/F0 Do", *forms, innermost, resources=b"/XObject<</F0 5 0 R>>")


def tiff_of_many(frames: int) -> bytes:
    """A TIFF of so many frames that share one pixel."""
    tags = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1)]
    entries = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    size = len(entries) + 4
    nexts = [12 + size * number if number < frames else 0 for number in range(1, frames + 1)]
    return b"II*\0" + struct.pack("<I", 12) + bytes(4) + b"".join(entries + struct.pack("<I", each) for each in nexts)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg_announcing(width: int, height: int) -> bytes:
    content = bytearray(saved(Image.new("L", (120, 110)), "JPEG"))
    place = content.index(b"\xff\xc0") + 5
    content[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def jpeg_of_scans(number: int) -> bytes:
    content = saved(Image.new("L", (7000, 7000), 200), "JPEG", progressive=True)
    return content[:-2] + content[content.rindex(b"\xff\xda") : -2] * number + content[-2:]


def png_with(kind: bytes, body: bytes) -> bytes:
    whole = saved(Image.new("L", (120, 110)), "PNG")
    return whole[:33] + chunk(kind, body) + whole[33:]


PICTURE = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray"
WITH_PICTURE = {"resources": b"/XObject<</I0 5 0 R>>"}
NUL_BYTES = zlib.compress(bytes(PngImagePlugin.MAX_TEXT_CHUNK * 20))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("bomb.pdf", lambda: nested(8, 10), r"a page of the PDF draws more than 20 MB"),
        ("nameless.pdf", lambda: nested(8, 10, with_names=False), r"a page of the PDF draws more than 20 MB"),
        (
            "itself.pdf",
            lambda: pdf_of_page(
                b"/F0 Do",
                form(b"/F0 Do " * 2, b"/Resources<</XObject<</F0 5 0 R>>>>"),
                resources=b"/XObject<</F0 5 0 R>>",
            ),
            r"a page of the PDF draws more than 20 MB",
        ),
        (
            "wrong-length.pdf",  # what follows belongs to the drawing, too, and draws it once more
            lambda: pdf_of_page(
                b"/F0 Do",
                b"<</Subtype/Form/BBox[0 0 200 100]/Resources<</XObject<</F0 5 0 R>>>>/Length 6>>stream\n/F0 Do and\n"
                b"/F0 Do\nendstream",
                resources=b"/XObject<</F0 5 0 R>>",
            ),
            r"a page of the PDF draws more than 20 MB",
        ),
        (
            "replaced.pdf",  # the first of two versions is the one that the table tells of
            lambda: nested(8, 10).replace(b"xref", b"6 0 obj\n<</Subtype/Form>>stream\n\nendstream\nendobj\nxref", 1),
            r"a page of the PDF draws more than 20 MB",
        ),
        (
            "half.pdf",  # packed content that breaks off counts as far as it goes
            lambda: pdf_of_page(
                b"/F0 Do",
                stream(
                    zlib.compress(b"/F0 Do " * 2 + bytes(range(256)) * 20)[:-300],
                    b"/Subtype/Form/BBox[0 0 200 100]/Filter/FlateDecode/Resources<</XObject<</F0 5 0 R>>>>",
                    packed=False,
                ),
                resources=b"/XObject<</F0 5 0 R>>",
            ),
            r"a page of the PDF draws more than 20 MB",
        ),
        (
            "hex.pdf",
            lambda: pdf_of_page(
                b"/F0 Do",
                stream(
                    (b"/F0 Do " * 2).hex().encode() + b">",
                    b"/Subtype/Form/BBox[0 0 200 100]/Filter/ASCIIHexDecode/Resources<</XObject<</F0 5 0 R>>>>",
                    packed=False,
                ),
                resources=b"/XObject<</F0 5 0 R>>",
            ),
            r"a page of the PDF draws more than 20 MB",
        ),
        (
            "pattern.pdf",
            lambda: pdf_of_page(
                b"/Pattern cs /P scn 0 0 200 100 re f",
                stream(
                    b"0 0 1 1 re f", b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .001/YStep -0.01"
                ),
                resources=b"/Pattern<</P 5 0 R>>",
            ),
            r"a pattern in the PDF repeats itself more than 10 million times",
        ),
        ("long.pdf", lambda: pdf_of_page(b"0 0 m 1 1 l S " * 1_600_000), r"unpacks to more than 20 MB"),
        ("font.pdf", lambda: pdf_of_page(b"", stream(bytes(110_000_000))), r"unpacks to more than 100 MB"),
        (
            "picture.pdf",
            lambda: pdf_of_page(b"/I0 Do", stream(b"x", PICTURE % (90_000, 90_000)), **WITH_PICTURE),
            r"a picture in the PDF has 90000 x 90000 pixels; more than 179 million are refused",
        ),
        (
            "jpeg.pdf",
            lambda: pdf_of_page(
                b"/I0 Do",
                stream(jpeg_announcing(14_000, 14_000), PICTURE % (9, 9) + b"/Filter/DCTDecode", packed=False),
                **WITH_PICTURE,
            ),
            r"a picture in the PDF has far too many pixels; more than 179 million are refused",
        ),
        (
            "wide.pdf",
            lambda: pdf_of_page(b"", entries=b"/MediaBox[0 0 1000000000 100]"),
            r"page 1 of the PDF has 1e\+09",
        ),
        (
            "flat.pdf",
            lambda: pdf_of_page(b"", entries=b"/MediaBox[0 0 600 0.01]"),
            r"page 1 of the PDF has 600 x 0\.01",
        ),
        (
            "outside.pdf",
            lambda: pdf_of_page(b"", entries=b"/CropBox[5000 5000 6000 6000]"),
            r"page 1 of the PDF has 0 x 0",
        ),
        (
            "count.pdf",
            lambda: pdf_of_page(b"").replace(b"/Count 1", b"/Count 1000000"),
            r"it has 1000000 pages; no more than 1000 are read in one go, name them by --pages 1-1000",
        ),
        ("loop.pdf", lambda: pdf_of_page(b"").replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]"), r"damaged|cannot be read"),
        ("many.tif", lambda: tiff_of_many(1001), r"it has more than 1000 pages; split the file"),
        ("huge.jpg", lambda: jpeg_announcing(65_500, 65_500), r"too many pixels; more than 179 million are refused"),
        ("scans.jpg", lambda: jpeg_of_scans(80), r"the JPEG sends 7000 x 7000 pixels in 8\d scans"),
        ("text.png", lambda: png_with(b"zTXt", b"a\0\0" + NUL_BYTES), r"the picture is damaged .* too large"),
        ("profile.png", lambda: png_with(b"iCCP", b"a\0\0" + NUL_BYTES), r"the picture is damaged .* too large"),
        ("script.png", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 500 500\n", r"this is no picture"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.endswith((".pdf", ".png", ".jpg", ".tif")) else "",
)
def test_what_would_take_too_much_is_refused(tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_bytes(content())
    with pytest.raises(DataError, match=complaint) as caught:
        list(load_pages(path))
    assert str(caught.value).startswith(f"{path}: ")


def test_drawings_within_drawings_in_reason_are_drawn(tmp_path):
    (tmp_path / "forms.pdf").write_bytes(nested(4, 5))
    [page] = load_pages(tmp_path / "forms.pdf")
    assert page.image.min() < 100
    assert len(page.drawing.strokes) == 5**4


def test_pages_of_a_long_document_are_read_by_their_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_FRAMES", 2)
    frames = [Image.new("L", (120, 110), level) for level in (10, 20, 30)]
    frames[0].save(tmp_path / "three.tif", save_all=True, append_images=frames[1:])
    with pytest.raises(DataError, match="it has 3 pages; no more than 2 are read in one go"):
        list(load_pages(tmp_path / "three.tif"))
    assert [page.image[0, 0, 0] for page in load_pages(tmp_path / "three.tif", PageSelection.parse("2-3"))] == [20, 30]


@pytest.mark.parametrize(("kind", "suffix"), [("GIF", ".png"), ("WEBP", ".webp"), ("PNG", ".png")])
def test_of_a_moving_picture_the_first_frame_is_the_page(tmp_path, kind, suffix):
    frames = [Image.new("RGB", (120, 110), (level, 0, 0)) for level in (0, 250)]
    frames[0].save(tmp_path / f"page{suffix}", kind, save_all=True, append_images=frames[1:])
    [page] = load_pages(tmp_path / f"page{suffix}")
    assert page.name == "page"
    assert page.image[5, 5, 0] < 10


SQUARES = np.kron(np.arange(12, dtype=np.uint8).reshape(3, 4) * 20, np.ones((100, 100), np.uint8))


@pytest.mark.parametrize(("mode", "suffix"), [("L", ".png"), ("RGB", ".jpg"), ("RGBA", ".png"), ("I;16", ".tif")])
def test_a_large_picture_is_read_at_a_smaller_size(tmp_path, monkeypatch, mode, suffix):
    monkeypatch.setattr(images, "MAX_READ_PIXELS", 40_000)
    monkeypatch.setattr(images, "STRIP_PIXELS", 10_000)
    path = tmp_path / f"page{suffix}"
    deep = Image.fromarray(SQUARES.astype(np.uint16) * 257)
    (deep if mode == "I;16" else Image.fromarray(SQUARES).convert(mode)).save(path)
    [page] = load_pages(path)
    assert page.image.shape == (150, 200, 3)
    np.testing.assert_allclose(page.image[25::50, 25::50, 1], SQUARES[50::100, 50::100], atol=2)


def test_a_large_page_of_a_pdf_is_drawn_smaller_and_its_drawing_with_it(tmp_path):
    content = pdf_of_page(b"200 200 m 7000 6000 l S", entries=b"/MediaBox[0 0 7200 7200]")
    (tmp_path / "poster.pdf").write_bytes(content)
    [page] = load_pages(tmp_path / "poster.pdf")
    height, width = page.image.shape[:2]
    assert height * width == pytest.approx(images.MAX_READ_PIXELS, rel=0.01)
    px_per_pt = width / 7200
    assert page.drawing.px_per_mm == pytest.approx(px_per_pt * 72 / 25.4, rel=1e-3)
    [stroke] = page.drawing.strokes
    np.testing.assert_allclose(stroke.points_px[0], [200 * px_per_pt, 7000 * px_per_pt], atol=2)


def test_a_page_that_is_drawn_for_ever_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "MAX_DRAWING_S", 0.0)
    (tmp_path / "slow.pdf").write_bytes(pdf_of_page(b"0 0 m 99 99 l S " * 20_000))
    with pytest.raises(DataError, match=r"slow\.pdf: a page of the PDF takes more than 0 s to draw; print it"):
        list(load_pages(tmp_path / "slow.pdf"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is told by /proc")
def test_a_picture_of_sixteen_bits_takes_little_more_than_its_size(tmp_path):
    """64 million pixels are 128 MB; as numbers of 64 bits on the way they were gigabytes."""
    path = tmp_path / "large.png"
    rows = zlib.compress(bytes(8000 * (1 + 2 * 8000)), 1)
    header = struct.pack(">IIBBBBB", 8000, 8000, 16, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    code = (  # not `resource`: it counts what the process had before it became this program, too
        "import sys; from pathlib import Path; from ecg_digitize import load_pages; [page] = load_pages(sys.argv[1]); "
        "told = Path('/proc/self/status').read_text(); print(page.image.shape[0], told.split('VmHWM:')[1].split()[0])"
    )
    told = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True).stdout.split()
    peak_bytes = int(told[1]) * 1024
    assert int(told[0]) == 4000
    assert peak_bytes < 600e6


@pytest.mark.parametrize("place", range(0, 400, 7))
def test_a_damaged_pdf_is_read_or_told(tmp_path, place):
    content = bytearray(nested(2, 2))
    content[-1 - place] = 0x39
    path = Path(tmp_path / "damaged.pdf")
    path.write_bytes(content)
    try:
        assert len(list(load_pages(path))) <= 1
    except DataError as error:
        assert str(error).startswith(f"{path}: ")
