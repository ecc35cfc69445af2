"""What every contract shares."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Mapping
from typing import Any

import attrs
import pytest

from ecg_core.config import Choice, choose, describe, structure, to_plain
from ecg_core.config.choice import config_class
from ecg_core.plugins.registry import registry

HEAVY_MODULES = ("torch", "cv2", "timm", "diffusers", "wfdb", "scipy", "pandas", "matplotlib")
"""Libraries that take long to import; what is imported only to list plugins must do without them."""

LEARNING_MODULES = ("torch", "timm", "diffusers", "torch_xla")
"""Those of them that come with learning alone, and take seconds."""


class Contract:
    """Base of the contracts.

    Attributes:
        name: the plugin's name, ``distribution:name`` where another distribution registers the same.
    """

    name: str

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        for name, test in vars(cls).items():
            inherited = any(name in vars(base) for base in cls.__mro__[1:])
            if name.startswith("test_") and inherited and not _is_expected_to_fail(test):
                raise TypeError(
                    f"{cls.__name__}.{name} overrides a test of the contract; that may only be done with "
                    "@pytest.mark.xfail(reason=...), so that what the plugin does not keep can be read"
                )


class EnrolledContract(Contract):
    """A contract of one plugin, or of every plugin of its kind that a distribution registers.

    Attributes:
        kind: of the plugins.
        name: of the one plugin.
        distribution: instead of ``name``: all that it registers, so that whatever it registers later is tested, too.
    """

    kind: str
    distribution: str

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each test for each plugin."""
        metafunc.parametrize("plugin", self.names(), indirect=True)

    def names(self) -> list[str]:
        """The plugins that are tested."""
        if not hasattr(self, "distribution"):
            return [self.name]
        return sorted(entry.name for entry in registry().entries(self.kind) if entry.distribution == self.distribution)

    @pytest.fixture(autouse=True)
    def plugin(self, request: pytest.FixtureRequest) -> str:
        """The name of the plugin that a test is about."""
        self.name = request.param
        return self.name

    def chosen(self, options: Mapping[str, Any]) -> Choice:
        """The plugin with options as a file would give them."""
        return choose(self.kind, self.name, options)

    def test_its_options_are_a_frozen_class_with_help_for_each_that_is_light_to_import(self) -> None:
        cls = config_class(self.kind, self.name)
        if cls is None:
            pytest.skip(f"{self.name} has no options")
        assert attrs.has(cls)
        for field in attrs.fields(cls):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(cls(), field.name, None)
        described = list(describe(cls))
        assert not [each.path for each in described if not each.help.strip()], "make every field with option(help=…)"
        assert "name" not in {each.path for each in described}, "`name` is the name of the plugin in a file"
        assert structure(cls, to_plain(cls())) == cls()
        assert not heavy_modules_after(f"import {cls.__module__}", forbidden=LEARNING_MODULES), (
            "the options are imported for --help: keep them in a module that does not import torch"
        )


def _is_expected_to_fail(test: Any) -> bool:
    marks = getattr(test, "pytestmark", [])
    return any(mark.name == "xfail" and mark.kwargs.get("reason") for mark in marks)


def heavy_modules_after(script: str, *, forbidden: Collection[str] = HEAVY_MODULES) -> set[str]:
    """Which of these modules a fresh Python has imported after running a script."""
    report = f"\nimport sys; print('\\n' + ' '.join(set(sys.modules) & {set(forbidden)!r}))"
    done = subprocess.run([sys.executable, "-c", script + report], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())
