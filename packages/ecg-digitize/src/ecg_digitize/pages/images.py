"""Picture files decoded within limits: what would take too much memory or time is refused by its header."""

from __future__ import annotations

import logging
import math
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from ecg_core.errors import DataError, EcgError, one_line
from ecg_core.pictures import MAX_PIXELS, in_eight_bits
from ecg_digitize.pages.colors import as_rgb, pixels_of, with_levels

MAX_READ_PIXELS = 50_000_000
"""Larger pictures are read at a half or a quarter of their size: A4 has 35 million pixels at 600 dpi, and nothing finer
tells more."""

MAX_DECODED_BYTES = 1_400_000_000
"""So much a picture may take while it is decoded, by the bytes that the file and Pillow have for a pixel: with what is
made of it a page stays below 2 GB."""

MAX_FRAMES = 1000
"""Pages of one file that are read in one go: about a quarter of an hour. More are asked for by ``--pages``."""

MAX_SCANNED_PIXELS = 20 * MAX_PIXELS
"""A JPEG sends its picture in several scans, usually ten at most; so many pixels in all scans take half a minute."""

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "DIB", "WEBP", "GIF")
"""What a picture may be whatever its name says: others that Pillow knows run programs (EPS) or are no pictures."""

HEIF = "HEIF"
DECODED_AT_ONCE = ("WEBP", "GIF", "AVIF", HEIF)
"""Their decoders hold several copies of the whole picture, and cannot give it smaller."""

STRIP_PIXELS = 4_000_000
DARK = 63
"""Colours of 16 bits of which all are as dark, of 255, use fourteen bits or fewer."""

_TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: np.fliplr,
    3: lambda image: image[::-1, ::-1],
    4: np.flipud,
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: image[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90,
}
"""What makes a picture upright, by the orientation that a camera noted (EXIF 2.3)."""

log = logging.getLogger(__name__)


def image_frames(
    path: Path, *, choose: Callable[[int], Iterable[int]], is_heif: bool = False
) -> Iterator[tuple[int, int, np.ndarray]]:
    """Number of each wanted frame, number of frames, and uint8 RGB, shape (height, width, 3).

    Args:
        path: the file; of a TIFF every frame is one, of others the first.
        choose: gives the numbers of the frames to read, from 1, of a file of so many.
        is_heif: whether Pillow was taught HEIF, and the file may be such.

    Raises:
        DataError: naming the file, for what is no picture, is damaged, or beyond a limit.
    """
    with _told_as_damage(path):
        image = _open(path, (*FORMATS, HEIF) if is_heif else FORMATS)
    with image:
        with _told_as_damage(path):
            count = _num_frames(image, path)
        for number in choose(count):
            with _told_as_damage(path):
                picture = _frame(image, path, number)
            yield number, count, picture


@contextmanager
def _told_as_damage(path: Path) -> Iterator[None]:
    """Whatever Pillow stumbles over in a file is told as its damage; its warnings say nothing that a page's reader can
    use."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except EcgError:
        raise
    except UnidentifiedImageError as error:
        raise DataError(f"{path}: this is no picture, whatever its name says, or its header is damaged") from error
    except Image.DecompressionBombError as error:
        raise _too_large(path, "too many pixels", MAX_PIXELS) from error
    except MemoryError as error:
        raise DataError(f"{path}: the picture needs more memory than there is; scale it down") from error
    except Exception as error:
        raise DataError(
            f"{path}: the picture is damaged or cut short ({one_line(error)}); copy or scan it again"
        ) from error


def _open(path: Path, formats: tuple[str, ...]) -> Image.Image:
    """Read a picture's header; its size is checked there."""
    _check_png_size(path)
    return Image.open(path, formats=formats)


def _check_png_size(path: Path) -> None:
    """Pillow reads on to the first pixels before it looks at the size, and so calls a mere header no picture."""
    with path.open("rb") as file:
        head = file.read(24)
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) == 24:
        width, height = struct.unpack(">II", head[16:])
        if width * height > MAX_PIXELS:
            raise _too_large(path, f"{width} x {height} pixels", MAX_PIXELS)


def _num_frames(image: Image.Image, path: Path) -> int:
    """Frames of a TIFF, looked for no further than needed: each is a step through the file.

    Raises:
        DataError: there are too many.
    """
    if image.format != "TIFF":
        return 1
    count = 1
    while count <= MAX_FRAMES:
        try:
            image.seek(count)
        except EOFError:
            return count
        count += 1
    raise DataError(f"{path}: it has more than {MAX_FRAMES} pages; split the file")


