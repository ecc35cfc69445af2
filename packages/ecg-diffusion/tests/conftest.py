"""A study of two classes of simple pictures, with networks as small as they get."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np
import pytest

from ecg_core.config import Choice
from ecg_core.context import RunContext
from ecg_core.pictures import write_png
from ecg_diffusion.autoencoder.network import VaeConfig
from ecg_diffusion.data.pictures import PictureDataConfig
from ecg_diffusion.denoiser.network import UNetConfig
from ecg_diffusion.denoiser.request import GridConfig
from ecg_diffusion.latents.sources import LatentDataConfig
from ecg_diffusion.tasks import cache_latents, check_latents, split, train, train_vae
from ecg_diffusion.tasks.cache_latents import CacheLatentsConfig
from ecg_diffusion.tasks.check_latents import CheckLatentsConfig
from ecg_diffusion.tasks.split import SplitConfig
from ecg_diffusion.tasks.train import DiffusionTrainConfig
from ecg_diffusion.tasks.train_vae import TrainVaeConfig

TINY_VAE = Choice("models", "diffusion.vae", VaeConfig(channels=(4, 4, 4, 4)))
TINY_UNET = Choice("models", "diffusion.unet", UNetConfig(dim=8, dim_mults=(1, 2)))
CLASSES, PICTURES, PER_CLASS = ("ID_1", "ID_2"), 6, 4


def make_context(task: str, out_dir: Path, **options: object) -> RunContext:
    out_dir.mkdir(parents=True, exist_ok=True)
    return attrs.evolve(RunContext(task=task, out_dir=out_dir, backend="cpu"), **options)


def make_pictures(folder: Path) -> Path:
    """Stripes across for one class and down for the other, at random places."""
    rng = np.random.default_rng(0)
    for axis, label in enumerate(CLASSES):
        for number in range(PICTURES):
            picture = np.zeros((256, 256, 3), np.uint8)
            place = int(rng.integers(220))
            stripe = (slice(None), slice(place, place + 30))[:: 1 if axis else -1]
            picture[stripe] = rng.integers(100, 255, 3)
            write_png(folder / label / f"{number:04}.png", picture)
    return folder


@attrs.frozen
class Study:
    """Folders of a study, up to the latents."""

    images: Path
    split: Path
    vae: Path
    check: Path
    latents: Path

    def data(self, **options: object) -> LatentDataConfig:
        """The latents of the study."""
        return LatentDataConfig(
            **{"latents": self.latents, "check": self.check, "validation_share": 0.25} | options,
        )

    def training(self, data: LatentDataConfig | None = None, **options: object) -> DiffusionTrainConfig:
        """A few steps of the denoiser."""
        common = {
            "data": Choice("datasets", "diffusion.latents", data or self.data()),
            "model": TINY_UNET,
            "steps": 4,
            "evaluate_every_steps": 2,
            "batch_size": 4,
            "log_every_steps": 1,
            "grid": GridConfig(per_class=1, steps=2),
        }
        return DiffusionTrainConfig(**common | options)


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("study")
    found = Study(
        make_pictures(folder / "images"),
        folder / "split/split.json",
        folder / "vae",
        folder / "check",
        folder / "latents",
    )
    split.run(SplitConfig(images=found.images, per_class=PER_CLASS), make_context("diffusion.split", folder / "split"))
    config = TrainVaeConfig(
        data=Choice(
            "datasets",
            "diffusion.pictures",
            PictureDataConfig(images=found.images, split=found.split, validation_share=0.25),
        ),
        model=TINY_VAE,
        steps=2,
        batch_size=2,
        workers=0,
        log_every_steps=1,
    )
    train_vae.run(config, make_context("diffusion.train_vae", found.vae))
    common = {"images": found.images, "split": found.split, "vae": found.vae, "batch_size": 4}
    check_latents.run(CheckLatentsConfig(**common), make_context("diffusion.check_latents", found.check))
    cache_latents.run(CacheLatentsConfig(**common), make_context("diffusion.cache_latents", found.latents))
    return found


@pytest.fixture(scope="session")
def trained(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a denoiser after a few steps."""
    folder = tmp_path_factory.mktemp("trained")
    train.run(study.training(), make_context("diffusion.train", folder))
    return folder


@pytest.fixture
def context(tmp_path: Path) -> Callable[..., RunContext]:
    """A context of a task in a folder of this test."""
    return lambda task, name="out", **options: make_context(task, tmp_path / name, **options)
