"""Pages out of picture files and PDFs, as RGB and upright as the camera noted, or an error that says why not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import attrs
import numpy as np

from ecg_core.errors import DataError, PluginError
from ecg_digitize.pages.drawing import Drawing
from ecg_digitize.pages.images import MAX_FRAMES, MAX_READ_PIXELS, image_frames
from ecg_digitize.pages.selection import ALL_PAGES, PageSelection

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
HEIC_SUFFIXES = (".heic", ".heif")
PDF_SUFFIX = ".pdf"
PAGE_SUFFIXES = (*IMAGE_SUFFIXES, *HEIC_SUFFIXES, PDF_SUFFIX)
OVERLAY_SUFFIX, QUALITY_SUFFIX = "_overlay.jpg", "_quality.json"
"""Endings of the files that a digitized page becomes. The overlay is to be looked at: a PNG would take five times the
room."""

log = logging.getLogger(__name__)


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
    if len(numbers) > MAX_FRAMES:
        raise DataError(
            f"{path}: {has}; no more than {MAX_FRAMES} are read in one go, name them by --pages 1-{MAX_FRAMES}"
        )
    if beyond := wanted.beyond(count):
        log.warning("%s: %s, and of --pages %s not %s", path, has, wanted, beyond)
    return (number for number in numbers if begin(number, count))


def _pdf_pages(path: Path, choose: Choose) -> Iterator[_NumberedPage]:
    from ecg_digitize.pages.pdf import pdf_pages  # PDFium is loaded where there is a PDF

    yield from pdf_pages(path, max_pixels=MAX_READ_PIXELS, choose=choose)


def _image_frames(path: Path, choose: Choose) -> Iterator[_NumberedPage]:
    is_heif = path.suffix.lower() in HEIC_SUFFIXES
    for number, count, picture in image_frames(path, choose=choose, is_heif=is_heif):
        yield number, count, picture, None


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
