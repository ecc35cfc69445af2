from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from ecg_classify.models.resnet1d import ECGResNet1D  # noqa: E402
from ecg_classify.options import ClassifyModelRequest, ResNet1dConfig  # noqa: E402
from ecg_core.errors import ConfigError  # noqa: E402

SMALL = ResNet1dConfig(width=8, dropout=0.0, label_smoothing=0.0)


def network(config: ResNet1dConfig) -> ECGResNet1D:
    return ECGResNet1D(config, ClassifyModelRequest())


def batch(count: int, *, samples: int = 5000, seed: int = 0) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return {
        "signal": torch.randn(count, 12, samples),
        "seen": torch.rand(count, 12, samples) > 0.2,
        "target": torch.eye(5)[torch.arange(count) % 5],
        "counts": torch.ones(count),
    }


def parameters(config: ResNet1dConfig) -> int:
    return sum(each.numel() for each in network(config).parameters())


def test_it_has_about_one_and_a_half_million_parameters_and_grows_as_told() -> None:
    assert 1.4e6 < parameters(ResNet1dConfig()) < 1.6e6
    assert parameters(ResNet1dConfig(width=32)) < 0.45e6
    assert parameters(ResNet1dConfig(blocks=(2, 2, 2, 2))) > 2.5e6


@pytest.mark.parametrize("samples", [5000, 1250, 4999])
def test_any_length_gives_logits(samples: int) -> None:
    made = batch(3, samples=samples)
    assert network(SMALL).eval()(made["signal"], made["seen"]).shape == (3, 5)


def test_every_parameter_gets_a_gradient() -> None:
    model = network(SMALL)
    model.training_step(batch(4))["loss"].backward()
    assert all(each.grad is not None and each.grad.abs().sum() > 0 for each in model.parameters())


def test_it_learns_ten_recordings_by_heart() -> None:
    torch.manual_seed(0)
    model, made = network(SMALL), batch(10, samples=1000)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(40):
        optimizer.zero_grad()
        model.training_step(made)["loss"].backward()
        optimizer.step()
    assert (model(made["signal"], made["seen"]).argmax(dim=1) == made["target"].argmax(dim=1)).all()


def test_what_was_seen_changes_what_is_said() -> None:
    model, made = network(SMALL).eval(), batch(2)
    silent = torch.zeros_like(made["signal"])
    assert not torch.allclose(
        model(silent, torch.ones_like(made["seen"])), model(silent, torch.zeros_like(made["seen"]))
    )


def test_figures_are_those_of_the_definitions() -> None:
    model = network(SMALL)
    confusion = torch.tensor([[3.0, 1, 0, 0, 0], [1, 2, 0, 0, 0], [0, 0, 0, 0, 0], [0, 1, 0, 4, 0], [0, 0, 0, 0, 0]])
    figures = model.figures({"loss": torch.tensor(6.0), "count": torch.tensor(12.0), "confusion": confusion})
    f1 = {"MI": 6 / 8, "AF": 4 / 7, "NORM": 8 / 9}
    assert figures["loss"] == 0.5
    assert figures["accuracy"] == pytest.approx(9 / 12)
    assert figures["macro_f1"] == pytest.approx(sum(f1.values()) / 3)
    assert {name: figures[f"f1_{name}"] for name in f1} == pytest.approx(f1)


def test_filling_and_recordings_of_several_classes_are_not_counted_among_the_confusions() -> None:
    model, made = network(SMALL).eval(), batch(4)
    made["counts"][3] = 0
    made["target"][2] = torch.tensor([0.5, 0.5, 0, 0, 0])
    totals = model.evaluation_step(made)
    assert float(totals["count"]) == 3
    assert float(totals["confusion"].sum()) == 2


def test_what_makes_no_network_is_refused() -> None:
    with pytest.raises(ConfigError, match="kernel_size: must be odd"):
        network(ResNet1dConfig(kernel_size=4))
    with pytest.raises(ConfigError, match="blocks: every stage needs at least one"):
        network(ResNet1dConfig(blocks=()))
    with pytest.raises(ValueError, match="blocks: must be at least 1"):
        ResNet1dConfig(blocks=(1, 0))
