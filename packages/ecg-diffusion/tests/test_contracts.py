"""Every model and data set that ecg-diffusion registers keeps the contract of the task that takes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ecg_core.plugins.registry import registry
from ecg_diffusion.testing import (
    AutoencoderContract,
    DenoiserContract,
    LatentDatasetContract,
    PictureClassifierContract,
    PictureDatasetContract,
)


class TestVae(AutoencoderContract):
    name = "diffusion.vae"

    def options_of(self, name: str) -> Mapping[str, Any]:
        return {"channels": [4, 4, 4, 4]}


class TestUNet(DenoiserContract):
    name = "diffusion.unet"

    def options_of(self, name: str) -> Mapping[str, Any]:
        return {"dim": 8, "dim_mults": [1, 2], "contrast": {"weight": 0.1}}


class TestResNet18(PictureClassifierContract):
    name = "diffusion.resnet18"


class TestPictures(PictureDatasetContract):
    name = "diffusion.pictures"

    @pytest.fixture(autouse=True)
    def of_the_study(self, study) -> None:
        self.own = {"images": str(study.images), "split": str(study.split), "validation_share": 0.25}

    def options_of(self, name: str, folder: Path) -> Mapping[str, Any]:
        return self.own


class TestLatents(LatentDatasetContract):
    name = "diffusion.latents"

    @pytest.fixture(autouse=True)
    def of_the_study(self, study) -> None:
        self.own = {"latents": str(study.latents), "check": str(study.check), "validation_share": 0.25}

    def options_of(self, name: str, folder: Path) -> Mapping[str, Any]:
        return self.own


@pytest.mark.parametrize(
    ("kind", "tests"), [("models", (TestVae, TestUNet, TestResNet18)), ("datasets", (TestPictures, TestLatents))]
)
def test_whatever_is_registered_is_enrolled_in_a_contract(kind: str, tests: tuple[type, ...]):
    registered = {entry.name for entry in registry().entries(kind) if entry.distribution == "ecg-diffusion"}
    assert registered == {each.name for each in tests}
