"""PDFs written by hand: a grid, traces, pulses and names as lines and letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import attrs
import numpy as np
import pytest

from ecg_core import Record
from ecg_core.paper import Layout

PT_PER_MM = 72 / 25.4
SHEET_PT = (842.0, 595.0)
LEFT_MM, SIGNAL_MM = 10.0, 20.0
PULSE_STARTS_MM = 7.0


@attrs.frozen(kw_only=True)
class Look:
    """How a page is drawn; see `write_page`."""

    layout: Layout
    speed_mm_per_s: float = 25.0
    gain_mm_per_mv: float = 10.0
    names: bool = True
    pulses: bool = True
    grid_mm: tuple[float, ...] = (1.0, 5.0)
    scaling: float = 1.0
    in_pieces: bool = False
    whole_rows: bool = False
    rotate: int = 0
    rate_hz: float = 250.0


@pytest.fixture
def draw(tmp_path: Path) -> Callable[..., Path]:
    """Writes a PDF: ``draw(record, layout=..., ...)`` with the fields of `Look`."""
    return lambda record, **look: write_page(tmp_path / "page.pdf", record, Look(**look))


@pytest.fixture
def write_content(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a PDF of a landscape page with a content stream."""

    def write(content: str) -> Path:
        (tmp_path / "page.pdf").write_bytes(as_pdf(content, SHEET_PT))
        return tmp_path / "page.pdf"

    return write


def write_page(path: Path, record: Record, look: Look) -> Path:
    """A PDF of one page; ``scaling`` shrinks everything, as to fit a sheet."""
    drawn = "\n".join([*_grid(look), *_leads(record, look)])
    width, height = SHEET_PT
    content = f"{look.scaling} 0 0 {look.scaling} 0 0 cm\n{drawn}"
    box = (width, height)
    if look.rotate % 180:
        box = (height, width)
    turn = {
        0: "",
        90: f"0 1 -1 0 {height} 0 cm\n",
        180: f"-1 0 0 -1 {width} {height} cm\n",
        270: f"0 -1 1 0 0 {width} cm\n",
    }[look.rotate]
    path.write_bytes(as_pdf(turn + content, box, look.rotate))
    return path


def _line(points_mm: np.ndarray) -> str:
    words = [
        f"{x * PT_PER_MM:.3f} {y * PT_PER_MM:.3f} {'l' if index else 'm'}" for index, (x, y) in enumerate(points_mm)
    ]
    return " ".join([*words, "S"])


def _grid(look: Look) -> Iterator[str]:
    width_mm, height_mm = 270.0, 195.0
    for pitch, width in zip(look.grid_mm, (0.1, 0.4), strict=False):
        yield f"{width} w 1 0.6 0.6 RG"
        for x in np.arange(0, width_mm + 0.01, pitch):
            yield _line(np.array([(LEFT_MM + x, 5.0), (LEFT_MM + x, 5.0 + height_mm)]))
        for y in np.arange(0, height_mm + 0.01, pitch):
            yield _line(np.array([(LEFT_MM, 5.0 + y), (LEFT_MM + width_mm, 5.0 + y)]))


def _leads(record: Record, look: Look) -> Iterator[str]:
    layout = look.layout
    heights = np.linspace(180.0, 25.0, layout.num_rows)
    yield "0.7 w 0 0 0 RG 0 0 0 rg"
    for row, base in enumerate(heights):
        segments = sorted((each for each in layout.segments if each.row == row), key=lambda each: each.start_s)
        curves = []
        for segment in segments:
            start_mm = SIGNAL_MM + segment.start_s * look.speed_mm_per_s
            signal = record.lead_mv(segment.lead.removeprefix("-")) * (-1 if segment.lead.startswith("-") else 1)
            count = round(segment.duration_s * look.rate_hz)
            at = segment.start_s + np.arange(count) / look.rate_hz
            heights_mv = np.interp(at, np.arange(record.num_samples) / record.sampling_rate_hz, signal)
            x = start_mm + np.arange(count) * look.speed_mm_per_s / look.rate_hz
            curves.append(np.stack((x, base + heights_mv * look.gain_mm_per_mv), axis=1))
            if look.names:
                place = f"{(start_mm + 3) * PT_PER_MM:.2f} {(base + 6) * PT_PER_MM:.2f}"
                yield f"BT /F1 9 Tf {place} Td ({segment.lead}) Tj ET"
        for curve in [np.concatenate(curves)] if look.whole_rows else curves:
            if look.in_pieces:
                yield from (_line(pair) for pair in pairwise(curve))
            else:
                yield _line(curve)
        if look.pulses:
            wide = 0.2 * look.speed_mm_per_s
            x = PULSE_STARTS_MM + np.array([0, 1, 1, 1 + wide, 1 + wide, 2 + wide])
            yield _line(np.stack((x, base + np.array([0, 0, 1, 1, 0, 0]) * look.gain_mm_per_mv), axis=1))


def as_pdf(content: str, box: tuple[float, float], rotate: int = 0) -> bytes:
    """A PDF of one page with a content stream; Helvetica is F1."""
    return as_document([content], box, f"/Rotate {rotate}")


