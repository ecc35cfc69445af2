"""Plain values to configuration objects and back: strict, and every fault told with the path of its key."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeVar

import attrs
from cattrs import (
    AttributeValidationNote,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, override

from ecg_core.config.choice import (
    DEFAULT,
    KIND,
    NAME,
    RECIPE,
    TABLE,
    Choice,
    PluginOptions,
    config_class,
    default_choice,
    name_and_options,
    refuse_options,
)
from ecg_core.config.options import default_of, fields_of, refusal, section_class
from ecg_core.errors import ConfigError, PluginError, shown, shown_name

MAX_TOLD = 10
"""Faults that one message tells; who has more has another file than the one he meant."""

ConfigT = TypeVar("ConfigT")
Hook = Callable[[Any, Any], Any]

_KIND_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", Path: "a path"}
_CONTAINERS: dict[Any, Callable[[Iterable[Any]], Any]] = {
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    Sequence: tuple,
    AbstractSet: frozenset,
}


def structure(cls: type[ConfigT], tree: Mapping[str, Any]) -> ConfigT:
    """A checked configuration from nested plain values.

    Raises:
        ConfigError: one line a fault, each with the path of its key.
        PluginError: a plugin that is chosen is absent, ambiguous or broken.
    """
    return _told(lambda: _converter().structure(tree, cls), cls)


def choose(kind: str, name: str, options: Mapping[str, Any]) -> Choice:
    """A plugin with checked options; errors as of `structure`."""
    hook = _plugin_hook(_converter(), kind, ("", None))
    choice: Choice = _told(lambda: hook({**options, NAME: name}, Choice), Choice)
    return choice


def _told(structured: Callable[[], Any], cls: Any) -> Any:
    """The value, or its faults by the paths of their keys."""
    try:
        return structured()
    except Exception as error:
        if plugin_error := _plugin_error(error):
            raise plugin_error from None
        if complaints := _first(_complaints(error, cls, ())):
            raise ConfigError("\n".join(complaints)) from error
        raise


def _first(complaints: Iterator[str]) -> list[str]:
    """As many complaints as are told; the others are not even worded."""
    told = list(islice(complaints, MAX_TOLD))
    return [*told, "and more of the kind"] if next(complaints, None) else told


def to_plain(config: Any) -> dict[str, Any]:
    """A configuration as nested plain values, fit for YAML and JSON."""
    plain: dict[str, Any] = _converter().unstructure(config)
    return plain


def recipe_of(config: Any) -> dict[str, Any]:
    """Those of `to_plain` that decide what is made of an item."""
    plain = to_plain(config)
    for attribute in attrs.fields(type(config)):
        value = getattr(config, attribute.name)
        if not attribute.metadata.get(RECIPE, True):
            del plain[attribute.name]
        elif attrs.has(type(value)) and KIND not in attribute.metadata:
            plain[attribute.name] = recipe_of(value)
    return plain


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind in _KIND_NAMES:
        converter.register_structure_hook(kind, _strict(kind))
    converter.register_structure_hook_factory(_has_choices, _choice_hook)
    converter.register_structure_hook_factory(_is_container, lambda hint: _container_hook(converter, hint))
    converter.register_structure_hook_factory(_is_mapping, lambda hint: _mapping_hook(converter, hint))
    converter.register_structure_hook_factory(_is_plain_union, lambda hint: _union_hook(converter, hint))
    converter.register_structure_hook_factory(attrs.has, lambda cls: _section_hook(converter, cls))
    converter.register_unstructure_hook(Path, str)
    converter.register_unstructure_hook(Choice, lambda choice: _plain_choice(converter, choice))
    converter.register_unstructure_hook(
        PluginOptions,
        lambda table: {name: converter.unstructure(own) for name, own in table.given.items()},
    )
    converter.register_unstructure_hook_func(
        _is_listed, lambda values: [converter.unstructure(value) for value in values]
    )
    return converter


def _section_hook(converter: Converter, cls: type) -> Hook:
    """Structure a section of options; every option is checked, so that no fault hides another."""
    hooks: dict[str, Any] = {
        attribute.name: override(struct_hook=_option_hook(converter, attribute, hint))
        for attribute, hint in fields_of(cls)
    }
    structure_section: Hook = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True, **hooks)

    def hook(value: Any, _hint: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"must hold options of its own, found {shown(value)}")
        return structure_section(value, cls)

    return hook


def _plain_choice(converter: Converter, choice: Choice) -> Any:
    """A name alone, or a name and options."""
    return choice.name if choice.options is None else {NAME: choice.name, **converter.unstructure(choice.options)}


def _plugin_hook(converter: Converter, kind: str, default: tuple[str, Mapping[str, Any] | None]) -> Hook:
    """Structure a choice; the default plugin is looked at only where it is the one that is chosen."""

    def hook(value: Any, _hint: Any) -> Any:
        if isinstance(value, Choice):
            return value
        name, given = name_and_options(value, kind, default[0])
        own = default_choice(kind, *default).options if name == default[0] else None
        return Choice(kind, name, _plugin_options(converter, kind, name, _over(own, given) if own else given))

    return hook


def _table_hook(converter: Converter, kind: str) -> Hook:
    def hook(value: Any, _hint: Any) -> Any:
        if isinstance(value, PluginOptions):
            return value
        if not isinstance(value, Mapping):
            raise TypeError(f"must hold options by the name of the plugin (`ecg list {kind}`), found {shown(value)}")
        triples = ((name, (name, given), PluginOptions) for name, given in value.items())
        options = _each_of(triples, lambda pair, _hint: _plugin_options(converter, kind, str(pair[0]), pair[1]))
        return PluginOptions(kind, dict(zip(value, options, strict=True)))

    return hook


def _plugin_options(converter: Converter, kind: str, name: str, given: Any) -> Any:
    """The options of a plugin, by the class that its spec names."""
    cls = config_class(kind, name)
    if cls is None:
        refuse_options(kind, name, given)
        return None
    return converter.structure(given, cls)


def _option_hook(converter: Converter, attribute: attrs.Attribute, hint: Any) -> Hook:
    if attribute.metadata.get(TABLE):
        return _table_hook(converter, attribute.metadata[KIND])
    if KIND in attribute.metadata:
        return _plugin_hook(converter, attribute.metadata[KIND], attribute.metadata[DEFAULT])
    default = default_of(attribute) if section_class(hint) else None

    def hook(value: Any, _hint: Any) -> Any:
        if attrs.has(type(default)) and isinstance(value, Mapping):
            value = _over(default, value)
        structured = converter.structure(value, hint)
        if complaint := refusal(attribute, structured):
            raise ValueError(complaint)
        return structured

    return hook


def _over(section: Any, given: Mapping[Any, Any]) -> dict[Any, Any]:
    """Options given for a section on top of its own: what is not given stays as the task's author set it."""
    merged: dict[Any, Any] = to_plain(section)
    for key, value in given.items():
        inner = getattr(section, key, None) if isinstance(key, str) else None
        merged[key] = _over(inner, value) if attrs.has(type(inner)) and isinstance(value, Mapping) else value
    return merged


