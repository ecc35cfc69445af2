"""A file of latents: every picture of training, encoded once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import numpy as np
import safetensors.numpy
from safetensors import SafetensorError, safe_open

from ecg_core.atomic import atomic_path
from ecg_core.errors import DataError

if TYPE_CHECKING:
    from ecg_diffusion.latents.encoding import Encoded

FILE = "latents.safetensors"
ABOUT, FORMAT_VERSION = "ecg-latents", 1


@attrs.frozen(kw_only=True, eq=False)
class LatentCache:
    """Latents of pictures.

    Attributes:
        mean, std: of the posterior, float32, shape (pictures, channels, height, width).
        labels: number of the class of each, int64, shape (pictures,).
        classes: names of the classes.
        names: file of each picture, ``<class>/<file>``.
        vae: path and digest of the autoencoder.
    """

    mean: np.ndarray
    std: np.ndarray
    labels: np.ndarray
    classes: Sequence[str]
    names: Sequence[str]
    vae: Mapping[str, str]

    @classmethod
    def of(cls, encoded: Sequence[Encoded], *, classes: Sequence[str], vae: Mapping[str, str]) -> LatentCache:
        """Join the latents of several batches.

        Args:
            encoded: at least one batch.
            classes: names, by number.
            vae: path and digest of the autoencoder.
        """
        pictures = [picture for each in encoded for picture in each.pictures]
        return cls(
            mean=np.concatenate([each.mean for each in encoded]),
            std=np.concatenate([each.std for each in encoded]),
            labels=np.array([classes.index(each.label) for each in pictures]),
            classes=classes,
            names=[f"{each.label}/{each.name}" for each in pictures],
            vae=vae,
        )

    def write(self, path: Path) -> None:
        """Write one safetensors file, whole or not at all."""
        about = {
            "format": FORMAT_VERSION,
            "classes": list(self.classes),
            "names": list(self.names),
            "vae": dict(self.vae),
        }
        tensors = {"mean": self.mean, "std": self.std, "labels": self.labels.astype(np.int64)}
        with atomic_path(path) as aside:
            aside.write_bytes(safetensors.numpy.save(tensors, metadata={ABOUT: json.dumps(about)}))

    @classmethod
    def read(cls, path: Path) -> LatentCache:
        """Latents that were written; a folder means the ``latents.safetensors`` in it.

        Raises:
            DataError: the file is missing, damaged, or holds something else.
        """
        file = path / FILE if path.is_dir() else path
        if not file.is_file():
            raise DataError(f"{file}: there are no latents; `ecg run diffusion.cache_latents` makes them")
        try:
            with safe_open(file, framework="np") as reader:
                about = json.loads((reader.metadata() or {})[ABOUT])
                tensors = {name: reader.get_tensor(name) for name in ("mean", "std", "labels")}
            found = cls(**tensors, classes=about["classes"], names=about["names"], vae=about["vae"])
        except (OSError, SafetensorError, KeyError, ValueError, TypeError, RecursionError) as error:
            raise DataError(f"{file}: no latents of diffusion.cache_latents, or damaged: {error!r}") from error
        if about.get("format") != FORMAT_VERSION:
            raise DataError(f"{file} has the format {about.get('format')}; make it anew by diffusion.cache_latents")
        if not len(found.mean) == len(found.std) == len(found.labels) == len(found.names) > 0:
            raise DataError(f"{file}: its parts are not of one length; make it anew by diffusion.cache_latents")
        return found
