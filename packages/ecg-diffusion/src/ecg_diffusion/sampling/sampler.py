"""Draws pictures: noise to latents step by step, latents to pictures by the autoencoder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import attrs
import numpy as np
import torch
from torch import Tensor

from ecg_diffusion.autoencoder.inference import Autoencoder
from ecg_diffusion.sampling.noise import NoiseConfig
from ecg_diffusion.sampling.solver import make_solver


class Denoiser(Protocol):
    """A network that predicts noise or velocity, as sampling needs it; a plugin's denoiser offers the same.

    Attributes:
        classes: names of the classes; the number after the last one stands for no class.
        latent_shape: channels, height and width.
        noise: how noise was added in training, and what is predicted.
    """

    classes: Sequence[str]
    latent_shape: tuple[int, int, int]
    noise: NoiseConfig

    def __call__(self, noisy: Tensor, timestep: Tensor, condition: Tensor) -> Tensor:
        """Predict from noisy latents (batch, channels, height, width), timesteps and class numbers, int64 (batch,)."""

    def denormalized_on_host(self, latents: Tensor) -> Tensor:
        """Convert normalised latents on the host to those that the autoencoder decodes."""


@attrs.frozen
class SampleRequest:
    """A picture to draw.

    Attributes:
        label: name of its class.
        number: number of the picture within the class.
    """

    label: str
    number: int


@attrs.frozen(kw_only=True)
class Sampler:
    """Draws pictures, each the same whatever is drawn beside it.

    The network runs on the device, always on batches of one shape and with the timestep as a tensor, so that a step is
    compiled once; the scheduler of diffusers runs on the host, where each picture has a random generator of its own.

    Attributes:
        model: trained, on the device, in evaluation mode.
        autoencoder: on the device.
        device: device of both.
        solver, steps: see `ecg_diffusion.sampling.solver.make_solver`.
        guidance, rescale: see `guide`.
        batch_size: pictures at a time.
        seed: seed of all pictures.
        autocast: context of the forward passes.
    """

    model: Denoiser
    autoencoder: Autoencoder
    device: torch.device
    solver: str
    steps: int
    guidance: float
    rescale: float
    batch_size: int
    seed: int
    autocast: Callable[[], AbstractContextManager[None]] = nullcontext

    def draw(self, requests: Sequence[SampleRequest]) -> Iterator[tuple[SampleRequest, np.ndarray]]:
        """Draw pictures, uint8 RGB (height, width, 3), in the order of the requests."""
        for start in range(0, len(requests), self.batch_size):
            batch = requests[start : start + self.batch_size]
            latents = self.latents(batch)
            filled = torch.cat([latents, latents[-1:].expand(self.batch_size - len(batch), -1, -1, -1)])
            with torch.no_grad(), self.autocast():
                pictures = self.autoencoder.to_pictures(filled.to(self.device))
            yield from zip(batch, pictures, strict=False)

    @torch.no_grad()
    def latents(self, requests: Sequence[SampleRequest]) -> Tensor:
        """Draw latents as the autoencoder decodes them: float32 on the host, shape (requests, channels, height, width).

        Args:
            requests: as many as a batch has, or fewer.
        """
        filled = [*requests, *[requests[-1]] * (self.batch_size - len(requests))]
        generators = [generator_of(self.seed, each) for each in filled]
        shape = self.model.latent_shape
        state = torch.stack([torch.randn(shape, generator=each) for each in generators])
        labels = torch.tensor([self.model.classes.index(each.label) for each in filled]).to(self.device)
        scheduler = make_solver(self.solver, self.model.noise, self.steps)
        for timestep in scheduler.timesteps:
            prediction = self._predict(state, int(timestep), labels)
            state = scheduler.step(prediction, timestep, state, generator=generators, return_dict=False)[0]
        return self.model.denormalized_on_host(state)[: len(requests)]

    def _predict(self, state: Tensor, timestep: int, labels: Tensor) -> Tensor:
        """Predict one step with guidance; the result is on the host."""
        noisy = state.to(self.device)
        times = torch.full((len(state),), timestep).to(self.device)
        with self.autocast():
            if self.guidance == 1:
                return self.model(noisy, times, labels).float().cpu()
            nothing = torch.full_like(labels, len(self.model.classes))
            both = self.model(torch.cat([noisy, noisy]), torch.cat([times, times]), torch.cat([labels, nothing]))
        with_class, without = both.float().chunk(2)
        return guide(with_class, without, self.guidance, self.rescale).cpu()


def guide(with_class: Tensor, without: Tensor, scale: float, rescale: float) -> Tensor:
    """Lead a prediction by the difference that the class makes: classifier-free guidance (Ho & Salimans 2022).

    Args:
        with_class, without: predictions (batch, channel, height, width) with the class and without one.
        scale: 1 is the prediction with the class, 0 the one without; above 1 exaggerates.
        rescale: share by which its standard deviation is brought back to the one of the prediction with the class,
            from 0 to 1 (Lin et al. 2024, "Common diffusion noise schedules and sample steps are flawed", section 3.4).
    """
    led = without + scale * (with_class - without)
    if not rescale:
        return led
    axes = (1, 2, 3)
    ratio = torch.std(with_class, dim=axes, keepdim=True) / torch.std(led, dim=axes, keepdim=True)
    return led * (rescale * ratio + (1 - rescale))


def generator_of(seed: int, request: SampleRequest) -> torch.Generator:
    """Make the random generator of one picture: it follows from seed, class and number alone."""
    digest = hashlib.sha256(f"{seed}/{request.label}/{request.number}".encode(errors="backslashreplace")).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def settings_of(sampler: Sampler) -> dict[str, Any]:
    """List the settings that decide how a picture looks, beside the weights."""
    return {name: getattr(sampler, name) for name in ("seed", "solver", "steps", "guidance", "rescale")}
