"""Options of a task: the fields of an attrs class, with what a user needs to know of each."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, Literal

import attrs

from ecg_core.config.choice import DEFAULT, KIND, RECIPE, TABLE, config_class
from ecg_core.errors import PluginError, shown
from ecg_core.plugins.registry import registry

Check = Callable[[Any], str | None]

_HELP = "ecg_help"
_UNIT = "ecg_unit"
_CHOICES = "ecg_choices"
_CHECKS = "ecg_checks"
_INFINITE = "ecg_infinite"

LARGEST_WHOLE = 2**63
"""Whole numbers are smaller than it in magnitude: arrays, seeds and files hold no more."""


def option(
    default: Any = attrs.NOTHING,
    *,
    help: str,
    unit: str = "",
    factory: Callable[[], Any] | None = None,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    below: float | None = None,
    choices: Sequence[Any] | None = None,
    infinite: bool = False,
    in_recipe: bool = True,
) -> Any:
    """A field of a configuration class, with what a user needs to know of it.

    Args:
        default: its value unless one is given; a field without one is required.
        help: one line for ``ecg run TASK --help``.
        unit: shown with the default, ``Hz`` say.
        factory: makes the default where it is mutable or a nested configuration.
        minimum: smallest value allowed, for each item where the option is a tuple, as with the other bounds.
        above: value that must be exceeded.
        maximum: largest value allowed.
        below: value that must not be reached.
        choices: the only values allowed.
        infinite: whether infinity has a meaning here; by default it is refused, as NaN always is.
        in_recipe: whether it decides what a batch makes of an item; False for what decides which items are worked on,
            or how fast. A run folder holds results of one recipe.
    """
    checks = _checks(minimum, above, maximum, below, choices)
    return attrs.field(
        default=attrs.Factory(factory) if factory else default,
        kw_only=True,
        validator=_validate,
        metadata={
            _HELP: help,
            _UNIT: unit,
            _CHOICES: choices,
            _CHECKS: checks,
            _INFINITE: infinite,
            RECIPE: in_recipe,
        },
    )


def _checks(
    minimum: float | None,
    above: float | None,
    maximum: float | None,
    below: float | None,
    choices: Sequence[Any] | None,
) -> list[Check]:
    checks: list[Check] = []
    if minimum is not None:
        checks.append(_each(lambda item: item >= minimum, f"must be at least {minimum}"))
    if above is not None:
        checks.append(_each(lambda item: item > above, f"must be above {above}"))
    if maximum is not None:
        checks.append(_each(lambda item: item <= maximum, f"must be at most {maximum}"))
    if below is not None:
        checks.append(_each(lambda item: item < below, f"must be below {below}"))
    if choices is not None:
        checks.append(_each(lambda item: item in choices, f"must be one of {', '.join(map(str, choices))}"))
    return checks


def _each(holds: Callable[[Any], bool], complaint: str) -> Check:
    """A check of a value, or of every item of a tuple."""
    return lambda value: None if all(map(holds, value if isinstance(value, tuple) else (value,))) else complaint


def refusal(attribute: attrs.Attribute, value: Any) -> str | None:
    """Why an option refuses a value of the right type; None if it takes it."""
    if complaint := _unbounded(value, infinite=attribute.metadata.get(_INFINITE, False)):
        return complaint
    for check in attribute.metadata.get(_CHECKS, ()):
        if value is not None and (complaint := check(value)):
            return f"{complaint}, found {shown(value)}"
    return None


def _unbounded(value: Any, *, infinite: bool) -> str | None:
    """What is wrong with a number, or with one of those in a list or table, whatever the option; None if nothing."""
    if isinstance(value, float) and not math.isfinite(value) and not (infinite and math.isinf(value)):
        return f"must be a finite number, found {value}"
    if isinstance(value, int) and abs(value) >= LARGEST_WHOLE:
        return f"must be a whole number that 64 bits hold, found {shown(value)}"
    items = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return next((complaint for item in items if (complaint := _unbounded(item, infinite=infinite))), None)


def _validate(_instance: Any, attribute: attrs.Attribute, value: Any) -> None:
    if complaint := refusal(attribute, value):
        raise ValueError(f"{attribute.name}: {complaint}")


@attrs.frozen(kw_only=True)
class OptionHelp:
    """What ``--help`` says of one option.

    Attributes:
        path: ``optim.lr``.
        type: its type as text.
        default: its default as text, None where a value is required.
        unit: of the value, may be empty.
        help: one line.
        choices: the only values allowed, None where any will do.
    """

    path: str
    type: str
    default: str | None
    unit: str
    help: str
    choices: Sequence[Any] | None


def describe(cls: type, prefix: str = "", *, defaults: Any = None) -> Iterator[OptionHelp]:
    """Every option of a configuration class, nested ones under their path.

    Args:
        cls: the configuration class.
        prefix: of every path.
        defaults: an instance that holds the defaults, where they are not the class's own.
    """
    for attribute, hint in fields_of(cls):
        path = f"{prefix}{attribute.name}"
        if KIND in attribute.metadata:
            yield from _describe_plugins(
                attribute, path, None if defaults is None else getattr(defaults, attribute.name)
            )
            continue
        default = default_of(attribute) if defaults is None else getattr(defaults, attribute.name)
        if section := section_class(hint):
            yield from describe(section, f"{path}.", defaults=default if isinstance(default, section) else None)
            continue
        yield OptionHelp(
            path=path,
            type=_type_text(hint),
            default=None if default is attrs.NOTHING else _value_text(default),
            unit=attribute.metadata.get(_UNIT, ""),
            help=attribute.metadata.get(_HELP, ""),
            choices=attribute.metadata.get(_CHOICES),
        )


def _describe_plugins(attribute: attrs.Attribute, path: str, default: Any) -> Iterator[OptionHelp]:
    """A choice of a plugin with the options of the default one, or the options of every installed one.

    A broken plugin does not take the help of a task away; `ecg doctor` tells of it.
    """
    kind, text = attribute.metadata[KIND], attribute.metadata.get(_HELP, "")
    if attribute.metadata.get(TABLE):
        for name in sorted({entry.name for entry in registry().entries(kind)} - registry().conflicts(kind)):
            yield from _describe_own(kind, name, f"{path}.{name}.")
        return
    name, options = (default.name, None) if default else attribute.metadata[DEFAULT]
    text = f"{text} (`ecg list {kind}`)"
    yield OptionHelp(path=path, type="str", default=name, unit="", help=text, choices=None)
    yield from _describe_own(kind, name, f"{path}.", default.options if default else options)


def _describe_own(kind: str, name: str, prefix: str, defaults: Any = None) -> Iterator[OptionHelp]:
    """The options of a plugin; ``defaults`` are an instance of them, or some of them by name."""
    try:
        cls = config_class(kind, name)
    except PluginError:
        return
    if cls is not None:
        yield from describe(cls, prefix, defaults=cls(**defaults) if isinstance(defaults, dict) else defaults)


def choices_of(cls: type, prefix: str = "") -> Iterator[str]:
    """Paths of the options that choose a plugin."""
    for attribute, hint in fields_of(cls):
        path = f"{prefix}{attribute.name}"
        if KIND in attribute.metadata:
            if not attribute.metadata.get(TABLE):
                yield path
        elif section := section_class(hint):
            yield from choices_of(section, f"{path}.")


def fields_of(cls: type) -> list[tuple[attrs.Attribute, Any]]:
    """The fields of an attrs class with their types."""
    hints = typing.get_type_hints(cls)
    return [(attribute, hints[attribute.name]) for attribute in attrs.fields(cls)]


def default_of(attribute: attrs.Attribute) -> Any:
    """The default of a field, ``attrs.NOTHING`` where a value is required."""
    default: Any = attribute.default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]


def section_class(hint: Any) -> type | None:
    """The configuration class that a field of this type holds, also as ``X | None``; None for a plain value."""
    arms = typing.get_args(hint) if type(None) in typing.get_args(hint) else (hint,)
    classes = [arm for arm in arms if isinstance(arm, type) and attrs.has(arm)]
    return classes[0] if len(classes) == 1 else None


def _type_text(hint: Any) -> str:
    """A type as a user reads it: ``tuple[str, ...]``, ``int | None``, ``fast | slow``."""
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return " | ".join(map(str, arms))
    if origin in (types.UnionType, typing.Union):
        return " | ".join(map(_type_text, arms))
    if hint in (Ellipsis, types.NoneType):
        return "..." if hint is Ellipsis else "None"
    inner = f"[{', '.join(map(_type_text, arms))}]" if arms else ""
    return getattr(origin or hint, "__name__", str(hint)) + inner


def _value_text(value: Any) -> str:
    """A default as ``--set`` would take it."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_value_text, value))}]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.value if isinstance(value, Enum) else value) or "''"
