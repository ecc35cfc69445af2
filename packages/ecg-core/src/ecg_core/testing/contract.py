"""What every contract shares."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from typing import Any

HEAVY_MODULES = ("torch", "cv2", "timm", "diffusers", "wfdb", "scipy", "pandas", "matplotlib")
"""Libraries that take long to import; what is imported only to list plugins must do without them."""


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


def _is_expected_to_fail(test: Any) -> bool:
    marks = getattr(test, "pytestmark", [])
    return any(mark.name == "xfail" and mark.kwargs.get("reason") for mark in marks)


def heavy_modules_after(script: str, *, forbidden: Collection[str] = HEAVY_MODULES) -> set[str]:
    """Which of these modules a fresh Python has imported after running a script."""
    report = f"\nimport sys; print('\\n' + ' '.join(set(sys.modules) & {set(forbidden)!r}))"
    done = subprocess.run([sys.executable, "-c", script + report], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())
