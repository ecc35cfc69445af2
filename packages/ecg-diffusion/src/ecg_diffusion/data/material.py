"""What a denoiser is trained on: latents of a file, or pictures with the autoencoder that encodes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ecg_core.errors import CheckpointError, ConfigError, DataError
from ecg_diffusion.autoencoder.opened import Autoencoder, open_autoencoder
from ecg_diffusion.data.latent_data import CachedLatents, PicturesToEncode, Source
from ecg_diffusion.data.pictures import training_part
from ecg_diffusion.images.spectra import SIDE_PX
from ecg_diffusion.latents.cache import LatentCache
from ecg_diffusion.latents.normalization import Normalization, choose_normalization
from ecg_diffusion.latents.report import LatentReport

if TYPE_CHECKING:
    from ecg_diffusion.tasks.train import DiffusionTrainConfig


@attrs.frozen(kw_only=True, eq=False)
class Material:
    """What training needs beside its options.

    Attributes:
        source: of the latents.
        classes: names, by number.
        latent_shape: channels, height and width.
        normalization: of the latents.
        autoencoder: that made them.
    """

    source: Source
    classes: Sequence[str]
    latent_shape: tuple[int, int, int]
    normalization: Normalization
    autoencoder: Autoencoder


def open_material(config: DiffusionTrainConfig) -> Material:
    """Read what the options name.

    Raises:
        CheckpointError: the autoencoder is not there, damaged, or another than the one of the latents.
        ConfigError: an option is wanting, or contradicts the report.
        DataError: a file is not there, or damaged.
    """
    if config.check is None:
        raise ConfigError("check: name the latents.json of diffusion.check_latents, which says how to normalise")
    report = LatentReport.read(config.check)
    found = _of_cache(config, report) if config.latents is not None else _of_pictures(config, report)
    require_digest(found.autoencoder, report.vae["digest"], f"of {config.check}")
    return found


def _of_cache(config: DiffusionTrainConfig, report: LatentReport) -> Material:
    assert config.latents is not None
    cache = LatentCache.read(config.latents)
    normalization = choose_normalization(
        report, config.auto_normalize, lowest=float(cache.mean.min()), highest=float(cache.mean.max())
    )
    channels, height, width = cache.mean.shape[1:]
    return Material(
        source=CachedLatents(cache),
        classes=cache.classes,
        latent_shape=(channels, height, width),
        normalization=normalization,
        autoencoder=find_autoencoder(config.vae, cache.vae),
    )


def _of_pictures(config: DiffusionTrainConfig, report: LatentReport) -> Material:
    if config.images is None or config.vae is None:
        raise ConfigError(
            "latents: name the file of diffusion.cache_latents; or, to encode pictures each time, images, split and vae"
        )
    pictures, autoencoder = training_part(config.images, config.split), open_autoencoder(config.vae)
    side = SIDE_PX // autoencoder.reduction
    if report.shape != (autoencoder.latent_channels, side, side):
        raise DataError(f"{config.check} is about latents of another shape, {report.shape}; make it anew")
    return Material(
        source=PicturesToEncode(pictures),
        classes=list(dict.fromkeys(each.label for each in pictures)),
        latent_shape=report.shape,
        normalization=choose_normalization(report, config.auto_normalize),
        autoencoder=autoencoder,
    )


def find_autoencoder(named: Path | None, known: Mapping[str, str]) -> Autoencoder:
    """The autoencoder that latents were made with.

    Args:
        named: where it is now; None for where it was.
        known: its path and digest then.

    Raises:
        CheckpointError: there is none, it is damaged, or another one.
    """
    path = named or Path(known["path"])
    if not path.exists():
        raise CheckpointError(f"{path}: the autoencoder of these latents is not there; say where it is now by vae=PATH")
    found = open_autoencoder(path)
    require_digest(found, known["digest"], "that these latents were made with")
    return found


def require_digest(autoencoder: Autoencoder, digest: str, whose: str) -> None:
    """Refuse another autoencoder.

    Raises:
        CheckpointError: its weights are others.
    """
    if autoencoder.digest != digest:
        raise CheckpointError(
            f"vae: {autoencoder.path} has other weights (SHA-256 {autoencoder.digest[:12]}…) than the autoencoder "
            f"{whose} ({digest[:12]}…), so its latents mean something else; name the right one by vae=PATH, or make "
            "latents and report anew"
        )
