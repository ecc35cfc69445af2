"""Crops of printed words, from which the reader learns: of rendered pages, many of each word, and of drawn ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import cv2
import numpy as np
import torch

from ecg_core.atomic import atomic_path
from ecg_core.leads import EXTRA_LEADS
from ecg_core.training.endless import EndlessBatches
from ecg_digitize.digitizers.neural.words.alphabet import LONGEST, tokens_of_name
from ecg_digitize.digitizers.neural.words.crops import ANCHOR_PX, LETTER_PX, SIZE_PX
from ecg_digitize.learning.drawn_traces import with_trace
from ecg_digitize.learning.drawn_words import draw_word, random_word
from ecg_digitize.learning.markers import jittered_mesh
from ecg_digitize.learning.options import StageDataRequest, WordsConfig, require_stage
from ecg_digitize.learning.word_patches import (
    KINDS,
    PATCH_ANCHOR_PX,
    PATCH_LETTER_PX,
    WordPatch,
    patches_of,
)
from ecg_render import EndlessPages

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

SHARES = {"name": 0.47, "scale": 0.23, "stray": 0.18, "bare": 0.12}
"""How often crops of a page are taken about what."""

RARE_NAMES, RARE = frozenset(map(tokens_of_name, EXTRA_LEADS)), 3.0
"""These names are taken so many times as often as others: few pages have them."""

SHIFT_PX, TURN_DEG, SHEAR, ASPECT = (7.0, 3.5), 2.5, 0.08, 0.1
ZOOM = (0.7, 1.42)
"""How far off a place and the height of its letters are, at most."""

KEPT = 64
"""Pages whose words are kept in memory."""


@attrs.frozen(eq=False)
class WordCrop:
    """A crop and its truth.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
        tokens: what is to be read.
    """

    image: np.ndarray
    tokens: tuple[int, ...]


@attrs.frozen(eq=False)
class CropsOfPages:
    """Gives the crops of a page by the number of their source; pages come again, with other crops.

    Attributes:
        pages: where pages come from.
        config: options.
    """

    pages: EndlessPages
    config: WordsConfig

    def __call__(self, number: int) -> list[WordCrop]:
        rng = np.random.default_rng((self.pages.seed, number, 1))
        patches = self.patches(number % self.config.num_pages)
        if not any(patch.kind == "bare" for patch in patches):
            return []
        return [self._crop(patches, rng) for _ in range(self.config.crops_per_page)]

    def patches(self, number: int) -> Sequence[WordPatch]:
        """The words of a page, drawn or as they were kept."""
        return _kept_patches(self, number)

    def drawn_patches(self, number: int) -> Sequence[WordPatch]:
        """The words of a page, drawn or read from the folder in which they are kept."""
        path = self._path(number)
        if path is not None and path.exists():
            return read_patches(path)
        rng = np.random.default_rng((self.pages.seed, number, 2))
        page = self.pages.sample(number).page
        patches = patches_of(page, jittered_mesh(page, self.config.grid_jitter_px, rng), rng)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_patches(path, patches)
        return patches

    def _path(self, number: int) -> Path | None:
        if not self.config.kept_in:
            return None
        known = sha256(repr((self.pages.seed, self.pages.recipe, self.pages.records)).encode())
        return Path(self.config.kept_in) / f"{known.hexdigest()[:12]}-{number}.npz"

    def _crop(self, patches: Sequence[WordPatch], rng: np.random.Generator) -> WordCrop:
        if rng.random() < self.config.drawn_share:
            bare = _one([patch for patch in patches if patch.kind == "bare"], rng)
            word = random_word(rng)
            image = draw_word(bare.image, word, rng)
            if rng.random() < self.config.crossed_share:
                image = with_trace(image, rng)
            return WordCrop(jittered(image, rng), word.tokens[:LONGEST])
        patch = _choose(patches, rng)
        return WordCrop(jittered(patch.image, rng), patch.tokens[:LONGEST])


@lru_cache(maxsize=KEPT)
def _kept_patches(pages: CropsOfPages, number: int) -> Sequence[WordPatch]:
    return pages.drawn_patches(number)


def endless_words(config: WordsConfig, request: StageDataRequest) -> EndlessBatches:
    """The data set `digitize.words`.

    Batches are ``image`` uint8 (batch, 3, height, width) and ``text`` uint8 (batch, `LONGEST`): tokens, zeros behind.

    Raises:
        ConfigError: no records are named, or the task trains another stage.
        DataError: no record is found there.
    """
    require_stage(request, "reader", "digitize.words")
    crops = partial(CropsOfPages, config=config)
    return config.batches_of(crops, collate, per_page=config.crops_per_page, request=request)


def collate(crops: Sequence[WordCrop]) -> Batch:
    """Put crops together to a batch."""
    texts = np.zeros((len(crops), LONGEST), np.uint8)
    for text, crop in zip(texts, crops, strict=True):
        text[: len(crop.tokens)] = crop.tokens
    return {
        "image": torch.from_numpy(np.stack([crop.image for crop in crops])).permute(0, 3, 1, 2).contiguous(),
        "text": torch.from_numpy(texts),
    }


def jittered(patch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A crop of a patch as a page may show it: moved, scaled, turned, blurred, faded, without colour, compressed."""
    zoom = float(np.exp(rng.uniform(*np.log(ZOOM)))) * LETTER_PX / PATCH_LETTER_PX
    turn = np.deg2rad(rng.normal(0, TURN_DEG / 2))
    aspect = 1 + rng.uniform(-ASPECT, ASPECT)
    shear = rng.normal(0, SHEAR / 2)
    linear = zoom * np.array([[aspect * np.cos(turn), -np.sin(turn) + shear], [np.sin(turn), np.cos(turn)]])
    wanted = np.array(ANCHOR_PX) + rng.uniform(-1, 1, 2) * SHIFT_PX
    matrix = np.column_stack((linear, wanted - linear @ PATCH_ANCHOR_PX))
    if zoom < 0.8:
        patch = cv2.GaussianBlur(patch, (0, 0), 0.4 / zoom)
    how = cv2.INTER_CUBIC if rng.random() < 0.5 else cv2.INTER_LINEAR
    crop = cv2.warpAffine(patch, matrix, SIZE_PX, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return _weathered(np.asarray(crop), rng)


def _weathered(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.25:
        crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 1.3))
    if rng.random() < 0.15:
        coarse = rng.uniform(0.45, 0.8)
        small = cv2.resize(crop, None, fx=coarse, fy=coarse, interpolation=cv2.INTER_AREA)
        crop = cv2.resize(small, crop.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    levels = crop.astype(np.float32)
    if rng.random() < 0.3:
        levels = np.repeat(levels.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.random() < 0.5:
        middle = levels.mean()
        levels = middle + (levels - middle) * rng.uniform(0.45, 1.3) + rng.uniform(-30, 30)
    if rng.random() < 0.3:
        levels = levels + rng.normal(0, rng.uniform(1, 9), levels.shape).astype(np.float32)
    crop = np.clip(levels, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        _, jpeg = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 85))])
        crop = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR))
    return crop


