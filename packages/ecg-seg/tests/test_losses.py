from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
import torch

from ecg_core.errors import ConfigError
from ecg_seg.losses import class_logits, cross_entropy, dice_loss, focal_loss, make_loss

NAMES = ("cross_entropy", "dice", "cross_entropy_dice", "bce_dice", "focal")


def probabilities(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def example(num_outputs: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, num_outputs, 4, 5, generator=generator)
    return logits, torch.randint(0, max(num_outputs, 2), (2, 4, 5), generator=generator)


def test_weighted_cross_entropy_by_its_formula() -> None:
    logits, target = example()
    weights = np.array([1.0, 10.0, 50.0])
    shares = probabilities(logits.numpy())
    truth = target.numpy()
    of_truth = np.take_along_axis(shares, truth[:, None], axis=1)[:, 0]
    expected = (weights[truth] * -np.log(of_truth)).sum() / weights[truth].sum()
    found = cross_entropy(logits, target, torch.tensor(weights, dtype=torch.float32))
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_one_output_is_binary_cross_entropy() -> None:
    logits, target = example(1)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, 0], target.float())
    torch.testing.assert_close(cross_entropy(logits, target, None), expected)


def test_dice_by_its_formula() -> None:
    logits, target = example()
    shares, truth = probabilities(logits.numpy()), target.numpy()
    dice = []
    for index in (1, 2):
        there = truth == index
        dice.append((2 * shares[:, index][there].sum() + 1) / (shares[:, index].sum() + there.sum() + 1))
    assert float(dice_loss(logits, target)) == pytest.approx(1 - np.mean(dice), rel=1e-5)


def test_focal_by_its_formula() -> None:
    logits, target = example()
    of_truth = np.take_along_axis(probabilities(logits.numpy()), target.numpy()[:, None], axis=1)
    expected = ((1 - of_truth) ** 2 * -np.log(of_truth)).mean()
    assert float(focal_loss(logits, target, None)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("num_outputs", [1, 3])
def test_right_answers_cost_less_than_wrong_ones(name: str, num_outputs: int) -> None:
    loss = make_loss(name, [1.0] * max(num_outputs, 2))
    _, target = example(num_outputs)
    sure = 12 * torch.nn.functional.one_hot(target, max(num_outputs, 2)).movedim(-1, 1).float() - 6
    right = sure[:, 1:] if num_outputs == 1 else sure
    assert 0 <= float(loss(right, target)) < 0.05
    assert float(loss(-right, target)) > 0.5


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_is_computed_in_full(name: str) -> None:
    logits, target = example()
    loss = make_loss(name, [1.0, 10.0, 50.0])
    found = loss(logits.bfloat16() * 40, target)
    assert found.dtype == torch.float32
    assert math.isfinite(float(found))


def test_one_output_becomes_two_classes() -> None:
    logits = torch.tensor([[[[2.0, -1.0]]]])
    assert class_logits(logits).argmax(dim=1).tolist() == [[[1, 0]]]


def test_unknown_loss_names_the_others() -> None:
    with pytest.raises(ConfigError, match="focal"):
        make_loss("hinge", [])


@pytest.mark.parametrize("name", ["cross_entropy", "dice", "cross_entropy_dice", "bce_dice", "focal"])
def test_every_loss_can_be_sent_to_another_process(name: str) -> None:
    loss = make_loss(name, (1.0, 2.0, 3.0))
    logits, target = torch.randn(2, 3, 4, 4), torch.randint(3, (2, 4, 4))
    assert pickle.loads(pickle.dumps(loss))(logits, target) == loss(logits, target)
