"""Pieces of rendered pages about printed words, with what the reader is to read there; kept for many crops each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import cv2
import numpy as np

from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.words.alphabet import (
    NUMBER,
    PER_MILLIVOLT,
    PER_SECOND,
    UNIT,
    tokens_of_name,
    tokens_of_number,
    tokens_of_text,
)
from ecg_digitize.digitizers.neural.words.crops import take_crop
from ecg_render import Page
from ecg_render.parts.words import text_corners
from ecg_render.scene import Boxed, PrintedText, ScaleText

PATCH_SIZE_PX, PATCH_ANCHOR_PX, PATCH_LETTER_PX = (330, 96), (110.0, 48.0), 16.0
"""A patch is larger and finer than a crop, so that crops of it can be shifted, turned and scaled."""

MOST_STRAYS, MOST_BARE = 12, 6
"""So many other words of a page, and so many places without one, are kept."""

LETTERS_MM = (1.3, 5.0)
"""Letters of pages are so high; what is lower or higher is not kept."""

BARE_BOXES = (0.9, 0.5)
"""No word stands so near to a bare place, across and down, in large boxes."""

JPEG_QUALITY = 93

KINDS = ("name", "scale", "stray", "bare")


@attrs.frozen(eq=False)
class WordPatch:
    """A piece of a page.

    Attributes:
        kind: a name of a lead, a speed or gain, another word, or no word; one of `KINDS`.
        tokens: what is to be read at its anchor.
        jpeg: the picture, as a JPEG file.
    """

    kind: str
    tokens: tuple[int, ...]
    jpeg: bytes

    @property
    def image(self) -> np.ndarray:
        """The picture, uint8 RGB."""
        bgr = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        return np.ascontiguousarray(np.asarray(bgr)[..., ::-1])


@attrs.frozen(eq=False)
class _Place:
    """Where something is to be read: its box on the page, and what."""

    kind: str
    tokens: tuple[int, ...]
    corners_px: np.ndarray


def patches_of(page: Page, mesh: Mesh, rng: np.random.Generator) -> list[WordPatch]:
    """The words of a page, and places without any.

    Args:
        page: the page.
        mesh: its grid, also beyond the lines that are printed.
        rng: chooses among other words and bare places.
    """
    places = [*_names(page), *_scales(page)]
    strays = list(_strays(page))
    chosen = [strays[number] for number in rng.permutation(len(strays))[:MOST_STRAYS]]
    patches = []
    for place in (*places, *chosen):
        patch = _patch(page, mesh, place)
        if patch is not None:
            patches.append(patch)
    return [*patches, *_bare(page, mesh, rng)]


def _names(page: Page) -> Iterator[_Place]:
    for name in page.lead_names:
        yield _Place("name", tokens_of_name(name.text), name.corners_px)


def _scales(page: Page) -> Iterator[_Place]:
    for text in page.scale_texts:
        number = NUMBER.match(text.text)
        if number is None:
            continue
        unit = UNIT.match(_behind(page, text, number.end()))
        has_unit = unit is not None and bool(unit["speed"]) == (text.kind == "speed")
        own = PER_SECOND if text.kind == "speed" else PER_MILLIVOLT
        yield _Place("scale", tokens_of_number(number[0], own if has_unit else ""), text.number_corners_px)


def _behind(page: Page, scale: ScaleText, at: int) -> str:
    """What follows a number on the page, wherever the text is said to end."""
    for text in page.texts:
        first = text.text.find(scale.text)
        if first >= 0:
            return text.text[first + at :].strip()
    return scale.text[at:].strip()


def _strays(page: Page) -> Iterator[_Place]:
    """Words that are neither names nor numbers of a speed or gain, a number with what follows it."""
    for text in page.texts:
        words = text.text.split(" ")
        for place, word in enumerate(words):
            what = word.strip(" :,;|[]()=")
            with_next = " ".join(words[place : place + 2])
            if not what or UNIT.search(with_next):
                continue
            is_number = NUMBER.match(what) is not None
            number = NUMBER.match(what)
            until = len(number[0]) if number else len(what)
            first = len(" ".join(words[:place])) + (1 if place else 0) + word.find(what)
            tokens = tokens_of_text(with_next.strip(" :,;|[]()=") if is_number and what[-1].isdigit() else what)
            corners_px = _part(text, first, first + until)
            if tokens and corners_px is not None:
                yield _Place("stray", tokens, corners_px)


def _part(text: PrintedText, first: int, stop: int) -> np.ndarray | None:
    """Corners of some letters of a text, by how wide those before them are."""
    if not np.isfinite(text.corners_px).all():
        return None
    whole = _width(text, text.text)
    if whole <= 0:
        return None
    from_, to = (_width(text, text.text[:each]) / whole for each in (first, stop))
    top_left, top_right, bottom_right, bottom_left = text.corners_px
    return np.stack(
        (
            top_left + from_ * (top_right - top_left),
            top_left + to * (top_right - top_left),
            bottom_left + to * (bottom_right - bottom_left),
            bottom_left + from_ * (bottom_right - bottom_left),
        )
    )


def _width(text: PrintedText, part: str) -> float:
    return float(np.ptp(text_corners(part, text.size_px, text.font, 0.0, 0.0)[:, 0])) if part.strip() else 0.0


def _patch(page: Page, mesh: Mesh, place: _Place) -> WordPatch | None:
    """A patch about a place; None where it is not on the picture, or too small or large."""
    corners = place.corners_px
    if not np.isfinite(corners).all() or not _is_on_picture(page, corners):
        return None
    lattice = mesh.to_lattice(corners)
    if not np.isfinite(lattice).all():
        return None
    letter_boxes = float(lattice[2:, 1].mean() - lattice[:2, 1].mean())
    if not LETTERS_MM[0] <= 5 * letter_boxes <= LETTERS_MM[1]:
        return None
    return _taken(page, mesh, lattice.mean(axis=0), letter_boxes, place)


def _taken(page: Page, mesh: Mesh, middle: np.ndarray, letter_boxes: float, place: _Place) -> WordPatch:
    image = take_crop(
        page.image,
        mesh,
        (float(middle[0]), float(middle[1])),
        letter_boxes,
        size_px=PATCH_SIZE_PX,
        anchor_px=PATCH_ANCHOR_PX,
        letter_px=PATCH_LETTER_PX,
    )
    _, jpeg = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return WordPatch(place.kind, place.tokens, jpeg.tobytes())


def _is_on_picture(page: Page, corners_px: np.ndarray) -> bool:
    """Whether the picture shows all of a box."""
    height, width = page.image.shape[:2]
    return bool((corners_px >= -0.5).all() and (corners_px <= (width - 0.5, height - 0.5)).all())


def _bare(page: Page, mesh: Mesh, rng: np.random.Generator) -> Iterator[WordPatch]:
    """Places at which no word stands: paper, traces, pulses, separators."""
    taken = _boxes(mesh, [*page.lead_names, *page.scale_texts, *page.texts])
    last = np.array(mesh.points_px.shape[1::-1]) - 1
    for _ in range(MOST_BARE):
        middle = rng.uniform(8, last - 8) if (last > 16).all() else last / 2
        letter_boxes = float(rng.uniform(1.5, 3.8)) / 5
        near = (taken[:, 0] - BARE_BOXES < middle).all(axis=1) & (taken[:, 1] + BARE_BOXES > middle).all(axis=1)
        at_px = mesh.to_picture(middle[None])
        if not near.any() and _is_on_picture(page, at_px):
            yield _taken(page, mesh, middle, letter_boxes, _Place("bare", (), np.zeros((4, 2))))


def _boxes(mesh: Mesh, things: Sequence[Boxed]) -> np.ndarray:
    """Least and greatest lattice column and row of some things, shape (n, 2, 2)."""
    corners = [thing.corners_px for thing in things if np.isfinite(thing.corners_px).all()]
    if not corners:
        return np.zeros((0, 2, 2))
    lattice = mesh.to_lattice(np.concatenate(corners)).reshape(-1, 4, 2)
    return np.stack((lattice.min(axis=1), lattice.max(axis=1)), axis=1)
