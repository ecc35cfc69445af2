"""The contract of a backbone."""

from __future__ import annotations

from typing import Any

import pytest

from ecg_core.plugins.registry import registry
from ecg_core.testing.contract import Contract


class BackboneContract(Contract):
    """What every plugin under ``ecg.backbones`` must do. Skipped without torch.

    Attributes:
        name: of the backbone.
        size_px: height and width of the images to try, multiples of its largest reduction.
        in_channels: numbers of image channels to try.
    """

    size_px: tuple[int, int] = (64, 96)
    in_channels: tuple[int, ...] = (1, 3)

    @pytest.fixture
    def torch(self) -> Any:
        """The torch module, seeded."""
        torch = pytest.importorskip("torch")
        torch.manual_seed(0)
        return torch

    @pytest.fixture
    def make(self, torch: Any) -> Any:
        """The factory, for backbones without pretrained weights."""
        factory = registry().load("backbones", self.name)
        return lambda in_channels: factory(in_channels, False)

    def images(self, torch: Any, in_channels: int) -> Any:
        """Random images, shape (2, in_channels, height, width)."""
        return torch.randn(2, in_channels, *self.size_px)

    def test_it_is_a_module_that_describes_its_maps(self, torch: Any, make: Any) -> None:
        backbone = make(self.in_channels[0])
        assert isinstance(backbone, torch.nn.Module)
        assert len(backbone.channels) == len(backbone.reductions) > 0
        assert list(backbone.reductions) == sorted(set(backbone.reductions)), "maps go from fine to coarse"

    def test_the_maps_have_the_channels_and_sizes_it_describes(self, torch: Any, make: Any) -> None:
        height_px, width_px = self.size_px
        for in_channels in self.in_channels:
            backbone = make(in_channels)
            maps = backbone(self.images(torch, in_channels))
            assert [tuple(each.shape) for each in maps] == [
                (2, channels, height_px // reduction, width_px // reduction)
                for channels, reduction in zip(backbone.channels, backbone.reductions, strict=True)
            ]

    def test_every_parameter_gets_a_gradient(self, torch: Any, make: Any) -> None:
        backbone = make(self.in_channels[0]).train()
        maps = backbone(self.images(torch, self.in_channels[0]))
        sum((each * torch.randn_like(each)).sum() for each in maps).backward()
        parameters = dict(backbone.named_parameters())
        assert parameters
        without = [name for name, each in parameters.items() if each.grad is None or not each.grad.abs().sum() > 0]
        assert not without

    def test_every_map_depends_on_the_images(self, torch: Any, make: Any) -> None:
        backbone = make(self.in_channels[0]).eval()
        with torch.no_grad():
            pairs = zip(
                backbone(self.images(torch, self.in_channels[0])),
                backbone(self.images(torch, self.in_channels[0])),
                strict=True,
            )
            assert all(not torch.equal(one, other) for one, other in pairs)

    def test_its_weights_can_be_carried_to_another(self, torch: Any, make: Any) -> None:
        one, other = make(self.in_channels[0]).eval(), make(self.in_channels[0]).eval()
        other.load_state_dict(one.state_dict())
        images = self.images(torch, self.in_channels[0])
        with torch.no_grad():
            for expected, found in zip(one(images), other(images), strict=True):
                torch.testing.assert_close(found, expected)