def as_document(
    contents: list[str], box: tuple[float, float], entries: str = "", forms: Sequence[tuple[str, str]] = ()
) -> bytes:
    """A PDF with a page for each content stream; Helvetica is F1.

    Args:
        contents: the streams.
        box: width and height of every page in points.
        entries: further entries of every page's dictionary.
        forms: entries and content of the drawings that pages may take in, which are X0, X1, ...
    """
    numbers = [4 + 2 * number for number in range(len(contents))]
    first_form = 4 + 2 * len(contents)
    named = " ".join(f"/X{number} {first_form + number} 0 R" for number in range(len(forms)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{n} 0 R' for n in numbers)}] /Count {len(numbers)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, content in zip(numbers, contents, strict=True):
        stream = content.encode()
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {box[0]} {box[1]}] {entries} /Contents {number + 1} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> /XObject << {named} >> >> >>".encode(),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        ]
    objects += [
        f"<< /Type /XObject /Subtype /Form {form} /Length {len(content)} >>\nstream\n{content}\nendstream".encode()
        for form, content in forms
    ]
    out, places = b"%PDF-1.6\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


class Sheet:
    """A landscape A4 page drawn by hand; places are millimetres from its top left corner."""

    def __init__(self) -> None:
        self.parts = ["0.7 w 0 0 0 RG 0 0 0 rg"]
        self.forms: list[tuple[str, str]] = []

    def raw(self, content: str) -> None:
        """Something in the language of PDFs."""
        self.parts.append(content)

    def line(self, x_mm: np.ndarray, y_mm: np.ndarray, paint: str = "S") -> None:
        """A line from point to point."""
        places = self._places(x_mm, y_mm)
        self.raw(" ".join(f"{place} {'l' if number else 'm'}" for number, place in enumerate(places)) + f" {paint}")

    def curves(self, x_mm: np.ndarray, y_mm: np.ndarray) -> None:
        """A smooth line through points, of Bézier curves (Catmull-Rom)."""
        points = np.column_stack((x_mm, y_mm))
        slopes = np.gradient(points, axis=0) / 3
        corners = np.stack((points[:-1] + slopes[:-1], points[1:] - slopes[1:], points[1:]), axis=1)
        pieces = [" ".join(self._places(*piece.T)) + " c" for piece in corners]
        self.raw(f"{self._places(x_mm[:1], y_mm[:1])[0]} m {' '.join(pieces)} S")

    def clipped(self, left_mm: float, top_mm: float, right_mm: float, bottom_mm: float) -> None:
        """From here on to the next Q nothing outside of a rectangle is seen."""
        self.raw(f"q {self._box(left_mm, top_mm, right_mm, bottom_mm)} re W n")

    def form(self, content: str, entries: str) -> str:
        """Keeps a drawing for pages to take in, and gives its name."""
        self.forms.append((entries, content))
        return f"/X{len(self.forms) - 1}"

    def rectangle(self, left_mm: float, top_mm: float, right_mm: float, bottom_mm: float, paint: str = "S") -> None:
        """A rectangle, as programs draw it in one go."""
        self.raw(f"{self._box(left_mm, top_mm, right_mm, bottom_mm)} re {paint}")

    def text(self, x_mm: float, y_mm: float, text: str, size_pt: float = 9.0) -> None:
        """A text whose letters stand about y."""
        [place] = self._places(np.array([x_mm]), np.array([y_mm + 1.0]))
        self.raw(f"BT /F1 {size_pt} Tf {place} Td ({text}) Tj ET")

    def pulse(self, x_mm: float, y_mm: float, width_mm: float = 5.0, height_mm: float = 10.0) -> None:
        """A calibration pulse with a millimetre of its base on both sides."""
        x = x_mm + np.array([0, 1, 1, 1 + width_mm, 1 + width_mm, 2 + width_mm])
        self.line(x, y_mm - np.array([0, 0, 1, 1, 0, 0]) * height_mm)

    def grid(self, pitch_mm: float = 5.0) -> None:
        """A grid of lines."""
        for x in np.arange(10, 280.1, pitch_mm):
            self.line(np.array([x, x]), np.array([5.0, 200.0]))
        for y in np.arange(5, 200.1, pitch_mm):
            self.line(np.array([10.0, 280.0]), np.array([y, y]))

    def content(self) -> str:
        """The content stream."""
        return "\n".join(self.parts)

    @staticmethod
    def _box(left_mm: float, top_mm: float, right_mm: float, bottom_mm: float) -> str:
        left, bottom = left_mm * PT_PER_MM, SHEET_PT[1] - bottom_mm * PT_PER_MM
        return f"{left:.4f} {bottom:.4f} {(right_mm - left_mm) * PT_PER_MM:.4f} {(bottom_mm - top_mm) * PT_PER_MM:.4f}"

    @staticmethod
    def _places(x_mm: np.ndarray, y_mm: np.ndarray) -> list[str]:
        return [
            f"{x * PT_PER_MM:.4f} {SHEET_PT[1] - y * PT_PER_MM:.4f}"
            for x, y in zip(np.asarray(x_mm, float), np.asarray(y_mm, float), strict=True)
        ]


@pytest.fixture
def sheet() -> Sheet:
    """An empty page."""
    return Sheet()


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Writes pages to a PDF: ``save(sheet, ..., entries="/UserUnit 2")``."""

    def write(*sheets: Sheet, entries: str = "") -> Path:
        path = tmp_path / "pages.pdf"
        path.write_bytes(as_document([each.content() for each in sheets], SHEET_PT, entries, sheets[0].forms))
        return path

    return write
