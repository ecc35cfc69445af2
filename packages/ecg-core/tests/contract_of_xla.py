"""The contract of the xla backend; run by ``test_contracts.py`` in a process of its own."""

from __future__ import annotations

from ecg_core.testing import BackendContract


class TestXla(BackendContract):
    name = "xla"
