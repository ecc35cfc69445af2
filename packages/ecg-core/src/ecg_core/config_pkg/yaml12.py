"""YAML 1.2 text to plain values and back: ``1e-3`` is a number, ``no`` is a word, and nothing is executed."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter


class TextSafeRepresenter(SafeRepresenter):
    """Escapes control characters and unusual line ends, which the plain style would lose."""

    def represent_str(self, text: str) -> ScalarNode:
        style = None if text.isprintable() else '"'
        node: ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", text, style=style)
        return node


TextSafeRepresenter.add_representer(str, TextSafeRepresenter.represent_str)


def load(text: str) -> Any:
    """The value that a text holds.

    Raises:
        ValueError: it is no YAML; the message, on one line, gives the line of the fault.
    """
    try:
        return _yaml().load(text)
    except YAMLError as error:
        raise ValueError(_on_one_line(error)) from error


def dump(value: Any) -> str:
    """Plain values as text that `load` reads back to the same, keys in the order that they have."""
    stream = io.StringIO()
    _yaml().dump(value, stream)
    return stream.getvalue()


def _yaml() -> Any:
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Representer = TextSafeRepresenter
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False
    return yaml


def _on_one_line(error: Any) -> str:
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: {problem}" if problem and mark else " ".join(str(error).split())
