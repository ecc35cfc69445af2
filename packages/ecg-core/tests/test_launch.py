from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecg_core.config import load_config
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import BackendUnavailable, ConfigError, DataError, OutputError, PluginNotFound
from ecg_core.launch import Task, default_out_dir, find_task, run_task

HOOK = """
from ecg_core.plugins.hooks import hookimpl

told = []

@hookimpl
def run_start(context):
    told.append(("run_start", (context.out_dir / "config.yaml").is_file(), dict(context.config)))

@hookimpl
def run_end(summary, error):
    told.append(("run_end", dict(summary), type(error).__name__))
"""

ABACUS = """
import attrs
from ecg_core.backends import open_backend
from ecg_core.config import option
from ecg_core.plugins.spec import BackendSpec, TaskSpec
from ecg_core.protocols import Availability
from ecg_core.context import TaskResult

backend = BackendSpec(implementation="abacus:Abacus", summary="", preference=1000)
missing = BackendSpec(implementation="abacus:Missing", summary="", preference=2000)
task = TaskSpec(implementation="abacus:run", config="abacus:Config", summary="", uses_backend=True)

class Abacus:
    name = "abacus"
    def available(self):
        return Availability(True, "ten rods")

class Missing:
    name = "missing"
    def available(self):
        return Availability(False, "no beads", "Buy beads.")

@attrs.frozen(kw_only=True)
class Config:
    beads: int = option(3, help="how many")

def run(config, context):
    return TaskResult(summary={"backend": context.backend, "opened": open_backend(context.backend).name})
"""


@pytest.fixture
def told(distribution: Callable[..., Path]) -> list[Any]:
    """What an installed hook was told of runs."""
    distribution("spy-kit", entry_points={"ecg.hooks": {"spy": "spy_hooks"}}, modules={"spy_hooks": HOOK})
    import spy_hooks

    told: list[Any] = spy_hooks.told
    return told


def run(name: str, out_dir: Path, *overrides: str, **context: Any) -> TaskResult:
    task = find_task(name)
    config = load_config(task.config_class, overrides=overrides)
    return run_task(task, config, RunContext(task=task.name, out_dir=out_dir, **context))


@pytest.mark.usefixtures("toys")
def test_a_configuration_of_somebody_else_is_never_replaced(tmp_path: Path):
    (tmp_path / "config.yaml").write_text("theirs: true\n")
    with pytest.raises(DataError, match=r"config\.yaml is there already and was not written by a run"):
        run("toy.count", tmp_path, "inputs=[a]")
    assert (tmp_path / "config.yaml").read_text() == "theirs: true\n"
    run("toy.count", tmp_path / "made", "inputs=[a]")
    run("toy.count", tmp_path / "made", "inputs=[b]")
    assert "- b" in (tmp_path / "made" / "config.yaml").read_text()


