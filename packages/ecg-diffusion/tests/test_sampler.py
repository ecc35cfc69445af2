from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler

from ecg_core.training.weights import read_weights
from ecg_diffusion.autoencoder.inference import open_autoencoder
from ecg_diffusion.denoiser.inference import build_denoiser
from ecg_diffusion.sampling.noise import NoiseConfig
from ecg_diffusion.sampling.sampler import Sampler, SampleRequest, generator_of
from ecg_diffusion.sampling.solver import SOLVERS, make_solver

WANTED = [
    SampleRequest("ID_1", 0),
    SampleRequest("ID_2", 0),
    SampleRequest("ID_1", 1),
    SampleRequest("ID_2", 7),
    SampleRequest("ID_1", 2),
]


@pytest.fixture(scope="module")
def make(trained: Path, study):
    model, autoencoder = build_denoiser(read_weights(trained)), open_autoencoder(study.vae)

    def made(**options: object) -> Sampler:
        common = {"solver": "ddim", "steps": 3, "guidance": 3.0, "rescale": 0.0, "batch_size": 5, "seed": 1}
        return Sampler(model=model, autoencoder=autoencoder, device=torch.device("cpu"), **common | options)

    return made


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_picture_does_not_depend_on_what_is_drawn_beside_it(make, solver: str):
    """Up to the rounding of sums, which batches of another size order otherwise: one level of 255."""
    together = dict(make(solver=solver).draw(WANTED))
    for size in (1, 2):
        for wanted, picture in make(solver=solver, batch_size=size).draw(WANTED[::-1]):
            assert np.abs(picture.astype(int) - together[wanted]).max() <= 1


@pytest.mark.parametrize("solver", ["ddim", "ddpm"])
def test_seed_class_and_number_each_make_another_picture(make, solver: str):
    latents = make(solver=solver).latents(WANTED)
    assert len({tuple(each.flatten().tolist()) for each in latents}) == len(WANTED)
    assert not torch.equal(make(solver=solver, seed=2).latents(WANTED), latents)


def test_ddim_is_determined_by_its_noise_and_agrees_with_diffusers(make):
    """A loop over diffusers' scheduler as its documentation shows it, with the guidance of the paper."""
    sampler = make(solver="ddim", steps=4, guidance=2.0)
    model, labels = sampler.model, torch.tensor([0, 1])
    scheduler = DDIMScheduler(
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        clip_sample=False,
        timestep_spacing="trailing",
    )
    scheduler.set_timesteps(4)
    state = torch.stack([torch.randn(model.latent_shape, generator=generator_of(1, each)) for each in WANTED[:2]])
    with torch.no_grad():
        for timestep in scheduler.timesteps:
            times = timestep.expand(2)
            with_class, without = model(state, times, labels), model(state, times, torch.tensor([2, 2]))
            state = scheduler.step(2 * with_class - without, timestep, state).prev_sample
    expected = state * model.scale + model.shift
    torch.testing.assert_close(make(solver="ddim", steps=4, guidance=2.0, batch_size=2).latents(WANTED[:2]), expected)
    torch.testing.assert_close(sampler.latents(WANTED[:2]), expected, rtol=1e-4, atol=1e-4)


def test_without_guidance_the_network_is_asked_once(make):
    calls = []
    sampler = make(guidance=1.0)
    handle = sampler.model.unet.register_forward_hook(lambda _m, given, _o: calls.append(len(given[0])))
    sampler.latents(WANTED)
    handle.remove()
    assert calls == [5, 5, 5]


def exact(clean: torch.Tensor, noisy: torch.Tensor, power: torch.Tensor, prediction: str) -> torch.Tensor:
    """What a network that knows the one clean latent would predict."""
    signal, share = power.sqrt(), (1 - power).sqrt()
    noise = (noisy - signal * clean) / share
    return noise if prediction == "eps" else signal * noise - share * clean


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("prediction", ["v", "eps"])
@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_every_solver_finds_what_a_perfect_network_knows(solver: str, prediction: str, schedule: str):
    scheduler = make_solver(solver, NoiseConfig(prediction=prediction, schedule=schedule), 20)
    generator = torch.Generator().manual_seed(0)
    clean, state = torch.linspace(-2, 2, 64).view(1, 1, 8, 8), torch.randn(1, 1, 8, 8, generator=generator)
    for timestep in scheduler.timesteps:
        said = exact(clean, state, scheduler.alphas_cumprod[timestep], prediction)
        state = scheduler.step(said, timestep, state, generator=generator).prev_sample
    torch.testing.assert_close(state, clean, rtol=0, atol=0.05)
