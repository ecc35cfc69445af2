"""What our other distributions register keeps the contract of every entry point."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from ecg_core.plugins.registry import registry
from ecg_core.testing import SpecContract

PACKAGES = Path(__file__).parent.parent / "packages"


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


@pytest.mark.parametrize("distribution", ["ecg-seg", "ecg-classify"])
@pytest.mark.parametrize("kind", ["models", "datasets"])
def test_whatever_is_registered_is_enrolled_in_the_contract_of_its_kind(distribution: str, kind: str):
    if not any(entry.distribution == distribution for entry in registry().entries(kind)):
        pytest.skip(f"{distribution} is not installed")
    tests = (PACKAGES / distribution / "tests" / "test_contracts.py").read_text(encoding="utf-8")
    enrolled = rf'class \w+\(\w*{kind[:-1].capitalize()}Contract\):\n    distribution = "{distribution}"'
    assert re.search(enrolled, tests), f"a class over every of the {kind} of {distribution} belongs there"
