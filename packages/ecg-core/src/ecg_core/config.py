"""Options of a task: an attrs class, read from YAML and ``key=value`` words, checked, and written back.

Precedence: defaults < file < overrides. Unknown keys are errors, a word is never silently taken for a number or a
truth value, and every complaint gives the path of its key: ``optim.lrr: unknown key (did you mean optim.lr?)``.
"""

from __future__ import annotations

import difflib
import io
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ecg_core.errors import ConfigError

if TYPE_CHECKING:
    from cattrs import Converter

ConfigT = TypeVar("ConfigT")
Check = Callable[[Any], str | None]

_HELP = "ecg_help"
_UNIT = "ecg_unit"
_CHOICES = "ecg_choices"


class OptionError(ValueError):
    """A value that its option refuses; ``name`` is the option's."""

    def __init__(self, name: str, complaint: str) -> None:
        super().__init__(complaint)
        self.name = name


def option(
    default: Any = attrs.NOTHING,
    *,
    help: str,
    unit: str = "",
    factory: Callable[[], Any] | None = None,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    choices: Sequence[Any] | None = None,
) -> Any:
    """A field of a configuration class, with what a user needs to know of it.

    Args:
        default: its value unless one is given; a field without one is required.
        help: one line for ``ecg run TASK --help``.
        unit: shown with the default, ``Hz`` say.
        factory: makes the default where it is mutable or a nested configuration.
        minimum: smallest value allowed.
        above: value that must be exceeded.
        maximum: largest value allowed.
        choices: the only values allowed.
    """
    checks: list[Check] = []
    if minimum is not None:
        checks.append(lambda value: None if value >= minimum else f"must be at least {minimum}")
    if above is not None:
        checks.append(lambda value: None if value > above else f"must be above {above}")
    if maximum is not None:
        checks.append(lambda value: None if value <= maximum else f"must be at most {maximum}")
    if choices is not None:
        checks.append(lambda value: None if value in choices else f"must be one of {', '.join(map(str, choices))}")
    return attrs.field(
        default=attrs.Factory(factory) if factory else default,
        kw_only=True,
        validator=_validator(checks) if checks else None,
        metadata={_HELP: help, _UNIT: unit, _CHOICES: choices},
    )


def _validator(checks: Sequence[Check]) -> Callable[[Any, attrs.Attribute, Any], None]:
    def validate(_instance: Any, attribute: attrs.Attribute, value: Any) -> None:
        for check in checks:
            if value is not None and (complaint := check(value)):
                raise OptionError(attribute.name, f"{complaint}, found {value!r}")

    return validate


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


def load_config(cls: type[ConfigT], *, file: Path | None = None, overrides: Iterable[str] = ()) -> ConfigT:
    """A checked configuration from defaults, a YAML 1.2 file, and ``a.b=c`` words, the later winning.

    Raises:
        ConfigError: one line a fault, each with the path of its key.
    """
    tree = read_yaml(file) if file else {}
    for word in overrides:
        _apply_override(tree, word)
    return structure(cls, tree)


def structure(cls: type[ConfigT], tree: Mapping[str, Any]) -> ConfigT:
    """A checked configuration from nested plain values.

    Raises:
        ConfigError: one line a fault, each with the path of its key.
    """
    try:
        return _converter().structure(tree, cls)
    except Exception as error:
        if complaints := list(_complaints(error, cls, ())):
            raise ConfigError("\n".join(complaints)) from error
        raise


def read_yaml(file: Path) -> dict[str, Any]:
    """The mapping that a YAML 1.2 file holds.

    Raises:
        ConfigError: it cannot be read, is no YAML, or is no mapping.
    """
    from ruamel.yaml.error import YAMLError

    try:
        tree = _yaml().load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"configuration {file} cannot be read: {error}") from error
    except YAMLError as error:
        raise ConfigError(f"configuration {file} is not valid YAML: {error}") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(f"configuration {file} must hold `key: value` lines, found a {type(tree).__name__}")
    return tree


def to_plain(config: Any) -> dict[str, Any]:
    """A configuration as nested plain values, fit for YAML and JSON."""
    plain: dict[str, Any] = _converter().unstructure(config)
    return plain