@pytest.mark.usefixtures("toys")
def test_a_task_that_keeps_no_ledger_cannot_overwrite(tmp_path: Path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "precious.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"--overwrite is for tasks that work through many items; toy\.count keeps"):
        run("toy.count", tmp_path / "made", "inputs=[a]", overwrite=True)
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["precious.txt"]


HOLDER = """
import sys
from pathlib import Path
from ecg_core.run_lock import run_lock

with run_lock(Path(sys.argv[1]), "seg.train"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.usefixtures("toys")
def test_a_second_run_in_a_folder_is_refused_and_changes_nothing(tmp_path: Path):
    out = tmp_path / "made"
    out.mkdir()
    command = [sys.executable, "-c", HOLDER, str(out)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        before = {path: path.read_bytes() for path in out.iterdir()}
        for resume in (False, True):
            with pytest.raises(DataError, match=f"another run of seg.train is at work .* process {other.pid}"):
                run("toy.count", out, "inputs=[a]", resume=resume)
        assert {path: path.read_bytes() for path in out.iterdir()} == before
        other.kill()
    run("toy.count", out, "inputs=[a]")
    assert sorted(path.name for path in out.iterdir()) == ["config.yaml", "run.log"]


@pytest.mark.usefixtures("toys")
def test_a_resumed_run_clears_away_what_killed_ones_wrote_aside_and_nothing_else(tmp_path: Path):
    out = tmp_path / "made"
    out.mkdir()
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead, alive = int(gone.stdout), os.getppid()
    left = [f".0123456789ab.{dead}.tmp.png", f"pictures/.0123456789ab.{dead}.tmp", "pictures/.0123456789ab.tmp.txt"]
    kept = [
        f".0123456789ab.{alive}.tmp.png",
        ".mine.tmp",
        ".0123456789ab.tmpl",
        "0123456789ab.tmp",
        f"another-run/.0123456789ab.{dead}.tmp",
        "another-run/config.yaml",
    ]
    for name in (*left, *kept):
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text("half")
    run("toy.count", out, "inputs=[a]", resume=True)
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert found == {*kept, "config.yaml", "run.log"}


@pytest.mark.usefixtures("toys")
def test_a_run_folder_on_a_full_disk_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("ecg_core.launch._call", full)
    with pytest.raises(OutputError, match="made cannot be written: No space left on device; make some room"):
        run("toy.count", tmp_path / "made", "inputs=[a]")


@pytest.mark.usefixtures("toys")
def test_a_folder_whose_name_is_too_long_is_told(tmp_path: Path):
    with pytest.raises(DataError, match="cannot be made: File name too long; most file systems take 255 bytes"):
        run("toy.count", tmp_path / ("a" * 300), "inputs=[a]")


@pytest.mark.usefixtures("toys")
class TestEvents:
    def test_hooks_are_told_of_the_start_with_the_configuration_and_of_the_end(self, told: list[Any], tmp_path: Path):
        result = run("toy.count", tmp_path / "made", "inputs=[a]")
        assert told[0][:2] == ("run_start", True)
        assert told[0][2]["inputs"] == ["a"]
        assert told[0][2]["scale"] == {"gain_mm_per_mv": 10.0, "ticks": ["fine"]}
        assert told[1] == ("run_end", dict(result.summary), "NoneType")

    def test_the_end_of_a_failed_run_carries_its_error(self, told: list[Any], tmp_path: Path):
        with pytest.raises(DataError):
            run("toy.crash", tmp_path / "made")
        assert [each[0] for each in told] == ["run_start", "run_end"]
        assert told[1][1:] == ({}, "DataError")

    def test_only_the_first_process_tells_and_writes(
        self, told: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("RANK", "1")
        assert run("toy.count", tmp_path / "made", "inputs=[a]").summary["count"] == 1
        assert told == []
        assert not (tmp_path / "made").exists()


class TestBackend:
    @pytest.fixture(autouse=True)
    def abacus(self, distribution: Callable[..., Path]) -> None:
        distribution(
            "abacus-kit",
            entry_points={
                "ecg.backends": {"abacus": "abacus:backend", "missing": "abacus:missing"},
                "ecg.tasks": {"abacus.add": "abacus:task"},
            },
            modules={"abacus": ABACUS},
        )

    def test_auto_is_resolved_to_the_best_that_is_here(self, tmp_path: Path):
        summary = run("abacus.add", tmp_path / "made").summary
        assert summary == {"backend": "abacus", "opened": "abacus"}
        header = (tmp_path / "made" / "config.yaml").read_text().splitlines()[0]
        assert header.startswith("# ecg run abacus.add --seed 0 --backend abacus --precision fp32")

    def test_one_that_is_named_and_not_here_is_an_error_before_anything_is_made(self, tmp_path: Path):
        with pytest.raises(BackendUnavailable, match=r"missing cannot be used here: no beads\. Buy beads\."):
            run("abacus.add", tmp_path / "made", backend="missing")
        assert not (tmp_path / "made").exists()

    def test_one_that_nobody_registers(self, tmp_path: Path):
        with pytest.raises(PluginNotFound, match="Did you mean abacus"):
            run("abacus.add", tmp_path / "made", backend="abacos")


@pytest.mark.usefixtures("toys")
def test_finding_a_task_imports_its_options_and_not_its_work():
    task = find_task("toy-box:toy.count")
    assert isinstance(task, Task)
    assert task.name == "toy.count"
    assert task.config_class.__name__ == "CountConfig"


def test_run_folders_of_the_same_second_are_numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ecg_core.launch.time.strftime", lambda _format: "20250102-030405")
    made = []
    for _ in range(3):
        made.append(default_out_dir("x.y"))
        made[-1].mkdir(parents=True)
    assert [path.as_posix() for path in made] == [
        "runs/x.y-20250102-030405",
        "runs/x.y-20250102-030405-2",
        "runs/x.y-20250102-030405-3",
    ]
