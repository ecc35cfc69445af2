"""Contract tests for plugin authors: subclass one, name your plugin, and pytest does the rest.

    from ecg_core.testing import FormatContract

    class TestAcmeJson(FormatContract):
        name = "acme-json"

A contract's test may be overridden only as an expected failure with a reason, so that what a plugin does not keep is
there to read. Needs ``ecg-core[testing]``.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    *(f"{__name__}.{module}" for module in ("backbones", "backends", "executors", "formats", "hooks", "specs", "tasks"))
)

from ecg_core.testing.backbones import BackboneContract  # noqa: E402 - only now are its assertions explained
from ecg_core.testing.backends import BackendContract  # noqa: E402
from ecg_core.testing.contract import Contract  # noqa: E402
from ecg_core.testing.executors import ExecutorContract  # noqa: E402
from ecg_core.testing.formats import FormatContract  # noqa: E402
from ecg_core.testing.hooks import HookContract  # noqa: E402
from ecg_core.testing.records import synthetic_record  # noqa: E402
from ecg_core.testing.specs import SpecContract  # noqa: E402
from ecg_core.testing.tasks import TaskContract  # noqa: E402

__all__ = [
    "BackboneContract",
    "BackendContract",
    "Contract",
    "ExecutorContract",
    "FormatContract",
    "HookContract",
    "SpecContract",
    "TaskContract",
    "synthetic_record",
]
