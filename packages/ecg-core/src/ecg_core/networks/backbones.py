"""Backbones by name: plugins first, then every model of timm that gives a feature pyramid."""

from __future__ import annotations

import difflib
import importlib.util
from typing import Any

from torch import Tensor, nn

from ecg_core.errors import ConfigError, DataError
from ecg_core.plugins.registry import registry


def make_backbone(name: str, *, in_channels: int, pretrained: bool = False) -> Any:
    """A backbone that satisfies `ecg_core.protocols.Backbone`.

    Args:
        name: of a plugin under ``ecg.backbones``, or of a timm model.
        in_channels: channels of the images.
        pretrained: with weights trained on photographs, where there are any; timm downloads them.

    Raises:
        ConfigError: no such backbone, or one that gives no pyramid.
        DataError: the pretrained weights cannot be fetched.
        PluginError: the plugin is broken, or two have this name.
    """
    plugins = {entry.name for entry in registry().entries("backbones")}
    if name in plugins or ":" in name:
        return registry().load("backbones", name)(in_channels=in_channels, pretrained=pretrained)
    if importlib.util.find_spec("timm") is None:
        raise ConfigError(
            f"backbone {name}: no plugin has this name (there are {', '.join(sorted(plugins))}), and timm, whose "
            "models can be used by name, is not installed: pip install timm"
        )
    return TimmBackbone(_checked_name(name, plugins), in_channels=in_channels, pretrained=pretrained)


class TimmBackbone(nn.Module):
    """The feature pyramid of a timm model.

    Args:
        name: of the model.
        in_channels: channels of the images; pretrained weights of the first layer are adapted to them.
        pretrained: with timm's weights.

    Raises:
        ConfigError: the model gives no pyramid.
        DataError: the pretrained weights cannot be fetched.
    """

    def __init__(self, name: str, *, in_channels: int, pretrained: bool) -> None:
        import timm

        super().__init__()
        try:
            body: Any = timm.create_model(name, features_only=True, in_chans=in_channels, pretrained=pretrained)
        except (RuntimeError, AttributeError) as error:
            raise ConfigError(f"backbone {name}: timm cannot make a feature pyramid of it ({error})") from error
        except Exception as error:
            if not pretrained:
                raise
            raise DataError(  # of the network, the hub or a damaged download: they have no common class
                f"backbone {name}: its pretrained weights are not on this machine and could not be fetched "
                f"({type(error).__name__}); connect it to the network, copy the cache of another one (HF_HOME), or set "
                "pretrained to false"
            ) from error
        self.channels: tuple[int, ...] = tuple(body.feature_info.channels())
        self.reductions: tuple[int, ...] = tuple(body.feature_info.reduction())
        self.body = body
        if len(set(self.reductions)) != len(self.reductions):
            raise ConfigError(
                f"backbone {name}: its maps all have one size (1/{self.reductions[0]} of the picture); take a model "
                "with a pyramid, resnet34 or convnext_tiny say"
            )

    def forward(self, images: Tensor) -> list[Tensor]:
        """Images (batch, channel, height, width) to maps from fine to coarse."""
        maps: list[Tensor] = self.body(images)
        return maps


def _checked_name(name: str, plugins: set[str]) -> str:
    import timm

    if timm.is_model(name):
        return name
    near = difflib.get_close_matches(name, [*plugins, *timm.list_models()], n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`ecg list backbones` shows the plugins"
    raise ConfigError(f"backbone {name}: neither a plugin nor a timm model has this name; {hint}")
