"""How much the pages of a PDF draw, told by the file itself before PDFium opens it.

A page is taken in whole before PDFium can be asked anything, and a few kilobytes of drawings within drawings grow
beyond all memory while it does. So the objects of the file are looked at here, as far as that needs: what is drawn, and
the sizes of pictures. What is encrypted, or packed in another way than usual, is not seen, and passes.
"""

from __future__ import annotations

import base64
import io
import math
import re
import struct
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import attrs
from PIL import Image

from ecg_core.errors import DataError

MAX_FILE_BYTES = 500_000_000
"""A file as large holds hundreds of scans."""

MAX_CONTENT_BYTES = 20_000_000
"""What a page draws, with each drawing within it as often as it is drawn: PDFium takes up to 50 bytes for each. A page
of twelve leads has half a megabyte, one of a dotted grid and a path for each sample five."""

MAX_STREAM_BYTES = 100_000_000
"""Any other stream, such as a font, is far smaller."""

MAX_UNPACKED_BYTES = 1_500_000_000
"""Streams of a whole file, less its pictures, when unpacked: about five seconds."""

BYTES_A_DRAWING = 2000
"""What a drawing within a drawing takes besides its content."""

MAX_DEPTH = 40
"""PDFium follows drawings within drawings as deep."""

MAX_TILES, SHEET_PT2 = 10_000_000, 842.0 * 595.0
"""So often a pattern may stand on a sheet of A4: a dot each tenth of a millimetre would be six million."""

MAX_PARENTS = 100
PIECE_BYTES = 65_536

MAX_PIXELS_AT_ONCE = 50_000_000
DECODED_AT_ONCE = (b"JPXDecode",)
"""Pictures of these kinds are decoded whole, at 12 bytes a pixel; others row by row."""

_OBJECT = re.compile(rb"(?<!\d)(\d{1,10})\s{1,9}\d{1,5}\s{1,9}obj\b")
_STREAM, _END = re.compile(rb"\bstream\r?\n"), re.compile(rb"\s{0,4}endstream")
_LENGTH = re.compile(rb"/Length\s{0,9}(\d{1,10})(?!\d|\s{1,9}\d{1,5}\s{1,9}R)")
_FILTER = re.compile(rb"/Filter\s{0,9}(\[[^\]]{0,200}\]|/\w{1,20})")
_NAME = rb"/([^\s/<>\[\]()%{}]{1,127})"
_NAMED = re.compile(_NAME + rb"\s{1,9}(\d{1,10})\s{1,9}\d{1,5}\s{1,9}R\b")
_DRAWN = re.compile(_NAME + rb"\s{1,9}Do\b")
_REFERENCE = re.compile(rb"(\d{1,10})\s{1,9}\d{1,5}\s{1,9}R\b")
_CONTENTS = re.compile(rb"/Contents\s{0,9}(\[[^\]]{0,1000000}\]|\d{1,10}\s{1,9}\d{1,5}\s{1,9}R)")
_FORM = re.compile(rb"/Subtype\s{0,9}/Form\b|/PatternType\s{0,9}1\b")
_PATTERN = re.compile(rb"/PatternType\s{0,9}1\b")
_REAL = rb"\s{0,9}([-+]?\d{0,20}\.?\d{1,20})"
_X_STEP, _Y_STEP = re.compile(rb"/XStep" + _REAL), re.compile(rb"/YStep" + _REAL)
_MATRIX = re.compile(rb"/Matrix\s{0,9}\[" + _REAL * 4)
_IMAGE = re.compile(rb"/Subtype\s{0,9}/Image\b")
_PAGE = re.compile(rb"/Type\s{0,9}/Page\b")
_PACKED_OBJECTS = re.compile(rb"/Type\s{0,9}/ObjStm\b")
_NUMBER = rb"\s{0,9}(\d{1,12})"
_WIDTH, _HEIGHT = re.compile(rb"/Width" + _NUMBER), re.compile(rb"/Height" + _NUMBER)
_COUNT, _FIRST = re.compile(rb"/N" + _NUMBER), re.compile(rb"/First" + _NUMBER)
_FLATE = (b"FlateDecode", b"Fl")


