from __future__ import annotations

import numpy as np
import pytest
import torch

from ecg_diffusion.sampling.sampler import guide


@pytest.fixture
def predictions() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 4, 8, 8, generator=generator), 2 * torch.randn(2, 4, 8, 8, generator=generator)


def test_scale_one_is_the_conditional_model_and_zero_the_other(predictions):
    with_class, without = predictions
    torch.testing.assert_close(guide(with_class, without, 1.0, 0.0), with_class)
    torch.testing.assert_close(guide(with_class, without, 0.0, 0.0), without)


def test_guidance_is_the_weighted_difference_of_ho_and_salimans(predictions):
    """With their weight w = scale - 1: (1 + w) with the class - w without."""
    with_class, without = predictions
    torch.testing.assert_close(guide(with_class, without, 3.0, 0.0), 3 * with_class - 2 * without)


def test_a_full_rescale_brings_back_the_spread_of_each_picture(predictions):
    with_class, without = predictions
    found = guide(with_class, without, 5.0, 1.0)
    torch.testing.assert_close(found.std(dim=(1, 2, 3)), with_class.std(dim=(1, 2, 3)))


def test_a_part_of_it_is_the_mixture_of_lin(predictions):
    """Equations 14 to 16 of the paper, in numpy."""
    with_class, without = (each.numpy() for each in predictions)
    led = without + 4 * (with_class - without)
    spread = with_class.std(axis=(1, 2, 3), ddof=1) / led.std(axis=(1, 2, 3), ddof=1)
    expected = 0.7 * led * spread[:, None, None, None] + 0.3 * led
    np.testing.assert_allclose(guide(*predictions, 4.0, 0.7).numpy(), expected, rtol=1e-5)
