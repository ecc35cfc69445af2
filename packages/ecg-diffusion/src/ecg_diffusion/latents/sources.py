"""Sources of latents for training: a file of them, or pictures that an autoencoder encodes each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.errors import ConfigError
from ecg_diffusion.data.pictures import Picture, training_part
from ecg_diffusion.images.folders import read_image
from ecg_diffusion.latents.cache import LatentCache
from ecg_diffusion.latents.report import LatentReport

Shape = tuple[int, int, int]
"""Channels, height and width."""


@attrs.frozen(kw_only=True)
class LatentDataConfig:
    """Options of `diffusion.latents`."""

    latents: Path | None = option(None, help="latents.safetensors of diffusion.cache_latents, or its run folder")
    check: Path | None = option(None, help="latents.json of diffusion.check_latents, or its run folder")
    vae: Path | None = option(None, help="autoencoder; by default where the latents were made with it")
    images: Path | None = option(None, help="without latents: folder of pictures, encoded each time")
    split: Path | None = option(None, help="without latents: split.json of diffusion.split")
    auto_normalize: bool | None = option(
        None, help="true insists on mapping latents in [0, 1] to [-1, 1], false on not; empty: what latents.json says"
    )
    validation_share: float = option(
        0.1, help="share of the pictures of training that is held out to measure on", minimum=0, maximum=0.9
    )

    def report(self) -> LatentReport:
        """Read the report that says how to normalise.

        Raises:
            ConfigError: none is named.
            DataError: it is missing or damaged.
        """
        if self.check is None:
            raise ConfigError(
                "data.check: name the latents.json of diffusion.check_latents, which says how to normalise"
            )
        return LatentReport.read(self.check)


class LatentSource(Protocol):
    """Latents with their classes.

    Attributes:
        labels: name of the class of each.
        classes: names of the classes, by number.
        shape: shape of a latent.
        vae: path and digest of the autoencoder that made them; None where they are yet to be made.
        limits: lowest and highest value of the means; None where they are not known.
    """

    labels: Sequence[str]
    classes: Sequence[str]
    shape: Shape
    vae: Mapping[str, str] | None
    limits: tuple[float, float] | None

    def example(self, index: int) -> dict[str, Any]:
        """Return ``mean`` and ``std`` of the posterior, or ``pictures`` to encode."""


class CachedLatents:
    """Latents of a file; attributes as of `LatentSource`."""

    def __init__(self, cache: LatentCache) -> None:
        self._cache = cache
        self.labels: Sequence[str] = [cache.classes[number] for number in cache.labels]
        self.classes = cache.classes
        channels, height, width = cache.mean.shape[1:]
        self.shape: Shape = (channels, height, width)
        self.vae: Mapping[str, str] | None = cache.vae
        self.limits: tuple[float, float] | None = (float(cache.mean.min()), float(cache.mean.max()))

    def example(self, index: int) -> dict[str, Any]:
        return {"mean": self._cache.mean[index], "std": self._cache.std[index]}


class PicturesToEncode:
    """Pictures that the denoiser's autoencoder encodes each time; attributes as of `LatentSource`."""

    def __init__(self, pictures: Sequence[Picture], shape: Shape) -> None:
        self._pictures = pictures
        self.labels: Sequence[str] = [each.label for each in pictures]
        self.classes: Sequence[str] = list(dict.fromkeys(self.labels))
        self.shape = shape
        self.vae: Mapping[str, str] | None = None
        self.limits: tuple[float, float] | None = None

    def example(self, index: int) -> dict[str, Any]:
        pixels = read_image(self._pictures[index].path)
        return {"pictures": np.ascontiguousarray(pixels.transpose(2, 0, 1))}


def open_source(config: LatentDataConfig) -> LatentSource:
    """Open what the options name.

    Raises:
        ConfigError: an option is missing.
        DataError: a file is missing or damaged.
    """
    report = config.report()
    if config.latents is not None:
        return CachedLatents(LatentCache.read(config.latents))
    if config.images is None or config.vae is None:
        raise ConfigError(
            "data.latents: name the file of diffusion.cache_latents; or, to encode pictures each time, data.images, "
            "data.split and data.vae"
        )
    return PicturesToEncode(training_part(config.images, config.split), report.shape)
