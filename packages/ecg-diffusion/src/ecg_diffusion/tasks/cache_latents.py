"""Task `diffusion.cache_latents`: encode the pictures of training once, into one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ecg_core.context import RunContext, TaskResult
from ecg_diffusion.tasks.encoding import EncodingConfig, encode_on_backend, encode_training_part

if TYPE_CHECKING:
    from ecg_core.protocols import Backend


@attrs.frozen(kw_only=True)
class CacheLatentsConfig(EncodingConfig):
    """Options of `diffusion.cache_latents`."""


def run(config: CacheLatentsConfig, context: RunContext) -> TaskResult:
    """Write ``latents.safetensors``; a picture that cannot be read is reported and left out.

    Raises:
        BackendUnavailable: the backend is not here.
        CheckpointError: the autoencoder is missing or damaged.
        ConfigError: an option is missing.
        DataError: the split or its pictures are missing.
    """
    return encode_on_backend(_cache, config, context)


def _cache(backend: Backend, config: EncodingConfig, context: RunContext) -> TaskResult:
    from ecg_diffusion.latents.cache import FILE, LatentCache

    part = encode_training_part(backend, config, context, reconstruct=False)
    classes = list(dict.fromkeys(each.label for each in part.pictures))
    cache = LatentCache.of(part.encoded, classes=classes, vae=part.vae)
    cache.write(context.out_dir / FILE)
    return TaskResult(summary={"pictures": len(cache.names), "classes": len(cache.classes)}, failures=part.failures)
