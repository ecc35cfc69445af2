"""Options of the autoencoder."""

from __future__ import annotations

import attrs

from ecg_core.config import option

REDUCTION = 8
"""Pixels of a side that become one of a latent."""


@attrs.frozen(kw_only=True)
class VaeConfig:
    """Options of `diffusion.vae`.

    Other widths: `(128, 256, 512, 512)` with two layers and attention is the one of Stable Diffusion, for a GPU.
    """

    channels: tuple[int, ...] = option(
        (16, 16, 32, 64), help="of the four levels, fine to coarse; each a multiple of 4"
    )
    layers: int = option(1, help="residual blocks of a level", minimum=1)
    latent_channels: int = option(4, help="channels of a latent", minimum=1)
    attention: bool = option(False, help="attention at the coarsest level")
    reconstruction: str = option("l1", help="what a wrong pixel costs: l1 or mse", choices=("l1", "mse"))
    kl_weight: float = option(
        1e-3, help="weight of the divergence of the latents from standard normal ones, in nats a value", minimum=0
    )
