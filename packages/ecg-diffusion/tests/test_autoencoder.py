from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from diffusers import AutoencoderKL

from ecg_core.errors import CheckpointError, ConfigError
from ecg_core.training.weights import read_weights, write_weights
from ecg_diffusion.autoencoder.inference import open_autoencoder
from ecg_diffusion.autoencoder.model import KlVae
from ecg_diffusion.autoencoder.network import AutoencoderRequest, VaeConfig, build_autoencoder
from ecg_diffusion.autoencoder.upsampling import NativeUpsample, with_native_upsampling

PLAIN = {
    "block_out_channels": (4, 8, 8, 8),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "norm_num_groups": 2,
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[AutoencoderKL, Path]:
    """An autoencoder as diffusers makes and saves it."""
    torch.manual_seed(0)
    net, folder = AutoencoderKL(**PLAIN).eval(), tmp_path_factory.mktemp("plain")
    net.save_pretrained(folder)
    return net, folder


def test_a_picture_becomes_a_latent_of_an_eighth():
    net = build_autoencoder(VaeConfig(channels=(4, 4, 4, 4)))
    with torch.no_grad():
        posterior = net.encode(torch.zeros(1, 3, 256, 256)).latent_dist
        assert posterior.mean.shape == (1, 4, 32, 32)
        assert net.decode(posterior.mean).sample.shape == (1, 3, 256, 256)


def test_native_upsampling_changes_neither_names_nor_values(plain: tuple[AutoencoderKL, Path]):
    net, _ = plain
    names, latents = list(net.state_dict()), torch.randn(1, 4, 4, 4)
    with torch.no_grad():
        before = net.decode(latents).sample
        other = with_native_upsampling(AutoencoderKL(**PLAIN))
        other.load_state_dict(net.state_dict())
        after = other.eval().decode(latents).sample
    assert list(other.state_dict()) == names
    assert any(isinstance(each, NativeUpsample) for each in other.modules())
    torch.testing.assert_close(after, before)


def test_a_folder_of_diffusers_is_opened(plain: tuple[AutoencoderKL, Path]):
    net, folder = plain
    opened = open_autoencoder(folder)
    pictures = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    with torch.no_grad():
        expected = net.encode(pictures.float() / 127.5 - 1).latent_dist
    mean, std = opened.encode(pictures)
    torch.testing.assert_close(mean, expected.mean)
    torch.testing.assert_close(std, expected.std)
    assert (opened.latent_channels, opened.reduction) == (4, 8)


def test_one_file_with_its_config_beside_it_is_the_same(plain: tuple[AutoencoderKL, Path], tmp_path: Path):
    net, folder = plain
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())
    safetensors.torch.save_file(net.state_dict(), tmp_path / "my-vae.safetensors")
    assert open_autoencoder(tmp_path / "my-vae.safetensors").digest == open_autoencoder(folder).digest


def test_a_run_and_a_file_of_its_weights_are_the_same(study, tmp_path: Path):
    write_weights(tmp_path / "vae.safetensors", read_weights(study.vae))
    assert open_autoencoder(study.vae).digest == open_autoencoder(tmp_path / "vae.safetensors").digest


def without_config(folder: Path) -> Path:
    safetensors.torch.save_file({"a": torch.zeros(1)}, folder / "vae.safetensors")
    return folder / "vae.safetensors"


def pickled(folder: Path) -> Path:
    (folder / "config.json").write_text(json.dumps(PLAIN))
    (folder / "diffusion_pytorch_model.bin").write_bytes(b"cos\nsystem\n")
    return folder


def of_another_config(folder: Path) -> Path:
    AutoencoderKL(**PLAIN).save_pretrained(folder)
    content = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**content, "layers_per_block": 2}))
    return folder


def torn(folder: Path) -> Path:
    AutoencoderKL(**PLAIN).save_pretrained(folder)
    weights = folder / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    return folder


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "nothing", "expected is a run folder"),
        (without_config, "does not say what network"),
        (pickled, "pickled and never read"),
        (of_another_config, "do not belong together"),
        (torn, "damaged"),
        (lambda folder: folder, "no checkpoint"),
    ],
)
def test_what_is_no_autoencoder_is_refused_with_what_is_wanted(make: Callable[[Path], Path], said: str, tmp_path: Path):
    with pytest.raises(CheckpointError, match=said):
        open_autoencoder(make(tmp_path))


def test_weights_of_another_task_are_refused(trained: Path):
    with pytest.raises(CheckpointError, match=r"not of diffusion\.train_vae"):
        open_autoencoder(trained)


@pytest.mark.parametrize("channels", [(4, 4, 4), (4, 6, 8, 8)])
def test_widths_that_do_not_work_are_refused(channels: tuple[int, ...]):
    with pytest.raises(ConfigError, match="channels"):
        build_autoencoder(VaeConfig(channels=channels))


def test_the_loss_is_reconstruction_and_weighted_divergence():
    """The divergence against torch's own of normal distributions."""
    torch.manual_seed(0)
    model = KlVae(VaeConfig(channels=(4, 4, 4, 4), kl_weight=0.25), AutoencoderRequest(side_px=64))
    assert model.latent_shape == (4, 8, 8)
    batch = {"pictures": torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8), "noise": torch.zeros(2, 4, 8, 8)}
    found = {name: float(value.detach()) for name, value in model.training_step(batch).items()}
    pictures = batch["pictures"].float() / 127.5 - 1
    with torch.no_grad():
        posterior = model.net.encode(pictures).latent_dist
        decoded = model.net.decode(posterior.mean).sample
    normal = torch.distributions.Normal(posterior.mean, posterior.std)
    kl = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0)).mean()
    assert found["kl"] == pytest.approx(float(kl), rel=1e-4)
    assert found["reconstruction"] == pytest.approx(float((decoded - pictures).abs().mean()), rel=1e-4)
    assert found["loss"] == pytest.approx(found["reconstruction"] + 0.25 * found["kl"], rel=1e-5)


def test_training_leaves_figures_and_reconstructions(study):
    lines = [json.loads(line) for line in (study.vae / "metrics.jsonl").read_text().splitlines()]
    for event in ("train", "validation"):
        assert {"loss", "reconstruction", "kl"} <= next(line for line in lines if line["event"] == event).keys()
    assert (study.vae / "pictures/reconstructions-step-0000002.png").exists()