def dump_yaml(config: Any) -> str:
    """A configuration as YAML 1.2 that `load_config` reads back to the same."""
    stream = io.StringIO()
    _yaml().dump(to_plain(config), stream)
    return stream.getvalue()


def describe(cls: type, prefix: str = "") -> Iterator[OptionHelp]:
    """Every option of a configuration class, nested ones under their path."""
    for attribute, hint in _attributes(cls):
        path = f"{prefix}{attribute.name}"
        nested = _attrs_class(hint)
        if nested:
            yield from describe(nested, prefix=f"{path}.")
            continue
        yield OptionHelp(
            path=path,
            type=_type_text(hint),
            default=_default_text(attribute),
            unit=attribute.metadata.get(_UNIT, ""),
            help=attribute.metadata.get(_HELP, ""),
            choices=attribute.metadata.get(_CHOICES),
        )


def parse_value(text: str) -> Any:
    """A word of the command line as YAML 1.2 reads it: ``1e-3`` a number, ``no`` a word, ``[1, 2]`` a list."""
    from ruamel.yaml.error import YAMLError

    try:
        return _yaml().load(text)
    except YAMLError as error:
        raise ConfigError(f"the value {text!r} cannot be read as YAML: {error}") from error


def _apply_override(tree: dict[str, Any], word: str) -> None:
    path, equals, text = word.partition("=")
    if not equals or not path:
        raise ConfigError(f"--set takes KEY=VALUE, as in --set optim.lr=1e-3; found {word!r}")
    set_path(tree, path, parse_value(text))


def set_path(tree: dict[str, Any], path: str, value: Any) -> None:
    """Set ``a.b`` in nested mappings, making those on the way.

    Raises:
        ConfigError: something on the way is a value, not a mapping.
    """
    *parents, name = path.split(".")
    branch = tree
    for parent in parents:
        branch = branch.setdefault(parent, {})
        if not isinstance(branch, dict):
            raise ConfigError(f"{path}: {parent} holds a value, not options of its own")
    branch[name] = value


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False
    return yaml


@cache
def _converter() -> Converter:
    from cattrs import Converter

    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind in (bool, int, float, str, Path):
        converter.register_structure_hook(kind, _strict(kind))
    converter.register_structure_hook_factory(_is_tuple, lambda hint: _tuple_hook(converter, hint))
    converter.register_structure_hook_factory(_is_plain_union, lambda hint: _union_hook(converter, hint))
    converter.register_structure_hook_factory(attrs.has, lambda cls: _section_hook(converter, cls))
    converter.register_unstructure_hook(Path, str)
    converter.register_unstructure_hook_factory(
        _is_tuple,
        lambda _hint: lambda values: list(map(converter.unstructure, values)),
    )
    return converter


def _section_hook(converter: Converter, cls: type) -> Callable[[Any, Any], Any]:
    """Structure nested options, after a look that they are options at all."""
    from cattrs.gen import make_dict_structure_fn

    structure_section: Any = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True)

    def hook(value: Any, _hint: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"must hold options of its own, found {value!r}")
        return structure_section(value, cls)

    return hook


def _strict(kind: type) -> Callable[[Any, Any], Any]:
    """Take a value only if it is of the kind already; a whole number passes for a float, ``1e3`` for an int."""

    def hook(value: Any, _hint: Any) -> Any:
        if kind is Path and isinstance(value, str | Path):
            return Path(value)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if kind is int and isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise TypeError(f"must be {_KIND_NAMES[kind]}, found {value!r}")
        return value

    return hook


_KIND_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", Path: "a path"}


def _tuple_hook(converter: Converter, hint: Any) -> Callable[[Any, Any], Any]:
    """Take a list for a tuple; refuse a bare text, which would fall apart into letters."""
    of = typing.get_args(hint)
    inner = list[of[0]] if len(of) == 2 and of[1] is Ellipsis else None  # type: ignore[valid-type]

    def hook(value: Any, _hint: Any) -> Any:
        if isinstance(value, str) or not isinstance(value, list | tuple):
            raise TypeError(f"must be a list such as [a, b], found {value!r}")
        if inner is not None:
            return tuple(converter.structure(list(value), inner))
        if len(value) != len(of):
            raise TypeError(f"must be a list of {len(of)} values, found {value!r}")
        return tuple(converter.structure(item, kind) for item, kind in zip(value, of, strict=True))

    return hook


