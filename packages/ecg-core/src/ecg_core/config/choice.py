"""Options that are plugins: which one, and the options of its own that its spec's configuration class describes.

``model: seg.unet`` and ``model: {name: seg.unet, width: 48}`` mean the same to a file; on the command line
``--set model=acme.net --set model.depth=3`` chooses a plugin and sets an option of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import attrs

from ecg_core.errors import LONGEST_SHOWN, ConfigError, shown, shown_name
from ecg_core.plugins.guard import guarded
from ecg_core.plugins.loading import import_for, spec_of
from ecg_core.plugins.registry import registry

RECIPE = "ecg_recipe"
"""Metadata of a field: whether it decides what is made of an item."""

NAME = "name"
"""Key of the plugin's name among its options in a file; no plugin may call an option so."""

KIND, DEFAULT, TABLE = "ecg_kind", "ecg_default", "ecg_table"
"""Metadata of a field: kind of the plugin, name and options of the default one, whether it holds options by name."""


@attrs.frozen
class Choice:
    """A plugin that was chosen, and its options.

    Attributes:
        kind: ``models``, ``executors`` …
        name: of the plugin, or ``distribution:name``.
        options: an instance of its configuration class; None where its spec names none.
    """

    kind: str
    name: str
    options: Any = None

    def load(self) -> Any:
        """The implementation, imported; errors as of `ecg_core.plugins.registry.Registry.load`."""
        return registry().load(self.kind, self.name)

    def make(self, *arguments: Any) -> Any:
        """What the implementation makes of the options: ``implementation(options, *arguments)``.

        A plugin without options is called without them.

        Raises:
            ConfigError: the plugin is made for another task: it asks the arguments for what they do not have.
            PluginError: as of `load`.
        """
        own = () if self.options is None else (self.options,)
        implementation = self.load()
        try:
            with guarded(f"The {self.kind.removesuffix('s')} {self.name}"):
                return implementation(*own, *arguments)
        except AttributeError as error:
            request = next((each for each in arguments if each is getattr(error, "obj", None)), None)
            if request is None:
                raise
            raise ConfigError(
                f"{self.name} is made for another task: it asks for {error.name}, which a {type(request).__name__} "
                f"does not tell; `ecg list {self.kind}` shows others"
            ) from error


@attrs.frozen
class PluginOptions:
    """Options of plugins of one kind, by the name of the plugin; those of the others stay at their defaults.

    Attributes:
        kind: of the plugins.
        given: instances of the configuration classes, by name.
    """

    kind: str
    given: Mapping[str, Any] = attrs.field(factory=dict)

    def choose(self, name: str) -> Choice:
        """A plugin with its options.

        Raises:
            PluginError: it is absent, ambiguous or broken.
        """
        return Choice(self.kind, name, self.given[name]) if name in self.given else default_choice(self.kind, name)


def plugin_option(
    kind: str, default: str, *, help: str, options: Mapping[str, Any] | None = None, in_recipe: bool = True
) -> Any:
    """A field of a configuration class that holds a `Choice`.

    Args:
        kind: of the plugin, ``models`` say.
        default: name of the one that is taken unless another is chosen.
        help: one line for ``ecg run TASK --help``.
        options: of the default one, where they are not to be its own defaults.
        in_recipe: see `ecg_core.config.option`.
    """
    return attrs.field(
        default=attrs.Factory(lambda: default_choice(kind, default, options)),
        kw_only=True,
        metadata={"ecg_help": help, KIND: kind, DEFAULT: (default, options), RECIPE: in_recipe},
    )


def plugin_options(kind: str, *, help: str) -> Any:
    """A field of a configuration class that holds the `PluginOptions` of a kind.

    Args:
        kind: of the plugins.
        help: one line for ``ecg run TASK --help``.
    """
    return attrs.field(
        default=attrs.Factory(lambda: PluginOptions(kind)),
        kw_only=True,
        metadata={"ecg_help": help, KIND: kind, TABLE: True},
    )


def config_class(kind: str, name: str) -> type | None:
    """The class of a plugin's options; None where its spec names none.

    Raises:
        PluginError: the plugin is absent, ambiguous or broken.
    """
    entry = registry().find(kind, name)
    spec = spec_of(entry)
    target = getattr(spec, "config", None)
    return import_for(entry, spec, target) if target else None


def default_choice(kind: str, name: str, options: Mapping[str, Any] | None = None) -> Choice:
    """A plugin with its options as they are by default, but for some.

    Raises:
        PluginError: it is absent, ambiguous or broken.
    """
    cls = config_class(kind, name)
    return Choice(kind, name, cls(**(options or {})) if cls else None)


def name_and_options(value: Any, kind: str, default_name: str) -> tuple[str, dict[str, Any]]:
    """What a file or a command line says of a choice: the plugin's name, and options for it.

    Args:
        value: a name, or options with or without the name.
        kind: of the plugin.
        default_name: of the plugin where none is given.

    Raises:
        TypeError: it is neither a name nor options.
    """
    if isinstance(value, str) and len(value) <= LONGEST_SHOWN:
        return value, {}
    if not isinstance(value, Mapping):
        raise TypeError(f"must be the name of a plugin (`ecg list {kind}`), or its name and options: {shown(value)}")
    given = dict(value)
    name = given.pop(NAME, default_name)
    if not isinstance(name, str) or len(name) > LONGEST_SHOWN:
        raise TypeError(f"{NAME} must be the name of a plugin (`ecg list {kind}`), found {shown(name)}")
    return name, given


def refuse_options(kind: str, name: str, given: Any) -> None:
    """Check that no options are given for a plugin without a configuration class.

    Raises:
        ConfigError: options are given for it nevertheless.
    """
    if given:
        found = ", ".join(map(shown_name, islice(given, 5))) if isinstance(given, Mapping) else shown(given)
        raise ConfigError(f"the {kind.removesuffix('s')} {name} takes no options, found {found}")
