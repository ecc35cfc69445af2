from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from ecg_core.training.ema import Ema  # noqa: E402


class Scalar(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor(1.0))
        self.register_buffer("seen", torch.tensor(0))


def test_the_average_follows_the_formula_with_its_warm_up():
    model, expected = Scalar(), 1.0
    ema = Ema(model, decay=0.3)
    for update, value in enumerate([2.0, -1.0, 4.0, 0.5, 3.0], start=1):
        model.weight.data.fill_(value)
        ema.update(torch.tensor(True))
        decay = min(0.3, (1 + update) / (10 + update))  # 2/11, 3/12, then 0.3
        expected = decay * expected + (1 - decay) * value
        assert float(ema.model.weight) == pytest.approx(expected, rel=1e-6)


def test_a_skipped_step_moves_nothing():
    model = Scalar()
    ema = Ema(model, decay=0.9)
    model.weight.data.fill_(5.0)
    ema.update(torch.tensor(False))
    assert (float(ema.model.weight), float(ema.updates)) == (1.0, 0.0)


def test_buffers_are_copied_and_the_average_is_for_evaluation():
    model = Scalar()
    ema = Ema(model, decay=0.9)
    model.seen.fill_(7)
    ema.update(torch.tensor(True))
    assert int(ema.model.seen) == 7
    assert not ema.model.training
    assert not ema.model.weight.requires_grad
