"""What is known of a plugin before anything of it is imported."""

from __future__ import annotations

from functools import cached_property
from importlib import metadata
from typing import Any

import attrs

from ecg_core.plugins.discovery import name_of, version_of

HOOKS = "hooks"
"""The kind of the plugins that have no spec: their entry points name a module of hook functions."""


@attrs.frozen(slots=False)
class PluginEntry:
    """What is known of a plugin without importing anything.

    Attributes:
        kind: ``tasks``, ``models`` … or ``hooks``.
        name: the plugin's name.
        value: import string of its spec, of the hook module for a hook.
    """

    kind: str
    name: str
    value: str
    _entry_point: metadata.EntryPoint = attrs.field(repr=False)

    @cached_property
    def distribution(self) -> str:
        """Name of the distribution that registers it."""
        return name_of(self._entry_point.dist)

    @cached_property
    def version(self) -> str:
        """Version of that distribution."""
        return version_of(self._entry_point.dist)

    @property
    def qualified_name(self) -> str:
        """``distribution:name``, which is accepted wherever a name is."""
        return f"{self.distribution}:{self.name}"

    @property
    def title(self) -> str:
        """The plugin as messages name it: ``task seg.train of ecg-seg 0.1.0``."""
        return f"{self.kind.removesuffix('s')} {self.name} of {self.distribution} {self.version}"

    def load(self) -> Any:
        """Import what the entry point names; raises whatever the import raises."""
        return self._entry_point.load()