def _choose(patches: Sequence[WordPatch], rng: np.random.Generator) -> WordPatch:
    """One of the words of a page, kinds as often as `SHARES` says."""
    there = {kind: [patch for patch in patches if patch.kind == kind] for kind in KINDS}
    kinds = [kind for kind in KINDS if there[kind]]
    shares = np.array([SHARES[kind] for kind in kinds])
    own = there[kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]]
    weights = np.array([_weight(patch) for patch in own])
    return own[int(rng.choice(len(own), p=weights / weights.sum()))]


def _weight(patch: WordPatch) -> float:
    return RARE if patch.kind == "name" and patch.tokens in RARE_NAMES else 1.0


def _one(patches: Sequence[WordPatch], rng: np.random.Generator) -> WordPatch:
    return patches[int(rng.integers(len(patches)))]


def write_patches(path: Path, patches: Sequence[WordPatch]) -> None:
    """Keep the words of a page in a file, whole or not at all."""
    sizes = np.array([len(patch.jpeg) for patch in patches], int)
    texts = np.zeros((len(patches), LONGEST), np.uint8)
    for text, patch in zip(texts, patches, strict=True):
        text[: len(patch.tokens)] = patch.tokens[:LONGEST]
    with atomic_path(path) as aside, aside.open("wb") as file:
        np.savez(
            file,
            kinds=np.array([KINDS.index(patch.kind) for patch in patches], np.uint8),
            texts=texts,
            sizes=sizes,
            jpegs=np.frombuffer(b"".join(patch.jpeg for patch in patches), np.uint8),
        )


def read_patches(path: Path) -> list[WordPatch]:
    """The words of a page that were kept in a file."""
    with np.load(path) as kept:
        kinds, texts, sizes, jpegs = (kept[name] for name in ("kinds", "texts", "sizes", "jpegs"))
    ends = np.cumsum(sizes)
    return [
        WordPatch(KINDS[kind], tuple(int(token) for token in text if token), jpegs[end - size : end].tobytes())
        for kind, text, size, end in zip(kinds, texts, sizes, ends, strict=True)
    ]