def _is_tuple(hint: Any) -> bool:
    origin: object = typing.get_origin(hint)
    return origin is tuple


def _is_plain_union(hint: Any) -> bool:
    """A union of simple kinds, such as ``int | str | None``."""
    if typing.get_origin(hint) not in (types.UnionType, typing.Union):
        return False
    return not any(_attrs_class(arm) for arm in typing.get_args(hint))


def _union_hook(converter: Converter, hint: Any) -> Callable[[Any, Any], Any]:
    arms = [arm for arm in typing.get_args(hint) if arm is not type(None)]
    optional = len(arms) < len(typing.get_args(hint))

    def hook(value: Any, _hint: Any) -> Any:
        if value is None and optional:
            return None
        problems = []
        for arm in arms:
            try:
                return converter.structure(value, arm)
            except (TypeError, ValueError) as error:
                problems.append(str(error))
            except Exception as error:  # noqa: BLE001 - cattrs wraps the faults of list items
                problems.extend(_complaints(error, hint, ()))
        raise TypeError("; or ".join(problems))

    return hook


def _attributes(cls: type) -> list[tuple[attrs.Attribute, Any]]:
    hints = typing.get_type_hints(cls)
    return [(attribute, hints[attribute.name]) for attribute in attrs.fields(cls)]


def _attrs_class(hint: Any) -> type | None:
    """The attrs class in a type hint, also in ``X | None``; None if there is none."""
    for candidate in (hint, *typing.get_args(hint)):
        if isinstance(candidate, type) and attrs.has(candidate):
            return candidate
    return None


def _type_text(hint: Any) -> str:
    if isinstance(hint, type) and not typing.get_args(hint):
        return hint.__name__
    return str(hint).replace("typing.", "").replace("pathlib.", "").replace("NoneType", "None")


def _default_text(attribute: attrs.Attribute) -> str | None:
    default: Any = attribute.default
    if default is attrs.NOTHING:
        return None
    return _value_text(default.factory() if isinstance(default, attrs.Factory) else default)  # type: ignore[arg-type]


def _value_text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value_text, value))}]"
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _complaints(error: BaseException, cls: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Every fault in a cattrs error tree as ``path: what is wrong``."""
    from cattrs import ForbiddenExtraKeysError

    if isinstance(error, ForbiddenExtraKeysError):
        yield from (_unknown_key((*path, key), error.cl) for key in sorted(error.extra_fields))
    elif isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            place, hint = _place(inner) or ((), cls)
            yield from _complaints(inner, hint, (*path, *place))
    elif isinstance(error, OptionError):
        yield f"{_dotted((*path, error.name))}: {error}"
    elif isinstance(error, KeyError):
        yield f"{_dotted(path)}: required, not given"
    elif isinstance(error, TypeError | ValueError):
        yield f"{_dotted(path)}: {error}"


def _place(error: BaseException) -> tuple[tuple[str, ...], Any] | None:
    """Name and type of the option, or the list item, that cattrs noted a fault to lie in."""
    from cattrs import AttributeValidationNote, IterableValidationNote

    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return (note.name,), note.type
        if isinstance(note, IterableValidationNote):
            return (str(note.index),), note.type
    return None


def _unknown_key(path: tuple[str, ...], cls: type) -> str:
    names = [attribute.name for attribute in attrs.fields(cls)]
    close = difflib.get_close_matches(path[-1], names, n=1)
    if close:
        return f"{_dotted(path)}: unknown key (did you mean {_dotted((*path[:-1], close[0]))}?)"
    return f"{_dotted(path)}: unknown key (known here: {', '.join(names)})"


def _dotted(path: tuple[str, ...]) -> str:
    return ".".join(path) or "configuration"
