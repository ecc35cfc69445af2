"""The inputs of training beside batches: classes, normalisation and autoencoder of the latents."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ecg_core.errors import DataError
from ecg_diffusion.autoencoder.inference import Autoencoder, find_autoencoder, open_autoencoder, require_digest
from ecg_diffusion.images import SIDE_PX
from ecg_diffusion.latents.normalization import Normalization, choose_normalization
from ecg_diffusion.latents.report import LatentReport
from ecg_diffusion.latents.sources import LatentDataConfig, LatentSource, Shape

VAE_OPTION = "data.vae"


@attrs.frozen(kw_only=True, eq=False)
class TrainingInputs:
    """What training needs beside batches of latents.

    Attributes:
        classes: names of the classes, by number.
        latent_shape: channels, height and width.
        normalization: normalisation of the latents.
        autoencoder: the autoencoder that makes latents of pictures, and pictures of latents.
    """

    classes: Sequence[str]
    latent_shape: Shape
    normalization: Normalization
    autoencoder: Autoencoder


def open_training_inputs(config: LatentDataConfig, source: LatentSource) -> TrainingInputs:
    """Open the autoencoder of some latents, and choose their normalisation.

    Raises:
        CheckpointError: the autoencoder is missing, damaged, or another than the one of the latents or the report.
        ConfigError: an option is missing, or contradicts the report.
        DataError: a file is missing or damaged, or the report is about latents of another shape.
    """
    report = config.report()
    lowest, highest = source.limits or (None, None)
    normalization = choose_normalization(report, config.auto_normalize, lowest=lowest, highest=highest)
    autoencoder = _open_autoencoder(config, source, report)
    require_digest(autoencoder, report.vae["digest"], f"of {config.check}", option=VAE_OPTION)
    return TrainingInputs(
        classes=source.classes, latent_shape=source.shape, normalization=normalization, autoencoder=autoencoder
    )


def _open_autoencoder(config: LatentDataConfig, source: LatentSource, report: LatentReport) -> Autoencoder:
    if source.vae is not None:
        return find_autoencoder(config.vae, source.vae, option=VAE_OPTION)
    assert config.vae is not None, "required to encode pictures, see open_source"
    autoencoder = open_autoencoder(config.vae)
    side = SIDE_PX // autoencoder.reduction
    if report.shape != (autoencoder.latent_channels, side, side):
        raise DataError(f"{config.check} is about latents of another shape, {report.shape}; make it anew")
    return autoencoder
