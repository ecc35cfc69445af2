"""YAML 1.2 text to plain values and back: ``1e-3`` is a number, ``no`` is a word, and nothing is executed."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import Node, ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from ecg_core.errors import shortened

MAX_CHARACTERS = 4 * 2**20
"""Of a text, and of all its values where aliases are followed: more than a command line holds."""
MAX_VALUES = 50_000
"""Of a text where aliases are followed: more than the files that a command line can name."""
MAX_DEPTH = 50
"""Levels of a text; Python's own stack ends at some 300."""


class TextSafeRepresenter(SafeRepresenter):
    """Escapes control characters and unusual line ends, which the plain style would lose."""

    def represent_str(self, text: str) -> ScalarNode:
        style = None if text.isprintable() else '"'
        node: ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", text, style=style)
        return node


TextSafeRepresenter.add_representer(str, TextSafeRepresenter.represent_str)


class BoundedComposer(Composer):
    """Counts levels, values and characters, those behind aliases each time, before anything is made of them."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False
        self._level = 0
        self._values = 0
        self._characters = 0
        self._sizes: dict[int, tuple[int, int]] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        mark = self.parser.peek_event().start_mark
        if self._level >= MAX_DEPTH:
            raise ComposerError(None, None, f"more than {MAX_DEPTH} levels, one in the other", mark)
        before, self._level = (self._values, self._characters), self._level + 1
        node: Node = super().compose_node(parent, index)
        self._level -= 1
        self._count(node, before, mark)
        return node

    def _count(self, node: Node, before: tuple[int, int], mark: Any) -> None:
        """Add a node; ``before`` are the values and characters in front of it."""
        if id(node) in self._sizes:  # met by an alias
            values, characters = self._sizes[id(node)]
        elif node.end_mark is None:
            raise ComposerError(None, None, f"*{node.anchor} stands within what it refers to", mark)
        else:
            values, characters = 1, len(node.value) if isinstance(node, ScalarNode) else 0
        self._values, self._characters = self._values + values, self._characters + characters
        self._sizes[id(node)] = (self._values - before[0], self._characters - before[1])
        if self._values > MAX_VALUES:
            raise ComposerError(None, None, f"more than {MAX_VALUES} values, aliases counted each time", mark)
        if self._characters > MAX_CHARACTERS:
            raise ComposerError(None, None, f"more than {MAX_CHARACTERS} characters, aliases counted each time", mark)


def load(text: str) -> Any:
    """The value that a text holds.

    Raises:
        ValueError: it is no YAML, or larger than anything that is an option; the short message, on one line, gives the
            line of the fault.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"more than {MAX_CHARACTERS} characters")
    try:
        return _yaml().load(text)
    except YAMLError as error:
        raise ValueError(_on_one_line(error)) from error
    except Exception as error:  # what the parser stumbles over, such as `!!timestamp soon`
        raise ValueError(f"a value is not of its type ({shortened(str(error))})") from error


def dump(value: Any) -> str:
    """Plain values as text that `load` reads back to the same, keys in the order that they have."""
    stream = io.StringIO()
    _yaml().dump(value, stream)
    return stream.getvalue()


def _yaml() -> Any:
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Representer = TextSafeRepresenter
    yaml.Composer = BoundedComposer
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False
    return yaml


def _on_one_line(error: Any) -> str:
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: {shortened(problem)}" if problem and mark else shortened(str(error))
