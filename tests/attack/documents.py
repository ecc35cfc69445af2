"""PDFs made by hand: forms that draw forms, trees that lie or loop, impossible boxes, pictures larger than any page."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

import numpy as np

from attack.bytes_changed import changed
from attack.inputs import Input

A4_PT = "0 0 842 595"
BOXES_PT = (
    "0 0 0 0",
    "0 0 1 1",
    "0 0 1e9 1e9",
    "-50000 -50000 50000 50000",
    "5000 5000 6000 6000",
    "9 9 1 1",
    "0 0 a b",
)
SQUARE = "10 10 m 100 100 l S\n"
TRACE = "0.5 w 60 300 m " + " ".join(f"{60 + step} {300 + 20 * (step % 25 == 0)} l" for step in range(700)) + " S\n"


def mutations(seed: int, number: int) -> Iterator[Input]:
    """PDFs, half of them as a malicious hand would write them, half of these with bytes changed as well."""
    rng = np.random.default_rng(seed)
    makers = list(MAKERS.items())
    for index in range(number):
        name, make = makers[index % len(makers)]
        content = make(rng)
        if rng.random() < 0.5:
            change, content = changed(content, rng)
            name = f"{name}, {change}"
        yield Input(name, {"page.pdf": content})


def as_pdf(objects: Mapping[int, bytes], root: int = 1) -> bytes:
    """A PDF of numbered objects, with a table of where they stand."""
    content, places = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        places[number] = len(content)
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = max(objects) + 1
    rows = b"".join(
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n" for number in range(size)
    )
    trailer = b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, root, len(content))
    return content + b"xref\n0 %d\n%s%s" % (size, rows, trailer)


def _page(
    drawing: bytes, *, box: str = A4_PT, resources: str = "", more: str = "", kids: str = "3 0 R", count: int = 1
):
    return {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: f"<</Type/Pages/Kids[{kids}]/Count {count}>>".encode(),
        3: f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Resources<<{resources}>>/Contents 4 0 R{more}>>".encode(),
        4: _stream("", drawing),
    }


def _stream(entries: str, content: bytes) -> bytes:
    packed = zlib.compress(content)
    head = f"<<{entries}/Length {len(packed)}/Filter/FlateDecode>>stream\n"
    return head.encode() + packed + b"\nendstream"


def _forms(rng: np.random.Generator) -> bytes:
    """Forms that draw the next form several times: what is drawn grows by powers."""
    depth, times = int(rng.integers(2, 13)), int(rng.integers(2, 40))
    objects = _page(b"/F0 Do\n", resources="/XObject<</F0 5 0 R>>")
    for level in range(depth):
        last = level == depth - 1
        inside = SQUARE.encode() if last else f"/F{level + 1} Do\n".encode() * times
        named = "" if last else f"/Resources<</XObject<</F{level + 1} {6 + level} 0 R>>>>"
        objects[5 + level] = _stream(f"/Type/XObject/Subtype/Form/BBox[{A4_PT}]{named}", inside)
    return as_pdf(objects)


def _form_in_itself(rng: np.random.Generator) -> bytes:
    objects = _page(b"/F0 Do\n", resources="/XObject<</F0 5 0 R>>")
    named = "/Resources<</XObject<</F0 5 0 R>>>>"
    objects[5] = _stream(f"/Type/XObject/Subtype/Form/BBox[{A4_PT}]{named}", b"/F0 Do /F0 Do\n")
    return as_pdf(objects)


def _tree(rng: np.random.Generator) -> bytes:
    """A tree of pages that is its own child, or claims more pages than there are."""
    kids = str(rng.choice(["2 0 R", "3 0 R", "3 0 R 2 0 R", "9 0 R", "3 0 R " * 500]))
    count = int(rng.choice([-1, 0, 5, 1_000_000, 2**31 - 1]))
    return as_pdf(_page(SQUARE.encode(), kids=kids, count=count))


def _box(rng: np.random.Generator) -> bytes:
    boxes = [str(rng.choice(BOXES_PT)) for _ in range(2)]
    turned = int(rng.choice([0, 90, 45, -90, 10**9]))
    return as_pdf(
        _page(
            TRACE.encode(), box=boxes[0], more=f"/CropBox[{boxes[1]}]/Rotate {turned}/UserUnit {rng.choice([1, 1000])}"
        )
    )


def _picture(rng: np.random.Generator) -> bytes:
    """A picture that claims to be larger than its data, or is as large as it claims."""
    width, height = (int(side) for side in rng.choice([1, 300, 20_000, 100_000, 2**31 - 1], size=2))
    bits = int(rng.choice([1, 8, 16]))
    space = str(rng.choice(["/DeviceGray", "/DeviceRGB", "/DeviceCMYK"]))
    objects = _page(b"842 0 0 595 0 0 cm /I0 Do\n", resources="/XObject<</I0 5 0 R>>")
    entries = f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/BitsPerComponent {bits}/ColorSpace{space}"
    objects[5] = _stream(entries, b"\x80" * int(rng.choice([10, 100_000, 50_000_000])))
    return as_pdf(objects)


def _many_lines(rng: np.random.Generator) -> bytes:
    number = int(rng.choice([10, 1_000, 100_000, 600_000]))
    places = rng.integers(0, 800, size=(min(number, 5_000), 4))
    text = "".join(f"{a} {b} m {c} {d} l S\n" for a, b, c, d in places)
    return as_pdf(_page(text.encode() * max(1, number // 5_000)))


def _operators(rng: np.random.Generator) -> bytes:
    """Operators with too few, too large and wrong operands, and states that are never closed."""
    words = ["q", "Q", "cm", "m", "l", "c", "S", "f", "W n", "re", "d", "w", "BT", "ET", "Tj", "Do", "gs", "/F0", "(I)"]
    numbers = ["0", "1e38", "-1e38", "99999999999999999999", "nan", "0.5", "300", "842", "[3 0]", "[1e9] 0", "<<"]
    drawn = rng.choice(words + numbers * 3, size=int(rng.integers(1, 400)))
    return as_pdf(_page(" ".join(drawn).encode() + b"\n" + TRACE.encode()))


def _states(rng: np.random.Generator) -> bytes:
    return as_pdf(_page(b"q " * int(rng.choice([100, 100_000, 2_000_000])) + TRACE.encode()))


def _plain(rng: np.random.Generator) -> bytes:
    """A page with a trace that is in order: with bytes changed it is a damaged file of the common kind."""
    return as_pdf(_page(TRACE.encode() * int(rng.integers(1, 13))))


def _references(rng: np.random.Generator) -> bytes:
    """Arrays in arrays, and references that lead to each other."""
    objects = _page(SQUARE.encode(), more="/Extra 6 0 R/CropBox 7 0 R")
    objects[6] = b"[" * int(rng.choice([10, 1_000, 50_000]))
    objects[7], objects[8] = b"8 0 R", b"7 0 R"
    return as_pdf(objects)


MAKERS = {
    "forms": _forms,
    "form in itself": _form_in_itself,
    "tree": _tree,
    "box": _box,
    "picture": _picture,
    "lines": _many_lines,
    "operators": _operators,
    "states": _states,
    "plain": _plain,
    "references": _references,
}
