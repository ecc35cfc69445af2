"""Options of a task: an attrs class, read from YAML and ``key=value`` words, checked, and written back.

Precedence: defaults < file < overrides. Unknown keys are errors, a word is never silently taken for a number or a
truth value, and every complaint gives the path of its key: ``optim.lrr: unknown key (did you mean optim.lr?)``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ecg_core.config.choice import NAME, Choice, PluginOptions, plugin_option, plugin_options
from ecg_core.config.options import OptionHelp, choices_of, describe, option
from ecg_core.errors import LONGEST_SHOWN, ConfigError, shown, shown_name

__all__ = [
    "Choice",
    "OptionHelp",
    "PluginOptions",
    "apply_override",
    "choices_of",
    "choose",
    "describe",
    "dump_yaml",
    "load_config",
    "option",
    "parse_value",
    "plugin_option",
    "plugin_options",
    "read_yaml",
    "recipe_of",
    "set_path",
    "structure",
    "to_plain",
]

ConfigT = TypeVar("ConfigT")


def load_config(cls: type[ConfigT], *, file: Path | None = None, overrides: Iterable[str] = ()) -> ConfigT:
    """A checked configuration from defaults, a YAML 1.2 file, and ``a.b=c`` words, the later winning.

    Raises:
        ConfigError: one line a fault, each with the path of its key.
    """
    tree = read_yaml(file) if file else {}
    choices = frozenset(choices_of(cls))
    for word in overrides:
        apply_override(tree, word, choices)
    return structure(cls, tree)


def structure(cls: type[ConfigT], tree: Mapping[str, Any]) -> ConfigT:
    """A checked configuration from nested plain values; what is not given stays at its default.

    Raises:
        ConfigError: one line a fault, each with the path of its key.
    """
    from ecg_core.config import structuring

    return structuring.structure(cls, tree)


def choose(kind: str, name: str, options: Mapping[str, Any] | None = None) -> Choice:
    """A plugin with options from nested plain values, as a file would give them.

    Args:
        kind: of the plugin, ``models`` say.
        name: of the plugin.
        options: those that are not to stay at their defaults.

    Raises:
        ConfigError: one line a fault of the options, each with the path of its key.
        PluginError: the plugin is absent, ambiguous or broken.
    """
    from ecg_core.config import structuring

    return structuring.choose(kind, name, options or {})


def to_plain(config: Any) -> dict[str, Any]:
    """A configuration as nested plain values, fit for YAML and JSON."""
    from ecg_core.config import structuring

    return structuring.to_plain(config)


def recipe_of(config: Any) -> dict[str, Any]:
    """The options that decide what a batch makes of an item, as nested plain values; see `option`."""
    from ecg_core.config import structuring

    return structuring.recipe_of(config)


def read_yaml(file: Path) -> dict[str, Any]:
    """The mapping that a YAML 1.2 file holds.

    Raises:
        ConfigError: it cannot be read, is no YAML, or is no mapping.
    """
    from ecg_core.config import yaml12

    try:
        with file.open("rb") as stream:
            content = stream.read(yaml12.MAX_CHARACTERS + 1)
        if len(content) > yaml12.MAX_CHARACTERS:
            raise ConfigError(f"configuration {file} is larger than {yaml12.MAX_CHARACTERS} bytes; is it one?")
        tree = yaml12.load(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"configuration {file} cannot be read: {error}") from error
    except ValueError as error:
        raise ConfigError(f"configuration {file} is not valid YAML: {error}") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(f"configuration {file} must hold `key: value` lines, found a {type(tree).__name__}")
    return tree


def dump_yaml(config: Any) -> str:
    """A configuration as YAML 1.2 that `load_config` reads back to the same."""
    from ecg_core.config import yaml12

    return yaml12.dump(to_plain(config))


def parse_value(text: str) -> Any:
    """A word of the command line as YAML 1.2 reads it: ``1e-3`` a number, ``no`` a word, ``[1, 2]`` a list.

    Raises:
        ConfigError: it is no YAML.
    """
    from ecg_core.config import yaml12

    try:
        return yaml12.load(text)
    except ValueError as error:
        raise ConfigError(
            f"{shown(text)} cannot be read as YAML ({error}); a text with special characters "
            f"goes in quotes of its own: '\"{text if len(text) <= LONGEST_SHOWN else '…'}\"'"
        ) from error


def apply_override(tree: dict[str, Any], word: str, choices: Collection[str] = ()) -> None:
    """Set what ``a.b=c`` says in nested mappings; see `set_path`.

    Raises:
        ConfigError: the word is no such thing, or its value is no YAML.
    """
    path, equals, text = word.partition("=")
    if not equals or not path:
        raise ConfigError(f"--set takes KEY=VALUE, as in --set optim.lr=1e-3; found {shown(word)}")
    try:
        set_path(tree, path, parse_value(text), choices=choices)
    except ConfigError as error:
        raise ConfigError(f"{shown_name(path)}: {error}") from error


def set_path(tree: dict[str, Any], path: str, value: Any, *, choices: Collection[str] = ()) -> None:
    """Set ``a.b`` in nested mappings, making those on the way.

    Args:
        tree: is changed.
        path: with dots.
        value: a plain value.
        choices: paths of options that choose a plugin: ``model.width`` beside ``model: seg.unet`` is an option of that
            one, and the same name again keeps the options that stand there.

    Raises:
        ConfigError: something on the way is a value, not a mapping, or the way is longer than that of any option.
    """
    from ecg_core.config import yaml12

    if path.count(".") >= yaml12.MAX_DEPTH:
        raise ConfigError(f"more than {yaml12.MAX_DEPTH} levels, one in the other")
    *parents, name = path.split(".")
    branch = tree
    for depth, parent in enumerate(parents, start=1):
        here = ".".join(parents[:depth])
        if branch.get(parent) is None:
            branch[parent] = {}
        elif here in choices and isinstance(branch[parent], str):
            branch[parent] = {NAME: branch[parent]}
        branch = branch[parent]
        if not isinstance(branch, dict):
            raise ConfigError(f"{shown_name(here)} holds the value {shown(branch)}, not options of its own")
    earlier = branch.get(name)
    if path in choices and isinstance(earlier, dict) and earlier.get(NAME, value) == value:
        branch[name] = {**earlier, NAME: value}
    else:
        branch[name] = value
