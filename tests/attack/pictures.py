"""Small pictures and PDFs with a few bytes wrong, as damaged disks, broken programs and ill will leave them.

Every one is made by a seed, so that one that goes wrong can be made again.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import cycle, islice

from PIL import Image, ImageDraw, PngImagePlugin

SIDE_PX = (130, 110)
CHANGED_BYTES = 200
TELLING = (0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF)
"""Bytes at which lengths, counts and signs turn over."""

Change = Callable[[bytearray, random.Random], None]


def mutations(seed: int, number: int) -> Iterator[tuple[str, bytes]]:
    """So many damaged files.

    Args:
        seed: of all that is left to chance.
        number: how many.

    Yields:
        A name whose suffix says what the file was, and its content.
    """
    chance = random.Random(seed)
    whole = list(whole_files().items())
    for index, (suffix, content) in enumerate(islice(cycle(whole), number)):
        damaged = bytearray(content)
        changes = chance.sample(CHANGES, k=chance.choice((1, 1, 2)))
        for change in changes:
            if damaged:
                change(damaged, chance)
        yield f"{seed}-{index}{suffix}", bytes(damaged)


@cache
def whole_files() -> dict[str, bytes]:
    """A sound file of each kind, by suffix; several kinds of one suffix have a further word before it."""
    page = _drawn()
    exif = Image.Exif()
    exif[274], exif[271] = 6, "a camera"
    text = PngImagePlugin.PngInfo()
    text.add_text("scanner", "flatbed" * 20, zip=True)
    save = partial(_saved, page)
    gray16 = Image.new("I;16", SIDE_PX, 3000)
    return {
        ".png": save("PNG", pnginfo=text, exif=exif),
        ".alpha.png": _saved(page.convert("RGBA"), "PNG", icc_profile=b"x" * 300),
        ".palette.png": _saved(page.convert("P"), "PNG", transparency=0),
        ".jpg": save("JPEG", exif=exif),
        ".progressive.jpg": save("JPEG", progressive=True),
        ".cmyk.jpg": _saved(page.convert("CMYK"), "JPEG"),
        ".tif": save("TIFF", save_all=True, append_images=[page.convert("1")]),
        ".lzw.tif": save("TIFF", compression="tiff_lzw"),
        ".fax.tif": _saved(page.convert("1"), "TIFF", compression="group4"),
        ".jpeg.tif": save("TIFF", compression="jpeg"),
        ".deep.tif": _saved(gray16, "TIFF"),
        ".bmp": save("BMP"),
        ".palette.bmp": _saved(page.convert("P"), "BMP"),
        ".webp": save("WEBP", quality=50, exif=exif),
        ".gif.png": _saved(page.convert("P"), "GIF", save_all=True, append_images=[page.convert("P")]),
        ".picture.pdf": save("PDF"),
        ".pdf": pdf_of_lines(),
        ".packed.pdf": pdf_of_lines(forms=3),
    }


def pdf_of_lines(*, forms: int = 0) -> bytes:
    """A page with lines, words and a trace; so many drawings within drawings draw it."""
    trace = b"0.5 w 5 50 m 20 50 l 22 80 l 24 40 l 26 50 l 60 52 60 60 70 50 c 95 50 l S [2 1] 0 d 5 20 m 95 20 l S"
    content = b"q 0 0 100 100 re W n " + trace + b" Q BT /F1 9 Tf 10 85 Td (aVR 25 mm/s) Tj ET"
    number_of_content = 5 + forms
    drawn = b"/Fm0 Do" if forms else content
    streams = [(b"", drawn)] + [
        (
            b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]/Resources<</Font<</F1 3 0 R>>/XObject<</Fm0 %d 0 R>>>>"
            % min(6 + number, number_of_content - 1),
            b"/Fm0 Do" if number < forms else content,
        )
        for number in range(1, forms + 1)
    ]
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[4 0 R]/Count 1>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/CropBox[0 0 99 99]/Rotate 90/Contents 5 0 R"
        b"/Resources<</Font<</F1 3 0 R>>/XObject<</Fm0 6 0 R>>>>>>",
        *(b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(own), own) for entries, own in streams),
    ]
    out, places = bytearray(b"%PDF-1.6\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return bytes(out) + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + tail


def _drawn() -> Image.Image:
    page = Image.new("RGB", SIDE_PX, "white")
    pen = ImageDraw.Draw(page)
    for place in range(0, max(SIDE_PX), 10):
        pen.line((place, 0, place, SIDE_PX[1]), (250, 180, 180))
        pen.line((0, place, SIDE_PX[0], place), (250, 180, 180))
    pen.line((0, 55, 40, 55, 44, 15, 48, 70, 52, 55, 130, 55), (20, 20, 20), width=2)
    return page


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _flip(content: bytearray, chance: random.Random) -> None:
    """Single bits anywhere."""
    for _ in range(chance.choice((1, 3, CHANGED_BYTES))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def _flip_head(content: bytearray, chance: random.Random) -> None:
    """Telling bytes where a file says what it holds."""
    for _ in range(chance.choice((1, 2, 8))):
        content[chance.randrange(min(len(content), CHANGED_BYTES))] = chance.choice(TELLING)


def _flip_tail(content: bytearray, chance: random.Random) -> None:
    """Telling bytes at the end, where TIFF and PDF say what they hold."""
    for _ in range(chance.choice((1, 2, 8))):
        content[-1 - chance.randrange(min(len(content), CHANGED_BYTES))] = chance.choice(TELLING)


def _truncate(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content)) :]


def _cut_out(content: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(content))
    del content[start : start + chance.randrange(1, CHANGED_BYTES)]


def _repeat(content: bytearray, chance: random.Random) -> None:
    """A stretch once more, elsewhere."""
    start = chance.randrange(len(content))
    stretch = content[start : start + chance.randrange(1, CHANGED_BYTES)]
    place = chance.randrange(len(content))
    content[place:place] = stretch


def _splice(content: bytearray, chance: random.Random) -> None:
    """A stretch of a file of any kind over its own bytes."""
    other = chance.choice(list(whole_files().values()))
    start, place = chance.randrange(len(other)), chance.randrange(len(content))
    stretch = other[start : start + chance.randrange(1, CHANGED_BYTES)]
    content[place : place + len(stretch)] = stretch


def _grow_numbers(content: bytearray, chance: random.Random) -> None:
    """Digits of a text, such as a PDF's, become nines, a minus, or many."""
    digits = [place for place, byte in enumerate(content) if 0x30 <= byte <= 0x39]
    for place in sorted(chance.sample(digits, k=min(len(digits), chance.choice((1, 4)))), reverse=True):
        content[place : place + 1] = chance.choice((b"9", b"-", b"99999", b"9" * 30, b"0.5", b"0"))


CHANGES: tuple[Change, ...] = (
    _flip,
    _flip_head,
    _flip_tail,
    _truncate,
    _cut_out,
    _repeat,
    _splice,
    _grow_numbers,
)
