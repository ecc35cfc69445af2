"""Weights whose options were saved in another form than today's."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
import torch

from ecg_core.errors import CheckpointError
from ecg_core.training.weights import Weights, read_weights, write_weights
from ecg_diffusion.autoencoder.inference import open_autoencoder
from ecg_diffusion.denoiser.inference import build_denoiser


def with_config(weights: Weights, **config: object) -> Weights:
    return attrs.evolve(weights, about={**weights.about, "config": config})


def test_options_of_a_denoiser_beside_its_name_are_read(trained: Path):
    """As checkpoints of earlier versions have them."""
    weights = read_weights(trained)
    before = with_config(
        weights,
        model="diffusion.unet",
        unet={"dim": 8, "dim_mults": [1, 2], "layers": 1, "attention_levels": 1, "dropout": 0.0},
        noise=weights.config["noise"],
        contrast={"weight": 0.5, "temperature": 0.1},
        latents="latents",
    )
    found, expected = build_denoiser(before).state_dict(), build_denoiser(weights).state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in found.items())


def test_options_of_an_autoencoder_beside_its_name_are_read(study, tmp_path: Path):
    weights = read_weights(study.vae)
    before = with_config(weights, model="diffusion.vae", vae={"channels": [4, 4, 4, 4]}, images="images")
    write_weights(tmp_path / "before.safetensors", before)
    assert open_autoencoder(tmp_path / "before.safetensors").digest == open_autoencoder(study.vae).digest


def test_options_that_are_not_known_are_named(trained: Path):
    weights = read_weights(trained)
    with pytest.raises(CheckpointError, match=r"not known here, by another version perhaps: model\.depth: unknown"):
        build_denoiser(with_config(weights, model={"name": "diffusion.unet", "depth": 3}))
