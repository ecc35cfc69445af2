"""Models and data sets of another distribution, chosen by name on the command line, with options of their own."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecg_core.cli.main import main
from ecg_core.plugins.registry import registry
from ecg_diffusion.images.folders import find_classes

MODULE = '''
from pathlib import Path

import attrs
import torch
from torch import nn
from torch.nn import functional as F

from ecg_core.config import option
from ecg_core.plugins.spec import DatasetSpec, ModelSpec
from ecg_diffusion.autoencoder.model import KlVae
from ecg_diffusion.autoencoder.network import VaeConfig
from ecg_diffusion.latents.data import LatentData
from ecg_diffusion.latents.sources import LatentDataConfig


@attrs.frozen(kw_only=True)
class WidthConfig:
    width: int = option(4, help="channels")


@attrs.frozen(kw_only=True)
class StudyConfig:
    folder: Path = option(help="of check and latents")


class Vae(KlVae):
    def __init__(self, config, request):
        super().__init__(VaeConfig(channels=(config.width,) * 4), request)


class Latents(LatentData):
    def __init__(self, config, request):
        folder = config.folder
        super().__init__(LatentDataConfig(latents=folder / "latents", check=folder / "check"), request)


class Denoiser(nn.Module):
    """Predicts by one convolution, without a look at timestep or class."""

    def __init__(self, config, request):
        super().__init__()
        self.classes, self.latent_shape, self.noise = list(request.classes), request.latent_shape, request.noise
        channels = request.latent_shape[0]
        self.net = nn.Sequential(nn.Conv2d(channels, config.width, 1), nn.Conv2d(config.width, channels, 1))
        self.signal_contract = {
            "classes": self.classes, "latent_shape": list(self.latent_shape), "vae": dict(request.vae)
        }

    def forward(self, noisy, timestep, condition):
        return self.net(noisy)

    def denormalized_on_host(self, latents):
        return latents

    def training_step(self, batch):
        mse = (self(batch["noise"], batch["timestep"], batch["condition"]) - batch["mean"]).square().mean()
        return {"loss": mse, "mse": mse}

    def evaluation_step(self, batch):
        return {"mse": (self(batch["noise"], None, None) - batch["mean"]).square().mean(), "count": torch.ones(())}

    def figures(self, totals):
        mse = float(totals["mse"] / totals["count"])
        return {"loss": mse, "mse": mse}


class Classifier(nn.Module):
    """Made of the request alone."""

    def __init__(self, request):
        super().__init__()
        self.num_classes = request.num_classes
        self.head = nn.Linear(3, request.num_classes)

    def features(self, pixels):
        return pixels.float().mean(dim=(2, 3)) / 255

    def forward(self, pixels):
        return self.head(self.features(pixels))

    def training_step(self, batch):
        return {"loss": F.cross_entropy(self(batch["pixels"]), batch["target"])}

    def evaluation_step(self, batch):
        right = (self(batch["pixels"]).argmax(dim=1) == batch["target"]).float() * batch["counts"]
        return {"right": right.sum(), "count": batch["counts"].sum()}

    def figures(self, totals):
        accuracy = float(totals["right"] / totals["count"])
        return {"loss": 1 - accuracy, "accuracy": accuracy, "macro_f1": accuracy}


vae = ModelSpec(implementation="acme_parts:Vae", config="acme_parts:WidthConfig", summary="a narrow autoencoder")
denoiser = ModelSpec(implementation="acme_parts:Denoiser", config="acme_parts:WidthConfig", summary="one convolution")
classifier = ModelSpec(implementation="acme_parts:Classifier", summary="mean colours")
latents = DatasetSpec(implementation="acme_parts:Latents", config="acme_parts:StudyConfig", summary="of a study")
'''
MODELS = "".join(f"acme.{name} = acme_parts:{name}\n" for name in ("vae", "denoiser", "classifier"))


@pytest.fixture(autouse=True)
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution that counts as installed."""
    site = tmp_path / "site"
    info = site / "acme_parts-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-parts\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[ecg.models]\n{MODELS}[ecg.datasets]\nacme.latents = acme_parts:latents\n")
    (site / "acme_parts.py").write_text(MODULE)
    monkeypatch.syspath_prepend(site)
    importlib.invalidate_caches()
    registry.cache_clear()
    yield
    sys.modules.pop("acme_parts", None)
    monkeypatch.undo()
    registry.cache_clear()


def ecg(task: str, out: Path, *options: str) -> None:
    words = [word for option in options for word in ("--set", option)]
    with pytest.raises(SystemExit) as ended:
        main(["run", task, "--backend", "cpu", "--out", str(out), *words])
    assert ended.value.code in (0, None)


def test_a_foreign_denoiser_learns_from_a_foreign_data_set_and_is_sampled(study, tmp_path: Path):
    folder = study.latents.parent
    ecg(
        *("diffusion.train", tmp_path / "run", "data=acme.latents", f"data.folder={folder}", "model=acme.denoiser"),
        *("model.width=3", "steps=2", "batch_size=2", "evaluate_every_steps=2"),
    )
    last = json.loads((tmp_path / "run/checkpoints/step-0000002/checkpoint.json").read_text())
    assert last["config"]["model"] == {"name": "acme.denoiser", "width": 3}
    ecg("diffusion.sample", tmp_path / "samples", f"weights={tmp_path / 'run'}", "per_class=1", "steps=2")
    checkpoint = next(each for each in (tmp_path / "samples").iterdir() if each.is_dir())
    assert list(find_classes(checkpoint)) == ["ID_1", "ID_2"]


def test_a_foreign_autoencoder_learns_and_encodes(study, tmp_path: Path):
    data = (f"images={study.images}", f"split={study.split}")
    ecg(
        *("diffusion.train_vae", tmp_path / "vae", *(f"data.{each}" for each in data), "data.validation_share=0.25"),
        *("model=acme.vae", "model.width=8", "steps=1", "batch_size=2", "workers=0"),
    )
    ecg("diffusion.check_latents", tmp_path / "check", *data, f"vae={tmp_path / 'vae'}")
    assert json.loads((tmp_path / "check/latents.json").read_text())["shape"] == [4, 32, 32]


def test_a_foreign_classifier_measures(study, tmp_path: Path):
    ecg(
        *("diffusion.evaluate", tmp_path / "figures", f"images={study.images}", f"split={study.split}", "seeds=1"),
        *("real_counts=[2]", "classifier.model=acme.classifier", "classifier.steps=2", "classifier.side_px=32"),
    )
    found = json.loads((tmp_path / "figures/evaluation.json").read_text())
    assert 0 <= found["real_only"]["accuracy"]["mean"] <= 1
