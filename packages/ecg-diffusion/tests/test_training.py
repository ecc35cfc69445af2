"""`diffusion.train` on the loop of ecg-core."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from ecg_core.config import load_config
from ecg_core.errors import CheckpointError, ConfigError
from ecg_core.training.checkpoint import find_checkpoint, read_checkpoint
from ecg_core.training.weights import read_weights
from ecg_diffusion.autoencoder.inference import open_autoencoder
from ecg_diffusion.denoiser.inference import build_denoiser
from ecg_diffusion.images.folders import read_image
from ecg_diffusion.tasks import train


def lines_of(folder: Path, event: str) -> list[dict[str, float]]:
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if line["event"] == event]


def test_a_run_tells_its_figures_and_draws_grids(trained: Path):
    assert {"loss", "mse"} <= lines_of(trained, "train")[0].keys()
    validation = lines_of(trained, "validation")
    assert [line["step"] for line in validation] == [2, 4]
    assert {"loss", "mse", "mse_without_class", "mse_wrong_class"} <= validation[0].keys()
    for step in (2, 4):
        picture = trained / f"pictures/samples-step-{step:07d}.png"
        assert read_image(picture).shape == (256, 256, 3)


def test_a_checkpoint_knows_what_sampling_needs(trained: Path, study):
    model = build_denoiser(read_weights(trained))
    assert list(model.classes) == ["ID_1", "ID_2"]
    assert model.signal_contract["vae"]["digest"] == open_autoencoder(study.vae).digest
    report = json.loads((study.check / "latents.json").read_text())
    torch.testing.assert_close(model.scale.flatten(), torch.tensor(report["normalize"]["std"]))


def test_weights_of_another_task_are_no_denoiser(study):
    with pytest.raises(CheckpointError, match=r"not of diffusion\.train"):
        build_denoiser(read_weights(study.vae))


def test_a_resumed_run_ends_with_the_same_bits(study, trained: Path, context):
    train.run(study.training(steps=2, schedule=constant()), context("diffusion.train", "cut"))
    train.run(study.training(schedule=constant()), context("diffusion.train", "cut", resume=True))
    train.run(study.training(schedule=constant()), context("diffusion.train", "whole"))
    folder = context("diffusion.train").out_dir.parent
    cut, whole = (read_checkpoint(find_checkpoint(folder / name, "latest")).parts for name in ("cut", "whole"))
    for part, tensors in whole.items():
        assert all(torch.equal(tensor, cut[part][name]) for name, tensor in tensors.items()), part


def constant():
    from ecg_core.training.config import ScheduleConfig

    return ScheduleConfig(name="constant")


def test_pictures_encoded_each_time_train_as_their_latents_do(study, context):
    """The same seed draws the same noise, so that only the rounding of the encoder is between them."""
    found = []
    for name, source in (
        ("latents", {}),
        ("pictures", {"latents": None, "images": study.images, "split": study.split, "vae": study.vae}),
    ):
        train.run(study.training(study.data(**source), steps=2), context("diffusion.train", name))
        found.append([line["loss"] for line in lines_of(context("diffusion.train", name).out_dir, "train")])
    assert found[1] == pytest.approx(found[0], rel=1e-4)


def test_normalisation_is_asked_for_as_the_guide_says() -> None:
    found = [
        load_config(train.DiffusionTrainConfig, overrides=words).data.options.auto_normalize
        for words in ([], ["data.auto_normalize=true"], ["data.auto_normalize=false"])
    ]
    assert found == [None, True, False]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"check": None}, r"data\.check: name"),
        ({"latents": None}, r"data\.latents: name"),
        ({"auto_normalize": True}, "auto_norm"),
    ],
)
def test_what_is_wanting_is_asked_for(study, context, options: dict[str, object], said: str):
    with pytest.raises(ConfigError, match=said):
        train.run(study.training(study.data(**options)), context("diffusion.train"))
