from __future__ import annotations

from pathlib import Path

import attrs
import pytest

torch = pytest.importorskip("torch")

from ecg_core.context import RunContext, TaskResult  # noqa: E402
from ecg_core.errors import ConfigError, DataError  # noqa: E402
from ecg_core.launch import find_task, run_task  # noqa: E402
from ecg_digitize.learning.train import TrainAllConfig, stage_config, with_options  # noqa: E402
from ecg_render import PageRecipe  # noqa: E402


def small(records: Path, **changes: object) -> TrainAllConfig:
    """A smoke run on small pictures."""
    pages = PageRecipe(degradations=("none",), least_dots_per_inch=60, most_dots_per_inch=70)
    config = TrainAllConfig(**{"records": (str(records),), "smoke": True, **changes})

    def shrink(stage: object, **data: object) -> object:
        return attrs.evolve(stage, data=with_options(stage.data, pages=pages, **data), batch_size=2)

    return attrs.evolve(
        config,
        stage0=shrink(config.stage0, size_px=128),
        stage1=shrink(config.stage1, size_px=96, crops_per_page=2),
        stage2=shrink(config.stage2, width_px=128, strips_per_page=2),
    )


def train(config: TrainAllConfig, out_dir: Path, **context: object) -> TaskResult:
    task = find_task("digitize.train_all")
    return run_task(task, config, RunContext(task=task.name, out_dir=out_dir, backend="cpu", **context))


def test_a_smoke_run_takes_one_step_of_each_and_goes_on_where_it_is(records: Path, tmp_path: Path) -> None:
    result = train(small(records), tmp_path)
    assert {name: stage["steps"] for name, stage in result.summary.items()} == {"stage0": 1, "stage1": 1, "stage2": 1}
    assert all((tmp_path / f"stage{stage}" / "config.yaml").exists() for stage in (0, 1, 2))
    again = train(small(records), tmp_path, resume=True)
    assert not again.failures


def test_only_the_stages_that_are_named_are_trained(records: Path, tmp_path: Path) -> None:
    result = train(small(records, stages=(2,)), tmp_path)
    assert list(result.summary) == ["stage2"]


def test_a_stage_that_fails_stops_the_others_only_when_asked(records: Path, tmp_path: Path) -> None:
    config = small(records, stages=(1, 2))
    missing = attrs.evolve(config.stage1, data=with_options(config.stage1.data, records=(str(tmp_path / "none"),)))
    config = attrs.evolve(config, stage1=missing)
    result = train(config, tmp_path / "on")
    assert list(result.summary) == ["stage2"]
    assert [failure.item for failure in result.failures] == ["stage1"]
    with pytest.raises(DataError, match="none"):
        train(attrs.evolve(config, stop_on_error=True), tmp_path / "stop")
    assert not (tmp_path / "stop" / "stage2").exists()


def test_a_stage_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"stages: choose from 0, 1 and 2, found \[0, 3\]"):
        TrainAllConfig(stages=(0, 3))


def test_a_full_run_keeps_its_own_options() -> None:
    config = TrainAllConfig(records=("somewhere",))
    stage = stage_config(1, config)
    assert stage == attrs.evolve(config.stage1, data=with_options(config.stage1.data, records=("somewhere",)))
