"""The contract of a task."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from ecg_core.config import describe, dump_yaml, load_config, structure, to_plain
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError
from ecg_core.launch import Task, find_task, run_task
from ecg_core.testing.contract import Contract


class TaskContract(Contract):
    """What every plugin under ``ecg.tasks`` must do.

    Attributes:
        name: of the task.
        backend: to run it on, where it computes on one.
    """

    backend: str = "auto"

    def overrides(self, folder: Path) -> Sequence[str]:
        """``key=value`` words for a short run; files that it needs may be made in ``folder``."""
        return ()

    @pytest.fixture
    def task(self) -> Task:
        """The task, found and with its configuration class imported."""
        return find_task(self.name)

    @pytest.fixture
    def config(self, task: Task, tmp_path: Path) -> Any:
        """The configuration of the short run."""
        return load_config(task.config_class, overrides=self.overrides(tmp_path))

    def test_its_options_are_a_frozen_class_with_help_for_each(self, task: Task, config: Any) -> None:
        assert attrs.has(task.config_class)
        for field in attrs.fields(task.config_class):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(config, field.name, None)
        without_help = [each.path for each in describe(task.config_class) if not each.help.strip()]
        assert not without_help, "make every field with ecg_core.config.option(..., help=...)"

    def test_its_options_survive_the_way_through_files_and_processes(
        self, task: Task, config: Any, tmp_path: Path
    ) -> None:
        assert structure(task.config_class, to_plain(config)) == config
        assert pickle.loads(pickle.dumps(config)) == config
        file = tmp_path / "options.yaml"
        file.write_text(dump_yaml(config), encoding="utf-8")
        assert load_config(task.config_class, file=file) == config

    def test_an_unknown_option_is_refused(self, task: Task, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="surely_unknown: unknown key"):
            load_config(task.config_class, overrides=[*self.overrides(tmp_path), "surely_unknown=1"])

    def test_the_configurations_that_it_ships_can_be_loaded(self, task: Task, tmp_path: Path) -> None:
        for name in task.spec.named_configs:
            load_config(task.config_class, file=task.config_path(name), overrides=self.overrides(tmp_path))

    def test_a_short_run_gives_a_result_and_writes_to_its_folder_alone(
        self, task: Task, config: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        backend = self.backend if task.spec.uses_backend else "auto"
        context = RunContext(task=task.name, out_dir=tmp_path / "run", seed=1, backend=backend)
        result = run_task(task, config, context)
        assert isinstance(result, TaskResult)
        assert not result.failures
        json.dumps(dict(result.summary), default=str)
        assert (context.out_dir / "config.yaml").is_file()
        assert not list(elsewhere.iterdir()), "a run writes to context.out_dir, not to the folder it is started in"
