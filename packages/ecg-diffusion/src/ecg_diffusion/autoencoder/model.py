"""The model `diffusion.vae`, which learns in `diffusion.train_vae`.

The model of another plugin needs a ``net``, an AutoencoderKL of diffusers by which it is used after training, and a
``latent_shape``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from ecg_diffusion.autoencoder.network import REDUCTION, AutoencoderRequest, VaeConfig, build_autoencoder
from ecg_diffusion.images.grid import grid
from ecg_diffusion.images.scale import to_signed, to_uint8

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

SHOWN = 8


class KlVae(nn.Module):
    """A variational autoencoder (Kingma & Welling 2014) with a small weight on its divergence.

    Args:
        config: sizes and weights.
        request: side of the pictures.

    Attributes:
        net: diffusers' AutoencoderKL.
        latent_shape: channels, height and width of a latent.
    """

    def __init__(self, config: VaeConfig, request: AutoencoderRequest) -> None:
        super().__init__()
        self.net = build_autoencoder(config)
        side = request.side_px // REDUCTION
        self.latent_shape = (config.latent_channels, side, side)
        self._config = config
        self._shown: list[Tensor] = []
        self.signal_contract: Mapping[str, Any] = {"pictures": "RGB from -1 to 1", "reduction": REDUCTION}

    def forward(self, pictures: Tensor) -> Tensor:
        """Encode and decode pictures (batch, 3, height, width) from -1 to 1."""
        return self.net.decode(self.net.encode(pictures).latent_dist.mean).sample

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return ``loss``, ``reconstruction`` (mean absolute error), ``kl`` (nats a value of the latent)."""
        pictures = to_signed(batch["pictures"])
        posterior = self.net.encode(pictures).latent_dist
        decoded = self.net.decode(posterior.mean + posterior.std * batch["noise"]).sample
        terms = self._terms(pictures, decoded, posterior)
        return {name: value.mean() for name, value in terms.items()}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        pictures = to_signed(batch["pictures"])
        posterior = self.net.encode(pictures).latent_dist
        decoded = self.net.decode(posterior.mean).sample
        if not self._shown:
            self._shown = [pictures[:SHOWN], decoded[:SHOWN]]
        terms = self._terms(pictures, decoded, posterior)
        counts = batch["counts"]
        return {name: (value * counts).sum() for name, value in terms.items()} | {"count": counts.sum()}

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        count = float(totals["count"])
        return {name: float(totals[name]) / count for name in ("loss", "reconstruction", "kl")}

    def pictures(self) -> Mapping[str, np.ndarray]:
        """Return ``reconstructions``: pictures of the last evaluation, each above its reconstruction."""
        shown, self._shown = [to_uint8(each) for each in self._shown], []
        return {"reconstructions": grid(shown)} if shown else {}

    def _terms(self, pictures: Tensor, decoded: Tensor, posterior: Any) -> dict[str, Tensor]:
        """Return loss and its terms for each picture, shape (batch,)."""
        difference = decoded.float() - pictures
        l1 = difference.abs().mean(dim=(1, 2, 3))
        wrong = l1 if self._config.reconstruction == "l1" else difference.square().mean(dim=(1, 2, 3))
        mean, logvar = posterior.mean.float(), posterior.logvar.float()
        kl = 0.5 * (mean.square() + torch.exp(logvar) - 1 - logvar).mean(dim=(1, 2, 3))
        return {"loss": wrong + self._config.kl_weight * kl, "reconstruction": l1, "kl": kl}