def _from_hex(content: bytes) -> bytes:
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", content.partition(b">")[0])
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())


def _from_base_85(content: bytes) -> bytes:
    try:
        return base64.a85decode(content.removeprefix(b"<~").partition(b"~")[0], ignorechars=b" \t\n\r\v\f\0")
    except (ValueError, struct.error):
        return b""


_AS_TEXT = {
    b"ASCIIHexDecode": _from_hex,
    b"AHx": _from_hex,
    b"ASCII85Decode": _from_base_85,
    b"A85": _from_base_85,
}
_PICTURE_FORMATS = {b"DCTDecode": "JPEG", b"DCT": "JPEG", b"JPXDecode": "JPEG2000"}
_LEADS_ON = (b"Resources", b"XObject", b"Parent")


@attrs.frozen(eq=False)
class _Object:
    """An object of the file.

    Attributes:
        entries: its text, of a stream the dictionary alone.
        packed: the stream as it stands in the file; None where it is none.
    """

    entries: bytes
    packed: bytes | memoryview | None = None

    def is_stream_of(self, kind: re.Pattern[bytes]) -> bool:
        return self.packed is not None and kind.search(self.entries) is not None

    @property
    def filters(self) -> list[bytes]:
        found = _FILTER.search(self.entries)
        return re.findall(rb"/(\w+)", found[1]) if found else []


@attrs.frozen(eq=False)
class _Content:
    """A page's or a drawing's content: its own length, and how often it draws one of some drawings."""

    length: int
    draws: tuple[tuple[int, tuple[int, ...]], ...] = ()

    def size(self, sizes: Mapping[int, int]) -> int:
        """Its length with all that it draws."""
        inner = sum(times * (BYTES_A_DRAWING + max(sizes[each] for each in drawings)) for times, drawings in self.draws)
        return min(self.length + inner, MAX_CONTENT_BYTES + 1)


