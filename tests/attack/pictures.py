"""Pictures of every format and mode: pages, noise and stripes, bytes changed, and headers that promise too much."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from PIL import Image

from attack.bytes_changed import changed
from attack.inputs import Input

SUFFIXES = {"PNG": "png", "JPEG": "jpg", "TIFF": "tif", "BMP": "bmp", "GIF": "gif", "WEBP": "webp"}
MODES = {
    "PNG": ("RGB", "L", "RGBA", "LA", "P", "1", "I;16"),
    "JPEG": ("RGB", "L", "CMYK"),
    "TIFF": ("RGB", "L", "RGBA", "CMYK", "1", "I;16", "F", "P"),
    "BMP": ("RGB", "L", "1", "P"),
    "GIF": ("P", "L"),
    "WEBP": ("RGB", "RGBA"),
}
SIDES_PX = (0, 1, 2, 65_535, 100_000, 2**31 - 1, 2**32 - 1)


def mutations(seed: int, number: int) -> Iterator[Input]:
    """A picture of each kind in turn, two of three with bytes changed; every eighth is a header alone."""
    rng = np.random.default_rng(seed)
    formats = list(SUFFIXES)
    for index in range(number):
        kind = formats[index % len(formats)]
        if index % 8 == 7:
            yield Input("header of a large picture", {"page.png": _promising(rng)})
            continue
        mode = str(rng.choice(MODES[kind]))
        shown = str(rng.choice(list(SHOWN)))
        content, name = _encoded(SHOWN[shown](rng), kind, mode), f"{shown}, {kind} {mode}"
        if rng.random() < 0.67:
            change, content = changed(content, rng)
            name = f"{name}, {change}"
        yield Input(name, {f"page.{SUFFIXES[kind]}": content})


def _encoded(levels: np.ndarray, kind: str, mode: str) -> bytes:
    """A gray picture, uint8, in a mode of a kind."""
    if mode == "I;16":
        picture = Image.fromarray(levels.astype(np.uint16) * 257)
    elif mode == "F":
        picture = Image.fromarray(levels.astype(np.float32) / 255)
    else:
        picture = Image.fromarray(levels).convert("RGB").convert(mode)
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def _promising(rng: np.random.Generator) -> bytes:
    """A PNG whose header tells of sides that its few bytes do not fill."""
    width, height = (int(side) for side in rng.choice(SIDES_PX, size=2))
    depth, colour = int(rng.choice([1, 8, 16])), int(rng.choice([0, 2, 3, 6]))
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * int(rng.choice([10, 10_000_000])))), (b"IEND", b"")]
    if rng.random() < 0.3:
        chunks.insert(1, (b"zTXt", b"a\0\0" + zlib.compress(b"x" * 50_000_000)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@cache
def _page_levels() -> np.ndarray:
    from ecg_core import synthesize_record
    from ecg_core.layout_text import find_layout
    from ecg_render import render_page

    page = render_page(synthesize_record(seed=1), layout=find_layout("II"), dots_per_inch=100)
    return np.asarray(Image.fromarray(page.image).convert("L"))


def _page(_rng: np.random.Generator) -> np.ndarray:
    return _page_levels()


def _noise(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 256, size=(300, 400), dtype=np.uint8)


def _stripes(rng: np.random.Generator) -> np.ndarray:
    period = int(rng.integers(2, 40))
    lines = np.where(np.arange(400) % period, 255, int(rng.integers(0, 200))).astype(np.uint8)
    picture = np.repeat(lines[None, :], 300, axis=0)
    return np.ascontiguousarray(picture.T if rng.random() < 0.5 else np.minimum(picture, picture[0, :300, None]))


def _plain(rng: np.random.Generator) -> np.ndarray:
    shape = tuple(int(side) for side in rng.choice([1, 2, 99, 101, 700], size=2))
    return np.full(shape, int(rng.integers(256)), np.uint8)


SHOWN: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "page": _page,
    "noise": _noise,
    "stripes": _stripes,
    "plain": _plain,
}
