from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from ecg_core.training.config import OptimConfig  # noqa: E402
from ecg_core.training.guard import NanGuard  # noqa: E402
from ecg_core.training.optim import make_optimizer  # noqa: E402

GOOD, BAD = torch.tensor(True), torch.tensor(False)


def everything(model, optimizer):
    state = {
        f"{index}.{key}": value
        for index, slots in optimizer.state_dict()["state"].items()
        for key, value in slots.items()
    }
    return {name: value.clone() for name, value in {**model.state_dict(), **state}.items()}


def take_step(model, optimizer, guard, x, verdict):
    guard.keep()
    model(x).square().mean().backward()
    guard.update(verdict)
    optimizer.zero_grad()


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd"])
@pytest.mark.parametrize("on_host", [True, False])
def test_a_bad_step_leaves_no_trace(on_host: bool, name: str, assert_identical):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1))
    optimizer = make_optimizer(list(model.parameters()), OptimConfig(name=name))
    guard = NanGuard(model, optimizer, on_host=on_host)
    bad_x = torch.full((5, 4), float("nan"))

    take_step(model, optimizer, guard, bad_x, BAD)  # the very first step, where state is new
    assert all(bool(torch.isfinite(each).all()) for each in everything(model, optimizer).values())
    take_step(model, optimizer, guard, torch.randn(5, 4), GOOD)
    before = everything(model, optimizer)
    take_step(model, optimizer, guard, bad_x, BAD)
    assert_identical(everything(model, optimizer), before)


@pytest.mark.parametrize("on_host", [True, False])
def test_a_good_step_is_the_optimizers_own(on_host: bool, assert_identical):
    results = []
    for guarded in (True, False):
        torch.manual_seed(0)
        model = torch.nn.Linear(4, 1)
        optimizer = make_optimizer(list(model.parameters()), OptimConfig())
        guard = NanGuard(model, optimizer, on_host=on_host)
        for _ in range(3):
            x = torch.randn(5, 4)
            if guarded:
                take_step(model, optimizer, guard, x, GOOD)
            else:
                model(x).square().mean().backward()
                optimizer.step()
                optimizer.zero_grad()
        results.append(everything(model, optimizer))
    assert_identical(*results)


def test_bad_steps_are_counted():
    model = torch.nn.Linear(1, 1)
    guard = NanGuard(model, make_optimizer(list(model.parameters()), OptimConfig()), on_host=True)
    seen = []
    for verdict in (GOOD, BAD, BAD, GOOD, BAD):
        guard.keep()
        guard.update(verdict)
        seen.append(tuple(int(value) for value in guard.counters().values()))
    assert seen == [(0, 0, 0), (1, 1, 1), (2, 2, 2), (2, 0, 2), (3, 1, 2)]  # in all, in a row, longest row
    guard.forget_longest()
    assert guard.counters()["longest"] == 0
