"""Bytes as they are after a bad disk, a cut transfer, or somebody who means harm."""

from __future__ import annotations

import numpy as np

EXTREMES = (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"%n%s", b"../../")


def changed(content: bytes, rng: np.random.Generator) -> tuple[str, bytes]:
    """What was done, and the content after it."""
    name = str(rng.choice(["flip", "cut", "splice", "extreme", "twice", "zeros", "swap"]))
    return name, CHANGES[name](content, rng)


def _flipped(content: bytes, rng: np.random.Generator) -> bytes:
    data = bytearray(content)
    for place in rng.integers(len(data), size=int(rng.integers(1, 9))):
        data[place] ^= 1 << int(rng.integers(8))
    return bytes(data)


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: int(rng.integers(len(content)))]


def _spliced(content: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes of elsewhere in place of others."""
    begin, source = (int(place) for place in rng.integers(len(content), size=2))
    length = int(rng.integers(1, 65))
    return content[:begin] + content[source : source + length] + content[begin + length :]


def _extreme(content: bytes, rng: np.random.Generator) -> bytes:
    """A number as large as it can be, most often in the head, where sizes stand."""
    begin = int(rng.integers(min(len(content), 256) if rng.random() < 0.7 else len(content)))
    value = EXTREMES[int(rng.integers(len(EXTREMES)))]
    return content[:begin] + value + content[begin + len(value) :]


def _twice(content: bytes, rng: np.random.Generator) -> bytes:
    begin, end = sorted(int(place) for place in rng.integers(len(content), size=2))
    return content[:end] + content[begin:]


def _zeros(content: bytes, rng: np.random.Generator) -> bytes:
    begin = int(rng.integers(len(content)))
    length = int(rng.integers(1, 513))
    return content[:begin] + b"\x00" * min(length, len(content) - begin) + content[begin + length :]


def _swapped(content: bytes, rng: np.random.Generator) -> bytes:
    first, middle, last = sorted(int(place) for place in rng.integers(len(content), size=3))
    return content[:first] + content[middle:last] + content[first:middle] + content[last:]


CHANGES = {
    "flip": _flipped,
    "cut": _cut,
    "splice": _spliced,
    "extreme": _extreme,
    "twice": _twice,
    "zeros": _zeros,
    "swap": _swapped,
}
