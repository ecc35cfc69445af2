"""Pictures with their classes, in memory and reduced to the side that a classifier sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import attrs
import numpy as np
from PIL import Image

from ecg_core.context import Failure
from ecg_core.errors import DataError
from ecg_diffusion.images.folders import read_image


@attrs.frozen(kw_only=True, eq=False)
class Pictures:
    """Pictures with their classes.

    Attributes:
        paths: files of the pictures.
        targets: number of the class of each, int64, shape (pictures,).
        pixels: uint8 RGB, shape (pictures, side, side, 3).
        digests: SHA-256 of the pixels of each at full size; equal for copies in any lossless file format.
    """

    paths: Sequence[Path]
    targets: np.ndarray
    pixels: np.ndarray
    digests: Sequence[str]

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, places: Sequence[int] | np.ndarray) -> Pictures:
        """Return the pictures at some places."""
        chosen = [int(place) for place in places]
        return Pictures(
            paths=[self.paths[place] for place in chosen],
            targets=self.targets[chosen],
            pixels=self.pixels[chosen],
            digests=[self.digests[place] for place in chosen],
        )

    def joined(self, other: Pictures) -> Pictures:
        """Return these pictures and others."""
        return Pictures(
            paths=[*self.paths, *other.paths],
            targets=np.concatenate((self.targets, other.targets)),
            pixels=np.concatenate((self.pixels, other.pixels)),
            digests=[*self.digests, *other.digests],
        )

    def counts(self, num_classes: int) -> np.ndarray:
        """Count the pictures of each class."""
        return np.bincount(self.targets, minlength=num_classes)

    def draw(self, per_class: int, seed: int) -> Pictures:
        """Draw a number of each class, or all where there are fewer; for one seed, fewer are always among more."""
        places: list[int] = []
        for label in np.unique(self.targets):
            order = np.random.default_rng((seed, int(label))).permutation(np.flatnonzero(self.targets == label))
            places += sorted(order[:per_class].tolist())
        return self.take(places)


def read_pictures(classes: Mapping[str, Sequence[Path]], side_px: int) -> tuple[Pictures, list[Failure]]:
    """Read the pictures of every class; returns them, and those that could not be read.

    Args:
        classes: files by class; the place of a class is its number.
        side_px: side to which they are reduced.

    Raises:
        DataError: no picture of a class could be read.
    """
    paths: list[Path] = []
    targets: list[int] = []
    pixels: list[np.ndarray] = []
    digests: list[str] = []
    failures: list[Failure] = []
    for number, (label, files) in enumerate(classes.items()):
        before = len(paths)
        for path in files:
            try:
                image = read_image(path)
            except DataError as error:
                failures.append(Failure.from_error(str(path), error))
                continue
            paths.append(path)
            targets.append(number)
            pixels.append(reduced(image, side_px))
            digests.append(sha256(image.tobytes()).hexdigest())
        if len(paths) == before:
            cause = f": {failures[-1].item}: {failures[-1].reason}" if files else ""
            raise DataError(f"{label}: none of {len(files)} pictures could be read{cause}")
    found = Pictures(paths=paths, targets=np.array(targets), pixels=np.stack(pixels), digests=digests)
    return found, failures


def reduced(image: np.ndarray, side_px: int) -> np.ndarray:
    """Reduce a square picture, uint8 RGB, to another side; each new pixel is a mean."""
    if image.shape[0] == side_px:
        return image
    return np.asarray(Image.fromarray(image).resize((side_px, side_px), Image.Resampling.BOX))


def class_and_name(path: Path) -> str:
    """Name a picture by its class folder and file name."""
    return f"{path.parent.name}/{path.name}"