def _strict(kind: type) -> Hook:
    """Take a value only if it is of the kind already; a whole number passes for a float, ``1e3`` for an int."""

    def hook(value: Any, _hint: Any) -> Any:
        if kind is Path and isinstance(value, str | Path):
            return Path(value)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return _as_float(value)
        if kind is int and isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            quotes = f' (in quotes it is one: "{value}")' if kind is str and isinstance(value, int | float) else ""
            raise TypeError(f"must be {_KIND_NAMES[kind]}, found {shown(value)}{quotes}")
        return value

    return hook


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise TypeError(f"must be a finite number, found {shown(value)}") from None


def _has_choices(hint: Any) -> bool:
    return typing.get_origin(hint) is Literal or (isinstance(hint, type) and issubclass(hint, Enum))


def _choice_hook(hint: Any) -> Hook:
    """Take one of the values of a ``Literal`` or an ``Enum``, of its very type: 1 is not True."""
    if typing.get_origin(hint) is Literal:
        choices = [(choice, choice) for choice in typing.get_args(hint)]
    else:
        choices = [(member.value, member) for member in hint]

    def hook(value: Any, _hint: Any) -> Any:
        for choice, result in choices:
            if value == choice and type(value) is type(choice):
                return result
        raise ValueError(f"must be one of {', '.join(str(choice) for choice, _ in choices)}, found {shown(value)}")

    return hook


def _is_container(hint: Any) -> bool:
    return typing.get_origin(hint) in _CONTAINERS


def _container_hook(converter: Converter, hint: Any) -> Hook:
    """Take a list for a list, tuple or set; a bare text stands for a list of texts with that one."""
    build, of = _CONTAINERS[typing.get_origin(hint)], typing.get_args(hint)
    fixed = typing.get_origin(hint) is tuple and Ellipsis not in of

    def hook(value: Any, _hint: Any) -> Any:
        if isinstance(value, str) and of[0] is str and not fixed:
            value = [value]
        if not isinstance(value, list | tuple | set | frozenset):
            raise TypeError(f"must be a list such as [a, b], found {shown(value)}")
        if fixed and len(value) != len(of):
            raise TypeError(f"must be a list of {len(of)} values, found {shown(value)}")
        hints = of if fixed else (of[0],) * len(value)
        return build(_structure_each(converter, zip(range(len(value)), value, hints, strict=True)))

    return hook


