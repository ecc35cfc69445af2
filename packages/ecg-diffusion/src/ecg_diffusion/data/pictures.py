"""The data set `diffusion.pictures`: pictures of training, some of them held out to measure on.

Another data set of `diffusion.train_vae` gives batches of the same entries, see `PictureData`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.errors import ConfigError, DataError
from ecg_diffusion.data.endless import TRAIN, VALIDATION, BatchRequest, EndlessExamples
from ecg_diffusion.images.folders import read_image
from ecg_diffusion.images.split import Split

HELD_OUT_STREAM = 7
"""Random stream of the choice; others split the pictures and draw the batches."""


@attrs.frozen(kw_only=True)
class PictureDataConfig:
    """Options of `diffusion.pictures`."""

    images: Path | None = option(None, help="folder of a folder of pictures a class, ID_1 … ID_N")
    split: Path | None = option(None, help="split.json of diffusion.split; only its part train is looked at")
    validation_share: float = option(
        0.1, help="share of the pictures of training that is held out to measure on", minimum=0, maximum=0.9
    )


@attrs.frozen(kw_only=True)
class PictureRequest(BatchRequest):
    """What `diffusion.train_vae` asks of its data set.

    Attributes:
        latent_shape: channels, height and width of a latent, the shape of the noise.
    """

    latent_shape: tuple[int, int, int]


@attrs.frozen
class Picture:
    """A picture of a class.

    Attributes:
        label: name of the class.
        name: name of the file.
        path: the file.
    """

    label: str
    name: str
    path: Path


def training_part(images: Path | None, split: Path | None) -> list[Picture]:
    """List the pictures of the part ``train`` of a split, class by class; the part ``test`` is not looked at.

    Raises:
        ConfigError: no folder or no split is named.
        DataError: the split cannot be read, or a picture of it is not there.
    """
    if images is None:
        raise ConfigError("images: name the folder that has a folder of pictures a class")
    if split is None:
        raise ConfigError("split: name the split.json of diffusion.split, which says what may be learned from")
    found = [
        Picture(label, name, images / label / name)
        for label, names in Split.read(split).train.items()
        for name in names
    ]
    missing = [str(each.path) for each in found if not each.path.is_file()]
    if missing:
        raise DataError(f"{split} names pictures that are not in {images}: {missing[0]} and {len(missing) - 1} others")
    if not found:
        raise DataError(f"{split}: its part train is empty; `ecg run diffusion.split` makes one")
    return found


def held_out(labels: Sequence[str], share: float, seed: int) -> np.ndarray:
    """Choose the pictures of training that are held out for validation: bool, shape (pictures,).

    The same share of every class, at least one picture of each if any; it follows from the seed alone, so that
    autoencoder and diffusion model hold out the same ones.

    Args:
        labels: class of every picture.
        share: share of each class to hold out, from 0 to 1.
        seed: seed of the run.

    Raises:
        DataError: nothing would be left of a class to learn from.
    """
    is_held_out = np.zeros(len(labels), bool)
    if not share:
        return is_held_out
    label_of_each = np.array(labels)
    for number, label in enumerate(dict.fromkeys(labels)):
        places = np.flatnonzero(label_of_each == label)
        count = max(1, round(share * len(places)))
        if count >= len(places):
            raise DataError(f"{label} has {len(places)} pictures: too few to hold some out; lower validation_share")
        rng = np.random.default_rng((seed, HELD_OUT_STREAM, number))
        is_held_out[rng.choice(places, count, replace=False)] = True
    return is_held_out


class PictureData(EndlessExamples):
    """Batches of ``pictures`` uint8 (batch, 3, 256, 256), ``noise`` float32 (batch, *latent shape), and in validation
    ``counts`` (batch,), 0 where an example only fills up the last batch.

    Args:
        config: folder, split, and how much to hold out.
        request: shape of a latent, and of the batches.

    Raises:
        ConfigError: no folder or no split is named.
        DataError: the split cannot be read, a picture of it is missing, or a class has too few.
    """

    def __init__(self, config: PictureDataConfig, request: PictureRequest) -> None:
        pictures = training_part(config.images, config.split)
        is_held_out = held_out([each.label for each in pictures], config.validation_share, request.seed)
        self._pictures = {
            TRAIN: [each for each, out in zip(pictures, is_held_out, strict=True) if not out],
            VALIDATION: [each for each, out in zip(pictures, is_held_out, strict=True) if out],
        }
        self._latent_shape = request.latent_shape
        super().__init__({split: len(found) for split, found in self._pictures.items()}, request)

    def _example(self, split: str, index: int, rng: np.random.Generator) -> dict[str, Any]:
        picture = read_image(self._pictures[split][index].path)
        return {
            "pictures": np.ascontiguousarray(picture.transpose(2, 0, 1)),
            "noise": rng.standard_normal(self._latent_shape, np.float32),
        }