def check_content(path: Path, max_pixels: int) -> None:
    """Refuse a PDF that would take too much to open or to draw.

    Args:
        path: the file.
        max_pixels: pictures in it may have as many.

    Raises:
        DataError: a page draws too much, a picture is too large, or the file or a stream of it.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise DataError(
            f"{path}: the PDF has {path.stat().st_size / 1e6:.0f} MB; more than {MAX_FILE_BYTES / 1e6:.0f} are "
            "refused. Split it into smaller ones."
        )
    _Checked(path, max_pixels).check(path.read_bytes())


class _Checked:
    """A file that is looked at.

    Args:
        path: its name, for what is said of it.
        max_pixels: pictures in it may have as many.
    """

    def __init__(self, path: Path, max_pixels: int) -> None:
        self.path = path
        self.max_pixels = max_pixels
        self.left_bytes = MAX_UNPACKED_BYTES
        self.objects: dict[int, list[_Object]] = {}
        self.drawings: set[int] = set()
        self.drawings_named: dict[bytes, list[int]] = {}

    def check(self, content: bytes) -> None:
        """Look at everything; errors as of `check_content`."""
        self.add(_objects(content))
        if any(b"/Encrypt" in each.entries for each in self.every()) or b"/Encrypt" in content[-2048:]:
            return
        for each in list(self.every()):
            if each.is_stream_of(_IMAGE):
                self.check_picture(each)
            elif each.is_stream_of(_PATTERN):
                self.check_pattern(each)
            elif each.is_stream_of(_PACKED_OBJECTS):
                self.add(_packed_objects(each, self.unpacked(each)).items())
        self.drawings = {
            number for number, versions in self.objects.items() if any(each.is_stream_of(_FORM) for each in versions)
        }
        for each in self.every():
            for name, number in _NAMED.findall(each.entries):
                if int(number) in self.drawings:
                    self.drawings_named.setdefault(name, []).append(int(number))
        self.check_drawings()

    def add(self, objects: Iterable[tuple[int, _Object]]) -> None:
        """Take in objects. Of one that stands in the file several times all versions count: which one is meant, readers
        of damaged files do not agree about."""
        for number, each in objects:
            self.objects.setdefault(number, []).append(each)

    def every(self) -> Iterator[_Object]:
        """All objects."""
        return chain.from_iterable(self.objects.values())

    def check_drawings(self) -> None:
        """How much every page and every drawing draws."""
        contents = {number: self.content([number], number) for number in self.drawings}
        sizes = dict.fromkeys(self.drawings, 0)
        for _ in range(MAX_DEPTH):
            before, sizes = sizes, {number: each.size(sizes) for number, each in contents.items()}
            if sizes == before:
                break
        used = set(self.drawings)
        for number, versions in self.objects.items():
            own = [
                stream
                for each in versions
                if each.packed is None and _PAGE.search(each.entries)
                for stream in _numbers(_CONTENTS.search(each.entries))
            ]
            if own:
                used |= set(own)
                sizes[number] = self.content(own, number).size(sizes)
        if max(sizes.values(), default=0) > MAX_CONTENT_BYTES:
            raise DataError(
                f"{self.path}: a page of the PDF draws more than {MAX_CONTENT_BYTES / 1e6:.0f} MB of lines, shapes and "
                "letters, drawings within drawings counted each time; print it to a picture of 300 dpi"
            )
        for number, versions in self.objects.items():
            for each in versions:
                if each.packed is not None and number not in used and not _IMAGE.search(each.entries):
                    self.unpacked(each)

    def content(self, streams: Iterable[int], number: int) -> _Content:
        """What streams draw that belong to the object of a number."""
        versions = [each for stream in streams for each in self.objects.get(stream, ()) if each.packed is not None]
        content = b"\n".join(self.unpacked(each, MAX_CONTENT_BYTES) for each in versions)
        counts = Counter(_DRAWN.findall(content))
        named = self.names(number) if counts else {}
        draws = []
        for name, times in counts.items():
            if inner := tuple(self.drawings & named[name] if name in named else self._elsewhere(name, number)):
                draws.append((times, inner))
        return _Content(len(content), tuple(draws))

    def _elsewhere(self, name: bytes, number: int) -> set[int]:
        """The drawings that any other object has for a name that the one of a number has not."""
        return set(self.drawings_named.get(name, ())) - {number}

    def names(self, number: int) -> dict[bytes, set[int]]:
        """The objects that an object names, itself or by its resources or those of the ones above it."""
        named: dict[bytes, set[int]] = {}
        ahead, seen = [number], set[int]()
        while ahead and len(seen) < MAX_PARENTS:
            each = ahead.pop(0)
            if each in seen:
                continue
            seen.add(each)
            own: dict[bytes, set[int]] = {}
            for version in self.objects.get(each, ()):
                for name, other in _NAMED.findall(version.entries):
                    own.setdefault(name, set()).add(int(other))
            ahead += (other for name in _LEADS_ON for other in own.get(name, ()))
            named = own | named
        return named

    def unpacked(self, stream: _Object, most: int = MAX_STREAM_BYTES) -> bytes:
        """A stream's content, as far as it is sound, where it is packed in a usual way; else nothing.

        Raises:
            DataError: it is larger than the most, or than what is left.
        """
        content = bytes(stream.packed or b"")
        for each in stream.filters:
            if each in _AS_TEXT:
                content = _AS_TEXT[each](content)
                continue
            if each not in _FLATE:
                return b""
            allowed = min(most, self.left_bytes)
            content = _inflated(content, allowed)
            if len(content) > allowed:
                raise DataError(
                    f"{self.path}: a part of the PDF unpacks to more than {allowed / 1e6:.0f} MB; print it to a "
                    "picture of 300 dpi"
                )
            self.left_bytes -= len(content)
        return content

    def check_pattern(self, pattern: _Object) -> None:
        """Refuse a pattern that repeats itself too often.

        Raises:
            DataError: it does.
        """
        steps = [float(found[1]) if (found := step.search(pattern.entries)) else 1.0 for step in (_X_STEP, _Y_STEP)]
        found = _MATRIX.search(pattern.entries)
        a, b, c, d = (float(each) for each in found.groups()) if found else (1.0, 0.0, 0.0, 1.0)
        tile_pt2 = abs(steps[0] * steps[1] * (a * d - b * c))
        if tile_pt2 < SHEET_PT2 / MAX_TILES:
            raise DataError(
                f"{self.path}: a pattern in the PDF repeats itself more than {MAX_TILES / 1e6:.0f} million times on a "
                "sheet; print it to a picture of 300 dpi"
            )

    def check_picture(self, picture: _Object) -> None:
        """Refuse a picture that has too many pixels by its entries, or by a header of its own.

        Raises:
            DataError: it has.
        """
        found = [number.search(picture.entries) for number in (_WIDTH, _HEIGHT)]
        is_decoded_at_once = any(each in DECODED_AT_ONCE for each in picture.filters)
        limit = min(self.max_pixels, MAX_PIXELS_AT_ONCE) if is_decoded_at_once else self.max_pixels
        for width, height in (tuple(int(each[1]) if each else 1 for each in found), _size_by_header(picture)):
            if width * height > limit:
                size = f"{width:.0f} x {height:.0f}" if width * height < math.inf else "far too many"
                raise DataError(
                    f"{self.path}: a picture in the PDF has {size} pixels; more than {limit / 1e6:.0f} million are "
                    "refused. Scale it down: 300 dpi are plenty."
                )


def _objects(content: bytes) -> Iterator[tuple[int, _Object]]:
    """Number and object, all that stand in a file by themselves, wherever it says that they are."""
    view, found = memoryview(content), list(_OBJECT.finditer(content))
    ends = [*(match.start() for match in found[1:]), len(content)]
    for each, after in zip(found, ends, strict=False):
        stream = _STREAM.search(content, each.end(), after)
        if stream is None:
            yield int(each[1]), _Object(content[each.end() : after])
            continue
        entries = content[each.end() : stream.start()]
        length = _LENGTH.search(entries)
        end = stream.end() + int(length[1]) if length else -1
        if end < 0 or _END.match(content, end) is None:  # readers do not believe a wrong length either
            end = content.find(b"endstream", stream.end())
        yield int(each[1]), _Object(entries, view[stream.end() : end if end >= 0 else len(content)])


def _inflated(content: bytes, most: int) -> bytes:
    """What zlib has packed, up to where it is damaged, and no more than a byte more than the most."""
    unpacker, parts, left = zlib.decompressobj(), [], most + 1
    try:
        for start in range(0, len(content), PIECE_BYTES):
            parts.append(unpacker.decompress(content[start : start + PIECE_BYTES], left))
            left -= len(parts[-1])
            if left <= 0 or unpacker.eof:
                break
            while unpacker.unconsumed_tail and left > 0:
                parts.append(unpacker.decompress(unpacker.unconsumed_tail, left))
                left -= len(parts[-1])
    except zlib.error:
        pass
    return b"".join(parts)


def _packed_objects(stream: _Object, content: bytes) -> dict[int, _Object]:
    """Objects that stand in a stream together: their numbers and places come first."""
    count, first = (_numbers(number.search(stream.entries)) for number in (_COUNT, _FIRST))
    if not count or not first:
        return {}
    heads = [int(each) for each in re.findall(rb"\d{1,10}", content[: first[0]])[: 2 * count[0]]]
    places = [first[0] + place for place in heads[1::2]]
    ends = [*places[1:], len(content)]
    return {number: _Object(content[place:end]) for number, place, end in zip(heads[::2], places, ends, strict=False)}


def _numbers(found: re.Match[bytes] | None) -> list[int]:
    """Numbers of the objects that were found, or the number itself."""
    if found is None:
        return []
    return [int(each) for each in _REFERENCE.findall(found[1]) or re.findall(rb"^\d+$", found[1])]


def _size_by_header(picture: _Object) -> tuple[float, float]:
    """Width and height as a picture of a format of its own says itself; nothing where it has none."""
    kind = _PICTURE_FORMATS.get(picture.filters[-1] if len(picture.filters) == 1 else b"")
    if kind is None:
        return 0, 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(picture.packed or b""), formats=[kind]) as opened:
                return opened.size
    except Image.DecompressionBombError:
        return math.inf, math.inf
    except Exception:  # noqa: BLE001 - what cannot be told stays for PDFium to find
        return 0, 0
