"""Pages out of picture files and PDFs, as RGB and upright as the camera noted, or an error that says why not."""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import attrs
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ecg_core.errors import DataError, PluginError
from ecg_digitize.pages.drawing import Drawing
from ecg_digitize.pages.selection import ALL_PAGES, PageSelection

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
HEIC_SUFFIXES = (".heic", ".heif")
PDF_SUFFIX = ".pdf"
PAGE_SUFFIXES = (*IMAGE_SUFFIXES, *HEIC_SUFFIXES, PDF_SUFFIX)
OVERLAY_SUFFIX, QUALITY_SUFFIX = "_overlay.jpg", "_quality.json"
"""Endings of the files that a digitized page becomes. The overlay is to be looked at: a PNG would take five times the
room."""

log = logging.getLogger(__name__)

MAX_PIXELS = 178_956_970
"""Larger pictures are refused by their header, before any memory is taken; it is Pillow's own limit."""

DAMAGED = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)
"""What Pillow raises for files that are cut short or damaged."""


@attrs.frozen(eq=False)
class PagePicture:
    """A page of a file.

    Attributes:
        name: the file's stem, with ``-p1``, ``-p2`` … where there is more than one page.
        image: uint8 RGB, shape (height, width, 3).
        drawing: what is drawn on it as lines and texts, of a PDF.
        file: the file that it comes from; None for a picture from elsewhere.
        number: which page of the file it is, from 1.
    """

    name: str
    image: np.ndarray = attrs.field(repr=lambda image: f"<{image.shape[1]} x {image.shape[0]} px>")
    drawing: Drawing | None = None
    file: Path | None = None
    number: int = 1

    @property
    def is_bare(self) -> bool:
        """Whether it is certain, without any reading, that the page shows no trace: a page of text in a PDF."""
        return self.drawing is not None and self.drawing.is_bare


Begin = Callable[[int, int], bool]
"""Whether a page is to be drawn, by its number and the number of pages; it is asked just before."""


def _begin_all(_number: int, _count: int) -> bool:
    return True


def load_pages(
    path: str | Path, wanted: PageSelection = ALL_PAGES, *, begin: Begin = _begin_all
) -> Iterator[PagePicture]:
    """The pages of a file.

    Args:
        path: PNG, JPEG, TIFF (each of its frames), BMP, WebP, HEIC (where pillow-heif is installed), or PDF (each of
            its pages, drawn at 300 dpi). The rotation noted by a camera (EXIF) is applied, and what is transparent is
            laid on white.
        wanted: which pages; that a document has some of them only is told as a warning.
        begin: is asked, just before it is drawn, whether a page is to be drawn at all.

    Raises:
        DataError: naming the file, for what is no picture, is damaged, or is too large, or has no page that is wanted.
        PluginError: HEIC without pillow-heif.
    """
    path = Path(path)
    _check_file(path)
    if path.suffix.lower() in HEIC_SUFFIXES:
        _learn_heic(path)
    pages = _pdf_pages if path.suffix.lower() == PDF_SUFFIX else _image_frames
    for number, count, image, drawing in pages(path, partial(_chosen, path, wanted, begin)):
        name = path.stem if count == 1 else f"{path.stem}-p{number}"
        yield PagePicture(name, image, drawing, file=path, number=number)


def is_page(path: Path) -> bool:
    """Whether a file's name says that it holds a page."""
    return path.suffix.lower() in PAGE_SUFFIXES


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")
    if not is_page(path):
        raise DataError(
            f"{path}: {path.suffix or 'no suffix'} is no kind of page; known are {', '.join(PAGE_SUFFIXES)}"
        )
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty (0 bytes)")


def _learn_heic(path: Path) -> None:
    """Teach Pillow the format of iPhones.

    Raises:
        PluginError: its library is not installed.
    """
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise PluginError(
            f"{path}: HEIC pictures need pillow-heif: pip install 'ecg-digitize[heic]', or save it as JPEG"
        ) from error
    register_heif_opener()


_NumberedPage = tuple[int, int, np.ndarray, Drawing | None]
"""Number of a page, number of pages, picture, and what is drawn on it."""


Choose = Callable[[int], Iterable[int]]
"""Numbers of the pages to draw of a file that has so many."""


