"""Contract tests of models and data sets for the tasks here: subclass one, name your plugin, and pytest does the rest.

    from ecg_diffusion.testing import DenoiserContract

    class TestAcmeDenoiser(DenoiserContract):
        name = "acme.denoiser"

Needs ``ecg-core[testing]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecg_core.testing import DatasetContract, ModelContract
from ecg_diffusion.autoencoder.network import AutoencoderRequest
from ecg_diffusion.data.pictures import PictureRequest
from ecg_diffusion.denoiser.request import DenoiserRequest
from ecg_diffusion.evaluation.classifier import ClassifierRequest
from ecg_diffusion.images import SIDE_PX
from ecg_diffusion.latents.data import LatentRequest
from ecg_diffusion.latents.normalization import Normalization
from ecg_diffusion.sampling.noise import NoiseConfig

CLASSES = ("ID_1", "ID_2", "ID_3")
LATENT_SHAPE = (4, 8, 8)


class AutoencoderContract(ModelContract):
    """What every autoencoder that `diffusion.train_vae` may be told to train must do.

    Attributes:
        side_px: side of the pictures that it is tried on.
    """

    side_px = 64

    def request(self) -> AutoencoderRequest:
        """Ask for an autoencoder of small pictures."""
        return AutoencoderRequest(side_px=self.side_px)

    def batch(self, torch: Any, seed: int) -> Mapping[str, Any]:
        """Make two pictures of one colour each, in noise."""
        generator = torch.Generator().manual_seed(seed)
        colours = torch.randint(60, 200, (2, 3, 1, 1), generator=generator)
        shades = torch.randint(-20, 21, (2, 3, self.side_px, self.side_px), generator=generator)
        latent_shape = self.chosen(self.options_of(self.name)).make(self.request()).latent_shape
        return {
            "pictures": (colours + shades).to(torch.uint8),
            "noise": torch.randn(2, *latent_shape, generator=generator),
            "counts": torch.ones(2),
        }

    def test_its_network_makes_latents_of_the_shape_that_it_tells(self, torch: Any, make: Any) -> None:
        model = make().eval()
        with torch.no_grad():
            latents = model.net.encode(torch.zeros(2, 3, self.side_px, self.side_px)).latent_dist.mean
            pictures = model.net.decode(latents).sample
        assert tuple(latents.shape) == (2, *model.latent_shape)
        assert tuple(pictures.shape) == (2, 3, self.side_px, self.side_px)


class DenoiserContract(ModelContract):
    """What every denoiser that `diffusion.train` may be told to train must do."""

    monitored = "mse"

    def request(self) -> DenoiserRequest:
        """Ask for a denoiser of small latents of three classes."""
        channels = LATENT_SHAPE[0]
        return DenoiserRequest(
            noise=NoiseConfig(),
            classes=CLASSES,
            latent_shape=LATENT_SHAPE,
            normalization=Normalization((0.5,) * channels, (2.0,) * channels),
            vae={"path": "vae", "digest": "0"},
        )

    def batch(self, torch: Any, seed: int) -> Mapping[str, Any]:
        """Make six latents, two of each class; in training the class of one is left out."""
        generator = torch.Generator().manual_seed(seed)
        normal = {name: torch.randn(6, *LATENT_SHAPE, generator=generator) for name in ("posterior_noise", "noise")}
        label = torch.arange(6) % len(CLASSES)
        return {
            **normal,
            "mean": label[:, None, None, None] + torch.randn(6, *LATENT_SHAPE, generator=generator),
            "std": torch.full((6, *LATENT_SHAPE), 0.1),
            "timestep": torch.randint(1000, (6,), generator=generator),
            "label": label,
            "condition": torch.where(torch.arange(6) == 5, len(CLASSES), label),
            "wrong": (label + 1) % len(CLASSES),
            "counts": torch.ones(6),
        }

    def inputs(self, batch: Mapping[str, Any]) -> tuple[Any, ...]:
        """Take noise, timesteps and classes."""
        return batch["noise"], batch["timestep"], batch["condition"]

    def output_shape(self, batch: Mapping[str, Any]) -> tuple[int, ...]:
        """Expect a prediction of the shape of the latents."""
        return (len(batch["noise"]), *LATENT_SHAPE)

    def test_it_has_what_sampling_needs(self, torch: Any, make: Any) -> None:
        model = make().eval()
        assert list(model.classes) == list(CLASSES)
        assert tuple(model.latent_shape) == LATENT_SHAPE
        assert model.noise == NoiseConfig()
        assert {"classes", "latent_shape", "vae"} <= model.signal_contract.keys()
        assert model.denormalized_on_host(torch.zeros(2, *LATENT_SHAPE)).shape == (2, *LATENT_SHAPE)


class PictureClassifierContract(ModelContract):
    """What every classifier that `diffusion.evaluate` may be told to train must do.

    Attributes:
        side_px: side of the pictures that it is tried on.
    """

    monitored = "accuracy"
    side_px = 32

    def request(self) -> ClassifierRequest:
        """Ask for a classifier of three classes."""
        return ClassifierRequest(num_classes=len(CLASSES), side_px=self.side_px)

    def batch(self, torch: Any, seed: int) -> Mapping[str, Any]:
        """Make six pictures; each class has its own level of gray, in noise."""
        generator = torch.Generator().manual_seed(seed)
        target = torch.arange(6) % len(CLASSES)
        noise = torch.randint(-20, 21, (6, 3, self.side_px, self.side_px), generator=generator)
        levels = 40 + 80 * target[:, None, None, None]
        return {"pixels": (levels + noise).to(torch.uint8), "target": target, "counts": torch.ones(6)}

    def inputs(self, batch: Mapping[str, Any]) -> tuple[Any, ...]:
        """Take the pictures."""
        return (batch["pixels"],)

    def output_shape(self, batch: Mapping[str, Any]) -> tuple[int, ...]:
        """Expect a logit for each class."""
        return (len(batch["pixels"]), len(CLASSES))

    def test_it_has_features_and_a_head(self, torch: Any, make: Any) -> None:
        model, batch = make().eval(), self.batch(torch, 0)
        with torch.no_grad():
            features = model.features(batch["pixels"])
            logits = model.head(features)
        assert features.ndim == 2
        assert tuple(logits.shape) == self.output_shape(batch)

    def test_its_figures_are_accuracy_and_macro_f1(self, torch: Any, make: Any) -> None:
        model = make().eval()
        assert {"accuracy", "macro_f1"} <= model.figures(self._statistics(torch, model, 0)).keys()


class PictureDatasetContract(DatasetContract):
    """What every data set that `diffusion.train_vae` may be told to train on must do."""

    fields = {"pictures": ("uint8", (3, SIDE_PX, SIDE_PX)), "noise": ("float32", LATENT_SHAPE)}  # noqa: RUF012 - constant

    def request(self, *, seed: int) -> PictureRequest:
        """Ask for two pictures a batch."""
        return PictureRequest(latent_shape=LATENT_SHAPE, batch_size=2, workers=0, seed=seed)


class LatentDatasetContract(DatasetContract):
    """What every data set that `diffusion.train` may be told to train on must do."""

    fields = {  # noqa: RUF012 - constant
        "posterior_noise": ("float32", (None, None, None)),
        "noise": ("float32", (None, None, None)),
        "timestep": ("int64", ()),
        "label": ("int64", ()),
    }

    def request(self, *, seed: int) -> LatentRequest:
        """Ask for two latents a batch."""
        return LatentRequest(
            timesteps=1000, cond_drop_prob=0.5, validation_repeats=2, batch_size=2, workers=0, seed=seed
        )

    def test_it_has_latents_or_pictures_and_the_condition_of_its_split(self, torch: Any, make: Any) -> None:
        for split, names in (("train", {"condition"}), ("validation", {"wrong", "counts"})):
            batch = next(iter(make().batches(split, epoch=0)))
            assert names <= batch.keys(), split
            assert {"mean", "std"} <= batch.keys() or "pictures" in batch, split

    def test_it_tells_what_the_denoiser_must_know(self, torch: Any, make: Any) -> None:
        data = make()
        inputs, batch = data.training_inputs(), next(iter(data.batches("train", epoch=0)))
        assert tuple(batch["noise"].shape[1:]) == tuple(inputs.latent_shape)
        assert int(batch["label"].max()) < len(inputs.classes)
        assert len(inputs.normalization.mean) == len(inputs.normalization.std) == inputs.latent_shape[0]
        assert inputs.autoencoder.latent_channels == inputs.latent_shape[0]
