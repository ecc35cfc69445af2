from __future__ import annotations

import logging
import subprocess
import sys
from types import SimpleNamespace

import pytest

from ecg_core.backends import open_backend
from ecg_core.errors import BackendUnavailable, PluginBroken
from ecg_core.protocols import Availability


class FakeRegistry:
    """Backends by name: preference, and what they say of themselves (an exception if they do not load)."""

    def __init__(self, **backends: tuple[int, Availability | Exception]) -> None:
        self._backends = backends

    def entries(self, _kind: str):
        return [SimpleNamespace(name=name, qualified_name=f"acme:{name}") for name in self._backends]

    def load_spec(self, _kind: str, name: str):
        return SimpleNamespace(preference=self._backends[name.removeprefix("acme:")][0])

    def load(self, _kind: str, name: str):
        plain = name.removeprefix("acme:")
        found = self._backends[plain][1]
        if isinstance(found, Exception):
            raise found
        return lambda: SimpleNamespace(name=plain, available=lambda: found)


YES = Availability(True, "two of them")
NO = Availability(False, "none is plugged in", "Buy one.")


def test_a_backend_is_opened_by_name():
    assert open_backend("tpu", registry=FakeRegistry(tpu=(0, YES))).name == "tpu"


def test_an_absent_one_is_never_replaced_by_another():
    with pytest.raises(BackendUnavailable, match=r"tpu cannot be used here: none is plugged in\. Buy one\.") as caught:
        open_backend("tpu", registry=FakeRegistry(tpu=(20, NO), cpu=(0, YES)))
    assert caught.value.exit_code == 3


def test_auto_takes_the_best_present_and_says_why(caplog: pytest.LogCaptureFixture):
    registry = FakeRegistry(slow=(0, YES), broken=(30, PluginBroken("torn apart")), best=(20, NO), good=(10, YES))
    with caplog.at_level(logging.INFO):
        assert open_backend("auto", registry=registry).name == "good"
    assert "backend good: two of them; not acme:broken (torn apart), best (none is plugged in)" in caplog.text


def test_auto_with_nothing_at_hand_explains():
    with pytest.raises(BackendUnavailable, match=r"tpu \(none is plugged in\).*pip install 'ecg-core\[torch\]'"):
        open_backend("auto", registry=FakeRegistry(tpu=(0, NO)))


def test_asking_what_is_available_imports_no_torch():
    code = """
import sys
from ecg_core.plugins.registry import registry
for name in ("cpu", "cuda", "xla"):
    found = registry().load("backends", f"ecg-core:{name}")().available()
    assert found.ok or found.fix, found
heavy = {"torch", "torch_xla", "numpy", "safetensors"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
