"""What our other distributions register keeps the contract of every entry point."""

from __future__ import annotations

from importlib import metadata

import pytest

from ecg_core.testing import SpecContract


class OfOurs(SpecContract):
    """Skipped where the distribution is not installed."""

    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        try:
            metadata.version(self.distribution)
        except metadata.PackageNotFoundError:
            pytest.skip(f"{self.distribution} is not installed")


class TestRender(OfOurs):
    distribution = "ecg-render"


class TestDigitize(OfOurs):
    distribution = "ecg-digitize"
    needs = ("torch",)


class TestSeg(OfOurs):
    distribution = "ecg-seg"
    needs = ("torch",)


class TestClassify(OfOurs):
    distribution = "ecg-classify"
    needs = ("torch",)


class TestDiffusion(OfOurs):
    distribution = "ecg-diffusion"
    needs = ("torch",)
