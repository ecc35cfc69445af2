"""The contract of a hook plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pluggy
import pytest

from ecg_core.context import RunContext
from ecg_core.plugins.hooks import make_manager, register_guarded
from ecg_core.plugins.registry import registry
from ecg_core.testing.contract import Contract


class HookContract(Contract):
    """What every plugin under ``ecg.hooks`` must do."""

    @pytest.fixture
    def manager(self) -> pluggy.PluginManager:
        """A manager that knows this hook plugin and no other."""
        manager = make_manager()
        failure = register_guarded(manager, registry().find("hooks", self.name))
        assert failure is None, failure
        return manager

    @pytest.fixture
    def context(self, tmp_path: Path) -> RunContext:
        """A run whose folder is there."""
        return RunContext(task="contract.test", out_dir=tmp_path)

    def events(self, context: RunContext) -> list[tuple[str, dict[str, Any]]]:
        """Every event of a run in the order in which a trainer tells them, with its arguments."""
        metrics = {"loss": 0.5, "learning_rate": 1e-3}
        checkpoint = context.out_dir / "checkpoints" / "step-0000010"
        checkpoint.mkdir(parents=True, exist_ok=True)
        return [
            ("run_start", {}),
            ("step_end", {"step": 10, "metrics": metrics}),
            ("evaluation_end", {"step": 10, "metrics": metrics}),
            ("checkpoint_saved", {"path": checkpoint, "step": 10}),
            ("epoch_end", {"epoch": 1, "metrics": metrics}),
            ("run_end", {"summary": {"loss": 0.5}, "error": None}),
        ]

    def tell(self, manager: pluggy.PluginManager, event: str, values: dict[str, Any]) -> None:
        """Tell the plugin of an event; unlike in a run, what it raises is not caught."""
        for implementation in getattr(manager.hook, event).get_hookimpls():
            implementation.function(*(values[name] for name in implementation.argnames))

    def test_it_can_be_told_of_a_whole_run(self, manager: pluggy.PluginManager, context: RunContext) -> None:
        for event, values in self.events(context):
            self.tell(manager, event, {"context": context, **values})

    def test_it_can_be_told_of_a_run_that_fails_at_once(
        self, manager: pluggy.PluginManager, context: RunContext
    ) -> None:
        self.tell(manager, "run_start", {"context": context})
        self.tell(manager, "run_end", {"context": context, "summary": {}, "error": RuntimeError("on purpose")})
