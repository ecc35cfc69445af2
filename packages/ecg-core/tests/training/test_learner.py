from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from ecg_core.backends.cpu import CpuBackend  # noqa: E402
from ecg_core.errors import CheckpointError, ConfigError  # noqa: E402
from ecg_core.training.config import EmaConfig, OptimConfig, TrainingConfig  # noqa: E402
from ecg_core.training.learner import Learner  # noqa: E402


@pytest.fixture
def backend():
    backend = CpuBackend()
    backend.setup(seed=0)
    return backend


def make(backend, model, **options):
    return Learner(backend, model, TrainingConfig(**options), "fp32")


def halves(batch):
    size = len(batch["x"]) // 2
    return [
        {name: value[:size] for name, value in batch.items()},
        {name: value[size:] for name, value in batch.items()},
    ]


def test_accumulated_batches_equal_one_big_batch(backend, toy, toy_data):
    batch = toy_data().batch("train", 0, 0)
    whole, parts = (make(backend, toy(norm=False, dropout=0.0), optim=OptimConfig(name="sgd", lr=0.1)) for _ in "ab")
    figures = whole.step([batch], lr=0.1, seed=0)
    figures_in_parts = parts.step(halves(batch), lr=0.1, seed=0)
    for left, right in zip(whole.model.parameters(), parts.model.parameters(), strict=True):
        torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-7)  # the order of a sum in fp32
    for name in ("loss", "grad_norm"):
        torch.testing.assert_close(figures[name], figures_in_parts[name], rtol=1e-5, atol=1e-6)


def test_the_gradient_is_clipped_to_its_norm(backend, toy, toy_data):
    batch = toy_data().batch("train", 0, 0)
    for limit, expected in ((0.01, 0.01), (1e6, None), (0.0, None)):
        learner = make(
            backend, toy(norm=False), optim=OptimConfig(name="sgd", momentum=0, weight_decay=0), clip_norm=limit
        )
        before = torch.cat([each.detach().flatten().clone() for each in learner.model.parameters()])
        norm = learner.step([batch], lr=1.0, seed=0)["grad_norm"]  # a plain step at rate 1 is the gradient itself
        after = torch.cat([each.detach().flatten() for each in learner.model.parameters()])
        assert float((before - after).norm()) == pytest.approx(expected or float(norm), rel=1e-3)


def test_the_norm_is_reported_before_clipping(backend, toy, toy_data):
    batch = toy_data().batch("train", 0, 0)
    clipped, free = (make(backend, toy(), clip_norm=limit).step([batch], lr=0.1, seed=0) for limit in (0.01, 0.0))
    assert float(clipped["grad_norm"]) == float(free["grad_norm"]) > 0.01


def test_a_nan_batch_leaves_no_trace_but_in_the_counters(backend, toy, toy_data, assert_identical):
    data = toy_data(bad=lambda _epoch, step: step == 1)
    learner = make(backend, toy(), ema=EmaConfig(decay=0.9), clip_norm=1.0)
    learner.step([data.batch("train", 0, 0)], lr=0.1, seed=0)
    before = {
        part: {name: each.clone() for name, each in tensors.items()} for part, tensors in learner.tensors().items()
    }
    figures = learner.step([data.batch("train", 0, 1)], lr=0.1, seed=1)
    assert torch.isnan(figures["loss"])
    for part, tensors in learner.tensors().items():
        assert_identical(tensors, before[part])
    counters = {name: int(value) for name, value in learner.counters().items()}
    assert counters == {"skipped": 1, "in_a_row": 1, "longest": 1, "ema_updates": 1}


def test_one_bad_batch_of_several_spoils_the_step(backend, toy, toy_data, assert_identical):
    data = toy_data(bad=lambda _epoch, step: step == 1)
    learner = make(backend, toy())
    before = {name: each.clone() for name, each in learner.model.state_dict().items()}
    learner.step([data.batch("train", 0, step) for step in range(3)], lr=0.1, seed=0)
    assert_identical(learner.model.state_dict(), before)


def test_infinite_loss_with_a_finite_gradient_is_bad_too(backend, toy, toy_data):
    class Offset(toy):
        def training_step(self, batch):
            return {"loss": super().training_step(batch)["loss"] + float("inf")}

    learner = make(backend, Offset())
    learner.step([toy_data().batch("train", 0, 0)], lr=0.1, seed=0)
    assert int(learner.guard.skipped) == 1


def test_the_seed_decides_what_a_step_draws(backend, toy, toy_data):
    batch = toy_data().batch("train", 0, 0)
    losses = [float(make(backend, toy(dropout=0.5)).step([batch], lr=0.0, seed=seed)["loss"]) for seed in (3, 3, 4)]
    assert losses[0] == losses[1] != losses[2]


def test_bf16_computes_in_bf16_and_keeps_weights_in_fp32(backend, toy, toy_data):
    seen = []

    class Spy(toy):
        def training_step(self, batch):
            seen.append(self.net[0](batch["x"]).dtype)
            return super().training_step(batch)

    learner = Learner(backend, Spy(), TrainingConfig(), "bf16")
    learner.step([toy_data().batch("train", 0, 0)], lr=0.1, seed=0)
    assert seen == [torch.bfloat16]
    assert {each.dtype for each in learner.model.parameters()} == {torch.float32}


def test_a_precision_that_the_backend_lacks_is_refused_before_any_work(backend, toy):
    with pytest.raises(ConfigError, match="fp16"):
        Learner(backend, toy(), TrainingConfig(), "fp16")


def test_restoring_gives_back_every_tensor_and_counter(backend, toy, toy_data, assert_identical):
    trained = make(backend, toy(), ema=EmaConfig(decay=0.9))
    for step in range(3):
        trained.step([toy_data().batch("train", 0, step)], lr=0.1, seed=step)
    saved = backend.to_host(trained.tensors())
    fresh = make(backend, toy(), ema=EmaConfig(decay=0.9))
    fresh.restore(saved, {name: float(value) for name, value in trained.counters().items()})
    for learner in (trained, fresh):
        learner.step([toy_data().batch("train", 0, 3)], lr=0.1, seed=3)
    for part, tensors in trained.tensors().items():
        assert_identical(tensors, fresh.tensors()[part])


def test_a_checkpoint_of_another_model_is_refused_by_name(backend, toy):
    learner = make(backend, toy())
    saved = backend.to_host(learner.tensors())
    wrong_shape = {**saved, "model": {**saved["model"], "net.4.bias": torch.zeros(2)}}
    with pytest.raises(CheckpointError, match=r"net\.4\.bias has the shape \(2,\) there and \(1,\) here"):
        learner.restore(wrong_shape, {})
    with pytest.raises(CheckpointError, match="only one of them has"):
        learner.restore({**saved, "optimizer": {}}, {})
    with pytest.raises(CheckpointError, match="counters do not fit this run"):
        learner.restore(saved, {})
