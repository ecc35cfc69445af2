"""Which pictures a generator learns from, and which of those are kept back to watch it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs
import numpy as np

from ecg_core.errors import ConfigError, DataError
from ecg_diffusion.images.split import Split

HELD_OUT_STREAM = 7
"""Apart from the streams by which pictures were dealt and batches are drawn."""


@attrs.frozen
class Picture:
    """A picture of a class.

    Attributes:
        label: name of the class.
        name: of the file.
        path: where it lies.
    """

    label: str
    name: str
    path: Path


def training_part(images: Path | None, split: Path | None) -> list[Picture]:
    """The pictures of the part ``train`` of a split, class by class; nothing of the part ``test`` is looked at.

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
    """Which of some pictures of training are kept back for validation, bool, shape (pictures,).

    The same share of every class, at least one picture of each if any; it follows from the seed alone, so that
    autoencoder and diffusion model keep back the same ones.

    Args:
        labels: class of every picture.
        share: from 0 to 1.
        seed: of the run.

    Raises:
        DataError: nothing would be left of a class to learn from.
    """
    kept_back = np.zeros(len(labels), bool)
    if not share:
        return kept_back
    of = np.array(labels)
    for number, label in enumerate(dict.fromkeys(labels)):
        places = np.flatnonzero(of == label)
        count = max(1, round(share * len(places)))
        if count >= len(places):
            raise DataError(f"{label} has {len(places)} pictures: too few to keep some back; lower validation_share")
        rng = np.random.default_rng((seed, HELD_OUT_STREAM, number))
        kept_back[rng.choice(places, count, replace=False)] = True
    return kept_back
