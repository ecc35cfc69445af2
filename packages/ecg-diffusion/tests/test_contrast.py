from __future__ import annotations

import math

import pytest
import torch

from ecg_diffusion.denoiser.contrast import supervised_contrast


def test_the_loss_is_the_one_worked_out_by_hand():
    """Two of a class at one place, one of another opposite: similarities 1, -1; temperature 1.

    For each of the two: -log(e / (e + 1/e)); the third has nobody of its class and does not count.
    """
    features, labels = torch.tensor([[3.0, 0], [1, 0], [-2, 0]]), torch.tensor([0, 0, 1])
    expected = -math.log(math.e / (math.e + 1 / math.e))
    assert float(supervised_contrast(features, labels, 1.0)) == pytest.approx(expected, rel=1e-5)


def test_classes_apart_cost_less_than_classes_mixed():
    features = torch.tensor([[1.0, 0.1], [1, -0.1], [-1, 0.1], [-1, -0.1]])
    apart = supervised_contrast(features, torch.tensor([0, 0, 1, 1]), 0.1)
    mixed = supervised_contrast(features, torch.tensor([0, 1, 0, 1]), 0.1)
    assert apart < mixed


def test_a_batch_without_two_of_a_class_costs_nothing():
    features = torch.randn(3, 4, requires_grad=True)
    loss = supervised_contrast(features, torch.tensor([0, 1, 2]), 0.1)
    loss.backward()
    assert float(loss.detach()) == 0
    assert torch.isfinite(features.grad).all()
