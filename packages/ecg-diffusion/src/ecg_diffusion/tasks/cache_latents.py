"""Task `diffusion.cache_latents`: encode the pictures of training once, into one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ecg_core.config import option
from ecg_core.errors import ConfigError
from ecg_core.run import RunContext, TaskResult

if TYPE_CHECKING:
    from ecg_core.protocols import Backend


@attrs.frozen(kw_only=True)
class CacheLatentsConfig:
    """Options of `diffusion.cache_latents`."""

    images: Path | None = option(None, help="folder of a folder of pictures a class, ID_1 … ID_N")
    split: Path | None = option(None, help="split.json of diffusion.split; only its part train is encoded")
    vae: Path | None = option(
        None, help="autoencoder: run folder of diffusion.train_vae, a folder of diffusers, or a .safetensors file"
    )
    batch_size: int = option(16, help="pictures in a batch", minimum=1)


def run(config: CacheLatentsConfig, context: RunContext) -> TaskResult:
    """Write ``latents.safetensors``; a picture that cannot be read is named and left out.

    Raises:
        BackendUnavailable: the backend is not here.
        CheckpointError: the autoencoder is not there, or damaged.
        ConfigError: an option is wanting.
        DataError: the split or its pictures are not there.
    """
    if config.vae is None:
        raise ConfigError("vae: name the autoencoder, a run folder of diffusion.train_vae for instance")
    result: TaskResult = context.open_backend().launch(_cache, config, context, devices=1)
    return result


def _cache(backend: Backend, config: CacheLatentsConfig, context: RunContext) -> TaskResult:
    from ecg_diffusion.autoencoder.opened import open_autoencoder
    from ecg_diffusion.data.pictures import training_part
    from ecg_diffusion.latents.cache import FILE, LatentCache
    from ecg_diffusion.latents.encoding import encode_all

    assert config.vae is not None
    pictures, autoencoder = training_part(config.images, config.split), open_autoencoder(config.vae)
    encoded, failures = encode_all(
        autoencoder, pictures, backend, context, batch_size=config.batch_size, reconstruct=False
    )
    vae = {"path": str(config.vae.resolve()), "digest": autoencoder.digest}
    cache = LatentCache.of(encoded, classes=list(dict.fromkeys(each.label for each in pictures)), vae=vae)
    cache.write(context.out_dir / FILE)
    return TaskResult(summary={"pictures": len(cache.names), "classes": len(cache.classes)}, failures=failures)
