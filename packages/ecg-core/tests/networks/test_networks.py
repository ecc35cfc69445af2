from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from ecg_core.errors import ConfigError, DataError  # noqa: E402
from ecg_core.networks.backbones import make_backbone  # noqa: E402
from ecg_core.networks.light import LightEncoder  # noqa: E402
from ecg_core.networks.unet import UNet  # noqa: E402
from ecg_core.networks.upsample import double  # noqa: E402
from ecg_core.testing import BackboneContract  # noqa: E402


class TestLightBackbone(BackboneContract):
    name = "light"


def test_doubling_equals_nearest_interpolation_forward_and_backward() -> None:
    maps = torch.randn(2, 3, 5, 7, requires_grad=True)
    ours, theirs = double(maps), F.interpolate(maps, scale_factor=2, mode="nearest")
    torch.testing.assert_close(ours, theirs)
    weights = torch.randn_like(ours)
    (gradient,) = torch.autograd.grad((ours * weights).sum(), maps, retain_graph=True)
    (expected,) = torch.autograd.grad((theirs * weights).sum(), maps)
    torch.testing.assert_close(gradient, expected)


def test_unet_gives_a_value_a_pixel() -> None:
    network = UNet(LightEncoder(3), 5)
    assert network(torch.zeros(2, 3, 48, 80)).shape == (2, 5, 48, 80)
    assert network.multiple == 16


def test_unet_is_local_to_the_pixel() -> None:
    """A network that can tell a pixel from its neighbour: it learns to copy a checkerboard."""
    torch.manual_seed(0)
    network = UNet(LightEncoder(1, (8, 16)), 1)
    pattern = (torch.rand(8, 1, 16, 16) > 0.5).float()
    optimizer = torch.optim.Adam(network.parameters(), 0.01)
    for _ in range(150):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(network(pattern), pattern)
        loss.backward()
        optimizer.step()
    assert ((network(pattern) > 0) == (pattern > 0.5)).float().mean() > 0.99


def test_decoder_widths_must_be_as_many_as_its_steps() -> None:
    with pytest.raises(ValueError, match="3 decoder widths, not 2"):
        UNet(LightEncoder(3), 5, decoder_channels=(8, 8))


@pytest.mark.parametrize("name", ["resnet18", "efficientnet_b0", "convnext_tiny"])
def test_timm_models_by_name(name: str) -> None:
    pytest.importorskip("timm")
    backbone = make_backbone(name, in_channels=3)
    network = UNet(backbone, 2).eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 3, 64, 96)).shape == (1, 2, 64, 96)


def test_one_channel_for_timm() -> None:
    pytest.importorskip("timm")
    maps = make_backbone("resnet18", in_channels=1)(torch.zeros(1, 1, 64, 64))
    assert [each.shape[-1] for each in maps] == [32, 16, 8, 4, 2]


def test_unknown_name_suggests_near_ones() -> None:
    pytest.importorskip("timm")
    with pytest.raises(ConfigError, match="resnet34"):
        make_backbone("resnet34x", in_channels=3)


def test_model_without_a_pyramid_is_refused() -> None:
    pytest.importorskip("timm")
    with pytest.raises(ConfigError, match="pyramid"):
        make_backbone("vit_tiny_patch16_224", in_channels=3)


class NotInTheCacheError(FileNotFoundError):
    """As `huggingface_hub.errors.LocalEntryNotFoundError` is one."""


@pytest.mark.parametrize("error", [NotInTheCacheError("the hub"), ConnectionError("no network"), ValueError("damaged")])
def test_pretrained_weights_that_cannot_be_fetched_are_told(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    timm = pytest.importorskip("timm")

    def failing(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(timm, "create_model", failing)
    with pytest.raises(DataError, match=r"backbone resnet18: its pretrained weights .* set pretrained to false"):
        make_backbone("resnet18", in_channels=3, pretrained=True)


def test_plugins_come_before_timm() -> None:
    assert isinstance(make_backbone("light", in_channels=3), LightEncoder)
    assert isinstance(make_backbone("light", in_channels=3), nn.Module)


@pytest.mark.parametrize(("name", "reductions"), [("light", (2, 4, 8, 16)), ("lighter", (4, 8, 16, 32))])
def test_light_encoders_give_maps_of_the_sizes_they_say(name: str, reductions: tuple[int, ...]) -> None:
    encoder = make_backbone(name, in_channels=3)
    assert encoder.reductions == reductions
    maps = encoder(torch.zeros(1, 3, 64, 96))
    assert [tuple(each.shape[1:]) for each in maps] == [
        (channels, 64 // reduction, 96 // reduction)
        for channels, reduction in zip(encoder.channels, reductions, strict=True)
    ]


@pytest.mark.parametrize("name", ["light", "lighter"])
def test_light_encoders_have_no_pretrained_weights(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} has no pretrained"):
        make_backbone(name, in_channels=3, pretrained=True)
