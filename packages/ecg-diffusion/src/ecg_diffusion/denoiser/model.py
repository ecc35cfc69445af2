"""The model `diffusion.unet`, which learns in `diffusion.train`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from ecg_diffusion.denoiser.contrast import supervised_contrast
from ecg_diffusion.denoiser.network import UNetConfig, build_unet
from ecg_diffusion.denoiser.request import DenoiserRequest
from ecg_diffusion.images.grid import grid
from ecg_diffusion.sampling.noise import add_noise, min_snr_weight, prediction_target, signal_power
from ecg_diffusion.sampling.sampler import Sampler, SampleRequest

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

GRID_SEED = 0


class LatentDiffusion(nn.Module):
    """A denoiser of latents (Rombach et al. 2022), conditioned on a class or on none.

    All that is random comes with the batch: ``noise``, ``posterior_noise``, ``timestep``, and which classes are left
    out; so that a step is the same on every device.

    Args:
        config: sizes of the network, and its contrastive term.
        request: noise, classes, and how latents are normalised.

    Attributes:
        classes: names of the classes; the number after the last one stands for no class.
        latent_shape: channels, height and width.
        noise: how noise is added, and what is predicted.
        signal_contract: what sampling must know beside the weights.
    """

    classes: Sequence[str]
    shift: Tensor
    scale: Tensor
    power: Tensor

    def __init__(self, config: UNetConfig, request: DenoiserRequest) -> None:
        super().__init__()
        self.classes, self.latent_shape, self.noise = list(request.classes), request.latent_shape, request.noise
        self.unet = build_unet(config, num_classes=len(self.classes), latent_shape=request.latent_shape)
        column = (1, -1, 1, 1)
        self.register_buffer("shift", torch.tensor(request.normalization.mean).view(column))
        self.register_buffer("scale", torch.tensor(request.normalization.std).view(column))
        self.register_buffer("power", signal_power(request.noise), persistent=False)
        self._contrast, self._grid, self._autoencoder = config.contrast, request.grid, request.autoencoder
        self._middle: Tensor | None = None
        if self._contrast.weight:
            self.unet.mid_block.register_forward_hook(self._keep_middle)
        self.signal_contract: Mapping[str, Any] = {
            "classes": self.classes,
            "latent_shape": list(request.latent_shape),
            "vae": dict(request.vae),
        }

    def forward(self, noisy: Tensor, timestep: Tensor, condition: Tensor) -> Tensor:
        """Predict noise or velocity, shape as ``noisy``.

        Args:
            noisy: normalised latents with noise, (batch, channels, height, width).
            timestep: int64 (batch,).
            condition: number of the class, or the one for no class, int64 (batch,).
        """
        return self.unet(noisy, timestep, class_labels=condition, return_dict=False)[0]

    def denormalized_on_host(self, latents: Tensor) -> Tensor:
        """Convert normalised latents on the host to those that the autoencoder decodes."""
        return latents * self.scale.cpu() + self.shift.cpu()

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return ``loss``, and ``mse``, the error of the prediction with all timesteps weighing the same."""
        clean = self._latents(batch)
        error = self._error(batch, clean, batch["condition"])
        found = {"loss": (error * self._weight(batch)).mean(), "mse": error.mean()}
        if self._contrast.weight and self._middle is not None:
            features = self._middle.mean(dim=(2, 3))
            found["contrast"] = supervised_contrast(features, batch["label"], self._contrast.temperature)
            found["loss"] = found["loss"] + self._contrast.weight * found["contrast"]
        return found

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        clean, counts, label = self._latents(batch), batch["counts"], batch["label"]
        error = self._error(batch, clean, label)
        errors = {
            "loss": error * self._weight(batch),
            "mse": error,
            "mse_without_class": self._error(batch, clean, torch.full_like(label, len(self.classes))),
            "mse_wrong_class": self._error(batch, clean, batch["wrong"]),
        }
        return {name: (value * counts).sum() for name, value in errors.items()} | {"count": counts.sum()}

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        count = float(totals["count"])
        return {name: float(total) / count for name, total in totals.items() if name != "count"}

    def pictures(self) -> Mapping[str, np.ndarray]:
        """Return ``samples``: a row of pictures for each class, from the same noise at every evaluation."""
        if self._autoencoder is None or not self._grid.per_class:
            return {}
        shown = self.classes[: self._grid.classes]
        sampler = Sampler(
            model=self,
            autoencoder=self._autoencoder,
            device=self.shift.device,
            solver="dpmsolver++",
            steps=self._grid.steps,
            guidance=self._grid.guidance,
            rescale=0.0,
            batch_size=len(shown),
            seed=GRID_SEED,
        )
        self._autoencoder.to(self.shift.device)
        columns = [
            np.stack([picture for _, picture in sampler.draw([SampleRequest(label, number) for label in shown])])
            for number in range(self._grid.per_class)
        ]
        return {"samples": grid(list(np.stack(columns, axis=1)))}

    def _latents(self, batch: Batch) -> Tensor:
        """Draw latents from their posterior and normalise them."""
        if "pictures" in batch:
            assert self._autoencoder is not None
            self._autoencoder.to(batch["pictures"].device)
            mean, std = self._autoencoder.encode(batch["pictures"])
        else:
            mean, std = batch["mean"], batch["std"]
        return (mean + std * batch["posterior_noise"] - self.shift) / self.scale

    def _error(self, batch: Batch, clean: Tensor, condition: Tensor) -> Tensor:
        """Return the mean square error of the prediction of each example, shape (batch,)."""
        noise, power = batch["noise"], self.power[batch["timestep"]]
        predicted = self(add_noise(clean, noise, power), batch["timestep"], condition)
        target = prediction_target(clean, noise, power, self.noise.prediction)
        return (predicted.float() - target).square().mean(dim=(1, 2, 3))

    def _weight(self, batch: Batch) -> Tensor:
        return min_snr_weight(self.power[batch["timestep"]], self.noise.min_snr_gamma, self.noise.prediction)

    def _keep_middle(self, _module: nn.Module, _given: Any, features: Tensor) -> None:
        self._middle = features
