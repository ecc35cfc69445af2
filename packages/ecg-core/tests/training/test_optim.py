from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from ecg_core.training.config import OptimConfig, ScheduleConfig  # noqa: E402
from ecg_core.training.optim import LearningRate, make_optimizer, set_learning_rate  # noqa: E402

GRADIENTS = ([0.5, -1.0], [0.1, 0.3], [-2.0, 0.0], [0.7, 0.7])
START = (1.0, -3.0)


def adam_reference(lr: float, decay: float, beta1: float, beta2: float, *, decoupled: bool) -> list[float]:
    """Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2, where the decay is decoupled."""
    weights = []
    for index, start in enumerate(START):
        weight, m, v = start, 0.0, 0.0
        for t, gradients in enumerate(GRADIENTS, start=1):
            gradient = gradients[index] + (0 if decoupled else decay * weight)
            m = beta1 * m + (1 - beta1) * gradient
            v = beta2 * v + (1 - beta2) * gradient**2
            step = lr * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + 1e-8)
            weight -= step + (lr * decay * weight if decoupled else 0)
        weights.append(weight)
    return weights


def sgd_reference(lr: float, decay: float, momentum: float) -> list[float]:
    """Heavy ball with the decay in the gradient, as the documentation of `torch.optim.SGD` defines it."""
    weights = []
    for index, start in enumerate(START):
        weight, velocity = start, 0.0
        for gradients in GRADIENTS:
            velocity = momentum * velocity + gradients[index] + decay * weight
            weight -= lr * velocity
        weights.append(weight)
    return weights


def run_optimizer(config: OptimConfig) -> list[float]:
    parameter = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer = make_optimizer([parameter], config)
    assert parameter.tolist() == list(START)
    for gradients in GRADIENTS:
        parameter.grad = torch.tensor(gradients, dtype=torch.float64)
        optimizer.step()
    return parameter.tolist()


def test_adamw_takes_the_steps_of_the_paper():
    found = run_optimizer(OptimConfig(name="adamw", lr=0.05, weight_decay=0.1, betas=(0.8, 0.95)))
    assert found == pytest.approx(adam_reference(0.05, 0.1, 0.8, 0.95, decoupled=True), abs=1e-7)


def test_adam_takes_the_steps_of_the_paper():
    found = run_optimizer(OptimConfig(name="adam", lr=0.05, weight_decay=0.1, betas=(0.8, 0.95)))
    assert found == pytest.approx(adam_reference(0.05, 0.1, 0.8, 0.95, decoupled=False), abs=1e-7)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_takes_the_steps_of_heavy_ball(momentum: float):
    found = run_optimizer(OptimConfig(name="sgd", lr=0.05, weight_decay=0.1, momentum=momentum))
    assert found == pytest.approx(sgd_reference(0.05, 0.1, momentum), abs=1e-12)


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd"])
def test_all_state_is_there_and_zero_before_the_first_step(name: str):
    parameter = torch.nn.Parameter(torch.ones(3))
    optimizer = make_optimizer([parameter], OptimConfig(name=name))
    assert optimizer.state[parameter]
    assert all(bool((tensor == 0).all()) for tensor in optimizer.state[parameter].values())
    assert parameter.tolist() == [1, 1, 1]
    assert parameter.grad is None


def test_the_rate_of_every_group_is_set():
    groups = [{"params": [torch.nn.Parameter(torch.ones(1))]}, {"params": [torch.nn.Parameter(torch.ones(1))]}]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    set_learning_rate(optimizer, 0.25)
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.25]


def test_cosine_with_warm_up_follows_the_formula():
    rate = LearningRate(1.0, ScheduleConfig(name="cosine", warmup_steps=4, min_lr=0.1), total_steps=12)
    assert [rate.at(step) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    assert rate.at(4) == 1.0
    assert rate.at(6) == pytest.approx(0.1 + 0.9 * (1 + math.sqrt(0.5)) / 2)  # cos(pi / 4)
    assert rate.at(8) == pytest.approx(0.55)  # half way
    assert rate.at(12) == pytest.approx(0.1)
    assert rate.at(20) == pytest.approx(0.1)


def test_constant_stays():
    rate = LearningRate(0.3, ScheduleConfig(name="constant"), total_steps=10)
    assert {rate.at(step) for step in range(20)} == {0.3}


def test_plateau_lowers_the_rate_after_patience_ran_out():
    rate = LearningRate(1.0, ScheduleConfig(name="plateau", factor=0.5, patience=1, min_lr=0.2), total_steps=10)
    rates = []
    for improved in (True, False, False, False, False, True, False, False):
        rate.observe(improved=improved)
        rates.append(rate.at(0))
    assert rates == [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2]


def test_a_roll_back_lowers_the_whole_course_and_is_remembered():
    config = ScheduleConfig(name="cosine", warmup_steps=2)
    rate = LearningRate(1.0, config, total_steps=10)
    before = [rate.at(step) for step in range(10)]
    rate.reduction = 0.5
    assert [rate.at(step) for step in range(10)] == [value / 2 for value in before]
    again = LearningRate(1.0, config, total_steps=10)
    again.load_state_dict(rate.state_dict())
    assert again.at(5) == rate.at(5)