def _frame(image: Image.Image, path: Path, number: int) -> np.ndarray:
    """A frame, upright; large ones at a reduced size."""
    image.seek(number - 1)
    _check_size(image, path)
    width, height = image.size
    is_deep = image.mode in ("RGB", "RGBA") and any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))
    _make_smaller(image)
    image.load()
    picture = _rgb(image)
    if picture.shape[:2] != (height, width):
        log.info("%s: of %d x %d pixels every %d. is read", path, width, height, round(width / picture.shape[1]))
    if is_deep and picture.max(initial=0) <= DARK:
        picture = _deep_rgb(path, number, picture)
    turn = _TURNS.get(_orientation(image))
    return picture if turn is None else np.ascontiguousarray(turn(picture))


def _check_size(image: Image.Image, path: Path) -> None:
    """Refuse what would take too much.

    Raises:
        DataError: it has too many pixels, takes too many bytes, or has too many scans.
    """
    width, height = image.size
    limit = MAX_READ_PIXELS if image.format in DECODED_AT_ONCE else MAX_PIXELS
    if width * height > limit:
        raise _too_large(path, f"{width} x {height} pixels", limit)
    if not width * height:
        raise DataError(f"{path}: the picture has {width} x {height} pixels; copy or scan it again")
    needed = width * height * _bytes_per_pixel(image)
    if needed > MAX_DECODED_BYTES:
        raise DataError(
            f"{path}: {width} x {height} pixels of this kind take {needed / 1e9:.1f} GB; more than "
            f"{MAX_DECODED_BYTES / 1e9:.1f} are refused. Save it with 8 bits a channel, or scale it down."
        )
    if image.format in ("JPEG", "MPO") and image.info.get("progressive"):
        num_scans = path.read_bytes().count(b"\xff\xda")
        if num_scans * width * height > MAX_SCANNED_PIXELS:
            raise DataError(
                f"{path}: the JPEG sends {width} x {height} pixels in {num_scans} scans, which takes minutes; save it "
                "anew as a usual JPEG"
            )


def _bytes_per_pixel(image: Image.Image) -> int:
    """Bytes that Pillow holds for a pixel, and of TIFF, of which strips may be the whole picture, those in the file."""
    bits = getattr(image, "tag_v2", {}).get(258, ())
    in_file = math.ceil(sum(bits if isinstance(bits, tuple) else (bits,)) / 8)
    in_memory = 1 if image.mode in ("1", "L", "P") else 2 if image.mode.startswith("I;16") else 4
    return in_file + in_memory


def _too_large(path: Path, found: str, limit: int) -> DataError:
    return DataError(
        f"{path}: the header announces {found}; more than {limit / 1e6:.0f} million are refused. "
        "Scale the picture down: 300 dpi are plenty."
    )


def _make_smaller(image: Image.Image) -> None:
    """Let a JPEG be decoded at a half, a quarter or an eighth where it is large; other formats cannot."""
    width, height = image.size
    times = 1
    while times < 8 and (width // times) * (height // times) > MAX_READ_PIXELS:
        times *= 2
    if times > 1:
        image.draft(None, (width // times, height // times))


def _rgb(image: Image.Image) -> np.ndarray:
    """The decoded picture, strip by strip: a whole one of 16 bits would take many times its size on the way."""
    width, height = image.size
    times = math.ceil(math.sqrt(width * height / MAX_READ_PIXELS))
    rows = max(1, STRIP_PIXELS // width // times) * times

    def strips() -> Iterator[Image.Image]:
        return (image.crop((0, top, width, min(top + rows, height))) for top in range(0, height, rows))

    pixels = pixels_of(image)
    if pixels.is_deep:
        pixels = with_levels(pixels, strips())
    out = np.empty((math.ceil(height / times), math.ceil(width / times), 3), np.uint8)
    done = 0
    for strip in strips():
        rgb = as_rgb(strip, pixels)
        if times > 1:
            rgb = np.asarray(Image.fromarray(rgb).reduce(times))
        out[done : done + len(rgb)] = rgb
        done += len(rgb)
    return out


def _deep_rgb(path: Path, number: int, dark: np.ndarray) -> np.ndarray:
    """Colours of 10 to 14 bits in 16, of which Pillow keeps the upper eight alone: read anew by OpenCV.

    Args:
        path: the file.
        number: number of the frame, from 1.
        dark: what Pillow made of it, which stays where OpenCV reads something else.
    """
    import cv2

    done, frames = cv2.imreadmulti(str(path), start=number - 1, count=1, flags=cv2.IMREAD_UNCHANGED)
    if not done or frames[0].shape[:2] != dark.shape[:2] or frames[0].dtype != np.uint16 or frames[0].ndim != 3:
        return dark
    return in_eight_bits(frames[0])[..., 2::-1].copy()


def _orientation(image: Image.Image) -> int:
    """Orientation that a camera noted; upright where its notes are damaged."""
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception as error:  # noqa: BLE001 - the notes of a sound picture may be damaged in any way
        log.info("the notes of the camera cannot be read: %s", one_line(error))
        return 1