def _is_listed(hint: Any) -> bool:
    """YAML and JSON know lists only."""
    return typing.get_origin(hint) in (tuple, set, frozenset) or hint in (tuple, set, frozenset)


def _is_mapping(hint: Any) -> bool:
    return typing.get_origin(hint) in (dict, Mapping)


def _mapping_hook(converter: Converter, hint: Any) -> Hook:
    key_hint, value_hint = typing.get_args(hint)

    def hook(value: Any, _hint: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"must hold `key: value` lines of its own, found {shown(value)}")
        keys = _structure_each(converter, ((key, key, key_hint) for key in value))
        values = _structure_each(converter, ((key, item, value_hint) for key, item in value.items()))
        return dict(zip(keys, values, strict=True))

    return hook


def _structure_each(converter: Converter, labelled: Iterable[tuple[Any, Any, Any]]) -> list[Any]:
    """Structure ``(label, value, type)`` triples; every fault is kept, with the label of its value."""
    return _each_of(labelled, converter.structure)


def _each_of(labelled: Iterable[tuple[Any, Any, Any]], structure_one: Hook) -> list[Any]:
    done, faults = [], []
    for label, value, hint in labelled:
        try:
            done.append(structure_one(value, hint))
        except Exception as error:  # noqa: BLE001 - all faults are raised together below
            error.add_note(IterableValidationNote(f"item {shown_name(label)}", label, hint))
            faults.append(error)
    if faults:
        raise IterableValidationError("some items are wrong", faults, list)
    return done


def _is_plain_union(hint: Any) -> bool:
    """A union of simple kinds, such as ``int | str | None``."""
    if typing.get_origin(hint) not in (types.UnionType, typing.Union):
        return False
    return not any(attrs.has(arm) for arm in typing.get_args(hint) if isinstance(arm, type))


def _union_hook(converter: Converter, hint: Any) -> Hook:
    arms = [arm for arm in typing.get_args(hint) if arm is not type(None)]
    optional = len(arms) < len(typing.get_args(hint))

    def hook(value: Any, _hint: Any) -> Any:
        if value is None and optional:
            return None
        if len(arms) == 1:
            return converter.structure(value, arms[0])
        problems: list[str] = []
        for arm in arms:
            try:
                return converter.structure(value, arm)
            except (TypeError, ValueError, ClassValidationError, IterableValidationError) as error:
                problems.extend(_first(_complaints(error, arm, ())))
        raise TypeError("; or ".join(problem.removeprefix(f"{_dotted(())}: ") for problem in problems))

    return hook


def _plugin_error(error: BaseException) -> PluginError | None:
    """The first complaint of a plugin in a cattrs error tree."""
    if isinstance(error, PluginError):
        return error
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return next((found for each in inner if (found := _plugin_error(each))), None)


def _complaints(error: BaseException, cls: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Every fault in a cattrs error tree as ``path: what is wrong``."""
    if isinstance(error, ForbiddenExtraKeysError):
        yield from (_unknown_key((*path, key), error.cl) for key in sorted(map(shown_name, error.extra_fields)))
    elif isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            place, hint = _place(inner) or ((), cls)
            yield from _complaints(inner, hint, (*path, *place))
    elif isinstance(error, KeyError):
        yield f"{_dotted(path)}: required, not given"
    elif isinstance(error, TypeError | ValueError | ConfigError):
        yield f"{_dotted(path)}: {error}"


def _place(error: BaseException) -> tuple[tuple[str, ...], Any] | None:
    """Name and type of the option, or the list item, that cattrs noted a fault to lie in."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return (note.name,), note.type
        if isinstance(note, IterableValidationNote):
            return (shown_name(note.index),), note.type
    return None


def _unknown_key(path: tuple[str, ...], cls: type) -> str:
    names = [attribute.name for attribute in attrs.fields(cls)]
    close = difflib.get_close_matches(path[-1], names, n=1)
    if close:
        return f"{_dotted(path)}: unknown key (did you mean {_dotted((*path[:-1], close[0]))}?)"
    return f"{_dotted(path)}: unknown key (known here: {', '.join(names)})"


def _dotted(path: tuple[str, ...]) -> str:
    return ".".join(path) or "configuration"
