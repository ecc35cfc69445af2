from __future__ import annotations

import copy

import pytest
import torch

from ecg_core.errors import ConfigError
from ecg_diffusion.autoencoder.upsampling import NativeUpsample
from ecg_diffusion.denoiser.contrast import ContrastConfig
from ecg_diffusion.denoiser.model import LatentDiffusion
from ecg_diffusion.denoiser.network import UNetConfig, build_unet
from ecg_diffusion.denoiser.request import DenoiserRequest
from ecg_diffusion.latents.normalization import Normalization
from ecg_diffusion.sampling.noise import NoiseConfig

SHAPE = (2, 8, 8)


def model_of(contrast: ContrastConfig | None = None, **options: object) -> LatentDiffusion:
    torch.manual_seed(0)
    config = UNetConfig(dim=8, dim_mults=(1, 2), contrast=contrast or ContrastConfig())
    common = {
        "noise": NoiseConfig(),
        "classes": ("a", "b", "c"),
        "latent_shape": SHAPE,
        "normalization": Normalization((1.0, -2.0), (2.0, 0.5)),
        "vae": {"path": "vae", "digest": "0"},
    }
    return LatentDiffusion(config, DenoiserRequest(**common | options))


def batch_of(size: int = 6) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    normal = {name: torch.randn(size, *SHAPE, generator=generator) for name in ("mean", "noise", "posterior_noise")}
    label = torch.arange(size) % 3
    return {
        **normal,
        "std": torch.full((size, *SHAPE), 0.1),
        "timestep": torch.arange(size) * 100,
        "label": label,
        "condition": label,
        "wrong": (label + 1) % 3,
        "counts": torch.ones(size),
    }


class Said(torch.nn.Module):
    """Stands for a network that says what it is told to say."""

    def __init__(self, said: torch.Tensor) -> None:
        super().__init__()
        self.said = said

    def forward(self, noisy: torch.Tensor, timestep: torch.Tensor, class_labels: torch.Tensor, return_dict: bool):
        return (self.said,)


@pytest.mark.parametrize("prediction", ["v", "eps"])
def test_a_network_that_knows_the_truth_has_no_loss(prediction: str):
    model, batch = model_of(noise=NoiseConfig(prediction=prediction)), batch_of()
    clean = torch.empty_like(batch["mean"])
    drawn = batch["mean"] + 0.1 * batch["posterior_noise"]
    clean[:, 0], clean[:, 1] = (drawn[:, 0] - 1) / 2, (drawn[:, 1] + 2) / 0.5
    power = model.power[batch["timestep"]].view(-1, 1, 1, 1)
    velocity = power.sqrt() * batch["noise"] - (1 - power).sqrt() * clean
    model.unet = Said(velocity if prediction == "v" else batch["noise"])
    assert float(model.training_step(batch)["mse"]) == pytest.approx(0, abs=1e-8)


def test_the_loss_weighs_each_timestep_and_the_error_does_not():
    """A constant error of 1 at every place: the loss is the mean weight, min(SNR, 5) / (SNR + 1)."""
    model, batch = model_of(), batch_of()
    clean = torch.zeros_like(batch["mean"])
    batch |= {"mean": torch.tensor([1.0, -2.0]).view(1, 2, 1, 1).expand_as(clean), "std": clean, "noise": clean}
    model.unet = Said(torch.ones_like(clean))
    snr = [float(power / (1 - power)) for power in model.power[batch["timestep"]].double()]
    found = model.training_step(batch)
    assert float(found["mse"]) == pytest.approx(1)
    assert float(found["loss"]) == pytest.approx(sum(min(each, 5) / (each + 1) for each in snr) / 6, rel=1e-3)


def test_evaluation_measures_the_class_against_none_and_a_wrong_one():
    model, batch = model_of().eval(), batch_of()
    with torch.no_grad():
        model.unet.class_embedding.weight.zero_()
        same = model.figures(model.evaluation_step(batch))
        model.unet.class_embedding.weight[3] = 5.0
        found = model.figures(model.evaluation_step(batch))
    assert same["mse"] == same["mse_without_class"] == same["mse_wrong_class"]
    assert found["mse"] == found["mse_wrong_class"] != found["mse_without_class"]


def test_what_merely_fills_a_batch_does_not_count():
    model, batch = model_of().eval(), batch_of()
    with torch.no_grad():
        expected = model.figures(model.evaluation_step({name: each[:4] for name, each in batch.items()}))
        counts = torch.tensor([1.0, 1, 1, 1, 0, 0])
        found = model.figures(model.evaluation_step(batch | {"counts": counts}))
    assert found == pytest.approx(expected, rel=1e-5)


def test_every_weight_gets_a_gradient():
    model = model_of()
    model.training_step(batch_of() | {"condition": torch.tensor([0, 1, 2, 3, 0, 1])})["loss"].backward()
    assert not [name for name, each in model.named_parameters() if each.grad is None]


def test_the_contrastive_term_is_added_with_its_weight():
    plain, both = (
        {name: value.item() for name, value in model_of(contrast=contrast).training_step(batch_of()).items()}
        for contrast in (ContrastConfig(), ContrastConfig(weight=0.5))
    )
    assert "contrast" not in plain
    assert both["contrast"] > 0
    assert both["loss"] == pytest.approx(plain["loss"] + 0.5 * both["contrast"], rel=1e-5)


def test_the_schedule_is_no_weight_and_the_normalisation_is_kept():
    """A running average can then spoil neither."""
    names = model_of().state_dict().keys()
    assert "power" not in names
    assert {"shift", "scale"} <= names


def test_a_copy_for_the_running_average_is_whole():
    model = model_of(contrast=ContrastConfig(weight=0.5))
    copied = copy.deepcopy(model)
    batch = batch_of()
    for name, value in model.training_step(batch).items():
        assert torch.equal(value, copied.training_step(batch)[name])


def test_the_unet_enlarges_natively_and_halves_only_what_can_be_halved():
    net = build_unet(UNetConfig(dim=8, dim_mults=(1, 2)), num_classes=2, latent_shape=SHAPE)
    assert any(isinstance(each, NativeUpsample) for each in net.modules())
    assert net.class_embedding.weight.shape[0] == 3
    with pytest.raises(ConfigError, match="dim_mults"):
        build_unet(UNetConfig(dim=8, dim_mults=(1, 1, 1, 1, 1)), num_classes=2, latent_shape=SHAPE)
