"""Encoding the pictures of training: what `diffusion.check_latents` and `diffusion.cache_latents` share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ecg_core.backends import open_backend
from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError

if TYPE_CHECKING:
    from ecg_core.protocols import Backend
    from ecg_diffusion.data.pictures import Picture
    from ecg_diffusion.latents.encoding import Encoded

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class EncodingConfig:
    """Pictures, and the autoencoder that encodes them."""

    images: Path | None = option(None, help="folder of a folder of pictures a class, ID_1 … ID_N")
    split: Path | None = option(None, help="split.json of diffusion.split; only its part train is encoded")
    vae: Path | None = option(
        None, help="autoencoder: run folder of diffusion.train_vae, a folder of diffusers, or a .safetensors file"
    )
    batch_size: int = option(16, help="pictures in a batch", minimum=1)


@attrs.frozen(kw_only=True, eq=False)
class EncodedPart:
    """The pictures of training, encoded.

    Attributes:
        pictures: all pictures.
        encoded: latents of those that could be read, in batches.
        vae: path and digest of the autoencoder.
        failures: pictures that could not be read.
    """

    pictures: Sequence[Picture]
    encoded: Sequence[Encoded]
    vae: Mapping[str, str]
    failures: Sequence[Failure]


def encode_on_backend(
    work: Callable[[Backend, EncodingConfig, RunContext], TaskResult], config: EncodingConfig, context: RunContext
) -> TaskResult:
    """Do a task's work on the one device that the context asks for.

    Raises:
        BackendUnavailable: the backend is not here.
        ConfigError: no autoencoder is named.
    """
    if config.vae is None:
        raise ConfigError("vae: name the autoencoder, a run folder of diffusion.train_vae for instance")
    if context.precision != "fp32":
        log.warning("latents are always computed in fp32: --precision %s changes nothing", context.precision)
    result: TaskResult = open_backend(context.backend).launch(work, config, context, devices=1)
    return result


def encode_training_part(
    backend: Backend, config: EncodingConfig, context: RunContext, *, reconstruct: bool
) -> EncodedPart:
    """Encode the part ``train`` of a split.

    Raises:
        CheckpointError: the autoencoder is missing or damaged.
        ConfigError: an option is missing.
        DataError: the split or its pictures are missing.
    """
    from ecg_diffusion.autoencoder.inference import open_autoencoder
    from ecg_diffusion.data.pictures import training_part
    from ecg_diffusion.latents.encoding import encode_all

    assert config.vae is not None
    pictures, autoencoder = training_part(config.images, config.split), open_autoencoder(config.vae)
    encoded, failures = encode_all(
        autoencoder, pictures, backend, context, batch_size=config.batch_size, reconstruct=reconstruct
    )
    vae = {"path": str(config.vae.resolve()), "digest": autoencoder.digest}
    return EncodedPart(pictures=pictures, encoded=encoded, vae=vae, failures=failures)