def _chosen(path: Path, wanted: PageSelection, begin: Begin, count: int) -> Iterator[int]:
    """Numbers of the wanted pages of a file that has so many; those that it does not have are told.

    Raises:
        DataError: it has none of them.
    """
    numbers = [number for number in range(1, count + 1) if number in wanted]
    has = f"it has {count} {'page' if count == 1 else 'pages'}"
    if not numbers:
        raise DataError(f"{path}: {has}, and none of --pages {wanted}")
    if beyond := wanted.beyond(count):
        log.warning("%s: %s, and of --pages %s not %s", path, has, wanted, beyond)
    return (number for number in numbers if begin(number, count))


def _pdf_pages(path: Path, choose: Choose) -> Iterator[_NumberedPage]:
    from ecg_digitize.pages.pdf import pdf_pages  # PDFium is loaded where there is a PDF

    yield from pdf_pages(path, max_pixels=MAX_PIXELS, choose=choose)


def _image_frames(path: Path, choose: Choose) -> Iterator[_NumberedPage]:
    with _open_image(path) as image:
        count = getattr(image, "n_frames", 1)
        numbers = choose(count)
        try:
            for number in numbers:
                image.seek(number - 1)
                image.load()
                ImageOps.exif_transpose(image, in_place=True)
                yield number, count, _as_rgb(image), None
        except DAMAGED as error:
            raise DataError(f"{path}: the picture is damaged or cut short ({error}); copy or scan it again") from error


def _open_image(path: Path) -> Image.Image:
    """Read a picture's header; its size is checked there."""
    _check_png_size(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(path)
    except Image.DecompressionBombError as error:
        raise _too_large(path, "too many pixels") from error
    except UnidentifiedImageError as error:
        raise DataError(f"{path}: this is no picture, whatever its name says, or its header is damaged") from error
    except DAMAGED as error:
        raise DataError(f"{path}: the picture cannot be opened ({error})") from error


def _check_png_size(path: Path) -> None:
    """Pillow reads on to the first pixels before it looks at the size, and so calls a mere header no picture."""
    with path.open("rb") as file:
        head = file.read(24)
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) == 24:
        width, height = struct.unpack(">II", head[16:])
        if width * height > MAX_PIXELS:
            raise _too_large(path, f"{width} x {height} pixels")


def _too_large(path: Path, found: str) -> DataError:
    return DataError(
        f"{path}: the header announces {found}; more than {MAX_PIXELS / 1e6:.0f} million are refused. "
        "Scale the picture down: 300 dpi are plenty."
    )


def _as_rgb(image: Image.Image) -> np.ndarray:
    """uint8 RGB from any mode: 16 bits are scaled down, transparent parts become white."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _gray_to_rgb(np.asarray(image, dtype=np.float64))
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        image = Image.alpha_composite(white, rgba)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _gray_to_rgb(gray: np.ndarray) -> np.ndarray:
    """Gray of more than 8 bits: 16 where any value needs them, else 8."""
    largest = gray.max(initial=0.0)
    full_scale = 1.0 if largest <= 1.0 else 255.0 if largest <= 255.0 else 65535.0
    scaled = np.clip(gray * (255.0 / full_scale), 0, 255).round().astype(np.uint8)
    return np.repeat(scaled[..., None], 3, axis=2)


def find_page_files(inputs: Iterable[str | Path]) -> list[Path]:
    """The page files among some files and folders; a folder gives all that lie in it or below, sorted.

    Pictures that a digitized page became are passed over in folders, so that the results may lie there too.

    Raises:
        DataError: a folder holds no page.
    """
    found: list[Path] = []
    for path in map(Path, inputs):
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(file for file in path.rglob("*") if _is_page_of_folder(file))
        if not inside:
            raise DataError(f"{path}: the folder holds no page; looked for {', '.join(PAGE_SUFFIXES)}")
        found += inside
    return list(dict.fromkeys(found))


def _is_page_of_folder(path: Path) -> bool:
    stem = path.name.removesuffix(OVERLAY_SUFFIX)
    is_overlay = stem != path.name and path.with_name(f"{stem}{QUALITY_SUFFIX}").exists()
    return is_page(path) and not path.name.startswith(".") and not is_overlay
