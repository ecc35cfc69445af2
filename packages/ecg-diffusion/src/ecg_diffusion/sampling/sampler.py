"""Draws pictures: noise to latents step by step, latents to pictures by the autoencoder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import torch
from torch import Tensor

from ecg_diffusion.sampling.guidance import guided
from ecg_diffusion.sampling.solver import make_solver

if TYPE_CHECKING:
    from ecg_diffusion.autoencoder.opened import Autoencoder
    from ecg_diffusion.denoiser.model import LatentDiffusion


@attrs.frozen
class Wanted:
    """A picture to draw.

    Attributes:
        label: name of its class.
        number: of the picture within the class.
    """

    label: str
    number: int


@attrs.frozen(kw_only=True)
class Sampler:
    """Draws what is wanted, each picture the same whatever is drawn beside it.

    The network runs on the device, always on batches of one shape and with the timestep as a tensor, so that a step is
    compiled once; the scheduler of diffusers runs on the host, where each picture has a random generator of its own.

    Attributes:
        model: trained, on the device, in evaluation mode.
        autoencoder: on the device.
        device: of both.
        solver, steps: see `ecg_diffusion.sampling.solver.make_solver`.
        guidance, rescale: see `ecg_diffusion.sampling.guidance.guided`.
        batch_size: pictures at a time.
        seed: of all pictures.
        autocast: context of the forward passes.
    """

    model: LatentDiffusion
    autoencoder: Autoencoder
    device: torch.device
    solver: str
    steps: int
    guidance: float
    rescale: float
    batch_size: int
    seed: int
    autocast: Callable[[], AbstractContextManager[None]] = nullcontext

    def draw(self, wanted: Sequence[Wanted]) -> Iterator[tuple[Wanted, np.ndarray]]:
        """Pictures, uint8 RGB (height, width, 3), in the order in which they are wanted."""
        for start in range(0, len(wanted), self.batch_size):
            batch = wanted[start : start + self.batch_size]
            latents = self.latents(batch)
            filled = torch.cat([latents, latents[-1:].expand(self.batch_size - len(batch), -1, -1, -1)])
            with torch.no_grad(), self.autocast():
                pictures = self.autoencoder.to_pictures(filled.to(self.device))
            yield from zip(batch, pictures, strict=False)

    @torch.no_grad()
    def latents(self, wanted: Sequence[Wanted]) -> Tensor:
        """Latents as the autoencoder decodes them, float32 on the host, shape (wanted, channels, height, width).

        Args:
            wanted: as many as a batch has, or fewer.
        """
        filled = [*wanted, *[wanted[-1]] * (self.batch_size - len(wanted))]
        generators = [generator_of(self.seed, each) for each in filled]
        shape = self.model.latent_shape
        state = torch.stack([torch.randn(shape, generator=each) for each in generators])
        labels = torch.tensor([self.model.classes.index(each.label) for each in filled]).to(self.device)
        scheduler = make_solver(self.solver, self.model.noise, self.steps)
        for timestep in scheduler.timesteps:
            prediction = self._predict(state, int(timestep), labels)
            state = scheduler.step(prediction, timestep, state, generator=generators, return_dict=False)[0]
        return self.model.denormalized_on_host(state)[: len(wanted)]

    def _predict(self, state: Tensor, timestep: int, labels: Tensor) -> Tensor:
        """The guided prediction of a step, on the host."""
        noisy = state.to(self.device)
        times = torch.full((len(state),), timestep).to(self.device)
        with self.autocast():
            if self.guidance == 1:
                return self.model(noisy, times, labels).float().cpu()
            nothing = torch.full_like(labels, len(self.model.classes))
            both = self.model(torch.cat([noisy, noisy]), torch.cat([times, times]), torch.cat([labels, nothing]))
        with_class, without = both.float().chunk(2)
        return guided(with_class, without, self.guidance, self.rescale).cpu()


def generator_of(seed: int, wanted: Wanted) -> torch.Generator:
    """The random generator of one picture: it follows from seed, class and number alone."""
    digest = hashlib.sha256(f"{seed}/{wanted.label}/{wanted.number}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def settings_of(sampler: Sampler) -> dict[str, Any]:
    """What decides how a picture looks, beside the weights."""
    return {name: getattr(sampler, name) for name in ("seed", "solver", "steps", "guidance", "rescale")}
