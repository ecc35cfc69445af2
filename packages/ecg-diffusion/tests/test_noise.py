"""Against the papers, and against the schedulers of diffusers."""

from __future__ import annotations

import math

import pytest
import torch
from diffusers import DDPMScheduler

from ecg_diffusion.sampling.noise import NoiseConfig, add_noise, min_snr_weight, prediction_target, shares, signal_power


def test_the_cosine_schedule_is_the_one_of_nichol_and_dhariwal():
    power = signal_power(NoiseConfig())

    def f(t: float) -> float:
        return math.cos((t / 1000 + 0.008) / 1.008 * math.pi / 2) ** 2

    for step in (0, 100, 500, 900):
        assert float(power[step]) == pytest.approx(f(step + 1) / f(0), rel=1e-3)


def test_the_linear_schedule_is_the_one_of_ho():
    betas = [1e-4 + (0.02 - 1e-4) * step / 999 for step in range(1000)]
    power = signal_power(NoiseConfig(schedule="linear"))
    assert float(power[499]) == pytest.approx(math.prod(1 - beta for beta in betas[:500]), rel=1e-4)


@pytest.mark.parametrize("step", [50, 500, 950])
def test_noised_latents_have_the_mean_and_variance_of_the_forward_process(step: int):
    power = signal_power(NoiseConfig())[[step]]
    clean = torch.full((1, 4, 200, 200), 1.5)
    found = add_noise(clean, torch.randn(clean.shape, generator=torch.Generator().manual_seed(0)), power)
    assert float(found.mean()) == pytest.approx(1.5 * math.sqrt(power), abs=0.01)
    assert float(found.var()) == pytest.approx(1 - float(power), rel=0.02)


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_diffusers_says_the_same(schedule: str):
    config = NoiseConfig(schedule=schedule)
    peer = DDPMScheduler(1000, beta_schedule="squaredcos_cap_v2" if schedule == "cosine" else "linear")
    clean, noise, times = torch.randn(3, 4, 8, 8), torch.randn(3, 4, 8, 8), torch.tensor([3, 400, 990])
    power = signal_power(config)[times]
    torch.testing.assert_close(add_noise(clean, noise, power), peer.add_noise(clean, noise, times))
    torch.testing.assert_close(prediction_target(clean, noise, power, "v"), peer.get_velocity(clean, noise, times))
    assert prediction_target(clean, noise, power, "eps") is noise


def test_clean_and_noise_come_back_from_the_velocity():
    clean, noise = torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8)
    power = torch.tensor([0.9, 0.2])
    mixed, velocity = add_noise(clean, noise, power), prediction_target(clean, noise, power, "v")
    signal, share = shares(power)
    torch.testing.assert_close(signal * mixed - share * velocity, clean)
    torch.testing.assert_close(share * mixed + signal * velocity, noise)


@pytest.mark.parametrize(
    ("power", "of_eps", "of_v"),
    [
        (0.5, 1.0, 0.5),  # SNR 1: min(1, 5) / 1 and 1 / 2
        (0.9, 5 / 9, 0.5),  # SNR 9: 5 / 9 and 5 / 10
        (0.99, 5 / 99, 0.05),  # SNR 99: 5 / 99 and 5 / 100
        (0.2, 1.0, 0.2),  # SNR 1/4: 1 and (1/4) / (5/4)
    ],
)
def test_min_snr_weights_are_those_worked_out_by_hand(power: float, of_eps: float, of_v: float):
    assert float(min_snr_weight(torch.tensor(power), 5.0, "eps")) == pytest.approx(of_eps, rel=1e-4)
    assert float(min_snr_weight(torch.tensor(power), 5.0, "v")) == pytest.approx(of_v, rel=1e-4)


def test_without_a_bound_all_weigh_the_same():
    assert min_snr_weight(torch.tensor([0.1, 0.9]), 0.0, "v").tolist() == [1, 1]
