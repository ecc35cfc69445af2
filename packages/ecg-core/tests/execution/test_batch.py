"""The batch runner: nothing is lost, nothing is done twice, nothing of others is touched."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.config import Choice
from ecg_core.config.choice import default_choice
from ecg_core.context import RunContext
from ecg_core.errors import ConfigError, DataError, EcgError
from ecg_core.execution import batch as batches
from ecg_core.execution.batch import Batch, BatchResult, Item, Part
from ecg_core.execution.ledger import Ledger
from ecg_core.execution.outputs import Outputs
from ecg_core.protocols import Outcome


class Killed(BaseException):
    """Stands in for the end of the process: nothing may catch it."""


def copy_lines(
    item: Item, outputs: Outputs, *, dies_at: str = "", fails_at: str = "", seen: list[str] | None = None
) -> Iterator[Part]:
    """A document whose pages are its lines; each becomes a file, and a page ``bad`` is refused."""
    for number, line in enumerate(Path(item.source).read_text().splitlines(), start=1):
        name = f"page {number}"
        if outputs.is_done(name):
            continue
        if seen is not None:
            seen.append(f"{item.key} {name}")
        if line == dies_at:
            outputs.path(f"{item.key}-{number}.txt").write_text("half")
            raise Killed
        if line == fails_at:
            raise DataError(f"{item.source}: breaks off at {name}")
        outputs.path(f"{item.key}-{number}.json").write_text(json.dumps(line))
        if line == "bad":
            yield Part(name=name, outcome="refused", failure="it is bad")
            continue
        outputs.path(f"{item.key}-{number}.txt").write_text(line)
        yield Part(name=name, outcome="good", values={"length": len(line)})


@attrs.define
class Desk:
    """A folder of documents and a run folder."""

    docs: Path
    out: Path

    def write(self, name: str, *lines: str) -> Path:
        self.docs.mkdir(exist_ok=True)
        path = self.docs / name
        path.write_text("".join(f"{line}\n" for line in lines))
        os.utime(path, ns=(time.time_ns(), time.time_ns()))
        return path

    def run(
        self,
        *,
        resume: bool = False,
        overwrite: bool = False,
        recipe: dict[str, Any] | None = None,
        files: Sequence[Path] | None = None,
        executor: Choice | None = None,
        **faults: Any,
    ) -> BatchResult:
        context = RunContext(task="copy.lines", out_dir=self.out, resume=resume, overwrite=overwrite)
        with Batch(context, recipe or {"rate": 500}) as batch:
            stems = batch.stems(sorted(self.docs.iterdir()) if files is None else files)
            items = [Item(source=str(file), key=stem) for file, stem in stems.items()]
            work = partial(copy_lines, **faults)
            result = batch.run(work, items, executor=executor or default_choice("executors", "serial"))
            entries = list(result.entries())
        return attrs.evolve(result, ledger=entries)

    def made(self) -> dict[str, str]:
        """What a user finds in the run folder."""
        return {path.name: path.read_text() for path in self.out.iterdir() if path.suffix in (".txt", ".json")}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "docs", tmp_path / "out")


def failures(result: BatchResult) -> dict[str, str]:
    return {Path(each.item).name: each.reason for each in result.failures}


class TestResume:
    def test_a_document_interrupted_after_its_first_page_is_finished(self, desk: Desk):
        desk.write("a.doc", "one", "two", "three")
        with pytest.raises(Killed):
            desk.run(dies_at="two")
        seen: list[str] = []
        result = desk.run(resume=True, seen=seen)
        assert seen == ["a page 2", "a page 3"]
        assert result.counts == {"good": 3}
        assert {name: text for name, text in desk.made().items() if name.endswith(".txt")} == {
            "a-1.txt": "one",
            "a-2.txt": "two",
            "a-3.txt": "three",
        }

    def test_what_a_killed_run_left_half_written_is_cleared_away(self, desk: Desk):
        desk.write("a.doc", "one", "two")
        with pytest.raises(Killed):
            desk.run(dies_at="two")
        (desk.out / ".0123456789ab.tmp.txt").write_text("half")
        assert desk.made()["a-2.txt"] == "half"
        desk.write("a.doc", "one")
        desk.run(resume=True)
        assert sorted(desk.made()) == ["a-1.json", "a-1.txt"]
        assert not list(desk.out.glob(".0123*"))

    def test_a_page_that_could_not_be_loaded_is_told_again(self, desk: Desk):
        desk.write("a.doc", "one", "broken", "three")
        first = desk.run(fails_at="broken")
        again = desk.run(resume=True, fails_at="broken")
        assert failures(first) == failures(again) == {"a.doc": "breaks off at page 2"}
        assert again.counts == {"good": 1, "failed": 1}

    def test_refused_pages_are_told_again_and_not_done_again(self, desk: Desk):
        desk.write("a.doc", "bad", "two")
        desk.run()
        seen: list[str] = []
        again = desk.run(resume=True, seen=seen)
        assert seen == []
        assert failures(again) == {"a.doc page 1": "it is bad"}
        assert again.counts == {"refused": 1, "good": 1}

    def test_the_result_has_what_was_there_already(self, desk: Desk):
        desk.write("a.doc", "one")
        desk.run()
        desk.write("b.doc", "two")
        result = desk.run(resume=True)
        assert (result.num_there, result.counts) == (1, {"good": 2})
        assert [(entry.item, entry.values["length"]) for entry in result.ledger] == [("a", 3), ("b", 3)]
        assert result.task_result({}).summary == {"already there": 1}

    def test_a_source_that_changed_is_done_again(self, desk: Desk):
        desk.write("a.doc", "one", "two")
        desk.write("b.doc", "same")
        desk.run()
        desk.write("a.doc", "uno")
        seen: list[str] = []
        desk.run(resume=True, seen=seen)
        assert seen == ["a page 1"]
        assert {name: text for name, text in desk.made().items() if name.endswith(".txt")} == {
            "a-1.txt": "uno",
            "b-1.txt": "same",
        }

    def test_a_page_refused_the_second_time_leaves_no_record_of_the_first(self, desk: Desk):
        desk.write("a.doc", "fine")
        desk.run()
        desk.write("a.doc", "bad")
        desk.run(resume=True)
        assert sorted(desk.made()) == ["a-1.json"]

    def test_files_that_somebody_removed_are_made_again(self, desk: Desk):
        desk.write("a.doc", "one", "two")
        desk.run()
        (desk.out / "a-2.txt").unlink()
        seen: list[str] = []
        desk.run(resume=True, seen=seen)
        assert seen == ["a page 2"]
        assert desk.made()["a-2.txt"] == "two"

    def test_a_file_added_later_does_not_take_over_the_outputs_of_another(self, desk: Desk):
        late = desk.docs / "sub"
        desk.write("page.doc", "first")
        desk.run()
        late.mkdir()
        (late / "page.doc").write_text("second\n")
        result = desk.run(resume=True, files=[late / "page.doc", desk.docs / "page.doc"])
        made = desk.made()
        assert (made["page-1.txt"], made["page-2-1.txt"]) == ("first", "second")
        assert {Path(entry.source).parent.name: entry.item for entry in result.ledger} == {
            "docs": "page",
            "sub": "page-2",
        }

    def test_results_of_another_source_are_never_replaced(self, desk: Desk):
        context = RunContext(task="copy.lines", out_dir=desk.out, resume=True)
        executor = default_choice("executors", "serial")
        for name, text in (("a.doc", "one"), ("b.doc", "two")):
            item = Item(source=str(desk.write(name, text)), key="same")
            with Batch(context, {}) as batch:
                result = batch.run(copy_lines, [item], executor=executor)
        assert result.counts == {"failed": 1}
        assert "would replace those of" in failures(result)["b.doc"]
        assert desk.made()["same-1.txt"] == "one"

    def test_a_source_that_changed_between_two_kills_is_never_mixed(self, desk: Desk):
        desk.write("a.doc", "one", "two", "three")
        desk.run()
        desk.write("a.doc", "uno", "due", "tre")
        with pytest.raises(Killed):
            desk.run(resume=True, dies_at="due")
        desk.run(resume=True)
        made = desk.made()
        assert [made[f"a-{number}.txt"] for number in (1, 2, 3)] == ["uno", "due", "tre"]

    def test_a_line_that_a_kill_cut_short_costs_only_its_item(self, desk: Desk):
        desk.write("a.doc", "one")
        desk.write("b.doc", "two")
        desk.run()
        ledger = desk.out / "copy.lines.ledger.jsonl"
        ledger.write_bytes(ledger.read_bytes()[:-20])
        seen: list[str] = []
        result = desk.run(resume=True, seen=seen)
        assert seen == []  # its page is there; only the end of the item was not
        assert result.counts == {"good": 2}


class TestConvention:
    def test_other_options_are_refused_with_what_differs(self, desk: Desk):
        desk.write("a.doc", "one")
        desk.run(recipe={"rate": 500, "gain": 10})
        for resume in (False, True):
            with pytest.raises(ConfigError, match=r"other options \(rate 500 → 250\).*--out.*--overwrite"):
                desk.run(recipe={"rate": 250, "gain": 10}, resume=resume)

    def test_a_folder_in_which_nothing_was_made_takes_any_options(self, desk: Desk):
        desk.docs.mkdir()
        desk.run(recipe={"rate": 500})
        assert desk.run(recipe={"rate": 250}).counts == {}

    def test_without_a_word_an_equal_run_goes_on(self, desk: Desk):
        desk.write("a.doc", "one")
        desk.run()
        desk.write("b.doc", "two")
        seen: list[str] = []
        result = desk.run(seen=seen)
        assert seen == ["b page 1"]
        assert (result.num_there, result.counts) == (1, {"good": 2})

    def test_overwrite_begins_anew_and_removes_what_it_made(self, desk: Desk):
        desk.write("a.doc", "one", "two")
        desk.run()
        (desk.out / "a-3.txt").write_text("mine")
        desk.write("a.doc", "uno")
        result = desk.run(overwrite=True, recipe={"rate": 250})
        assert result.counts == {"good": 1}
        assert desk.made() == {"a-1.json": '"uno"', "a-1.txt": "uno", "a-3.txt": "mine"}

    @pytest.mark.parametrize("resume", [False, True])
    def test_a_file_of_somebody_else_is_never_touched(self, desk: Desk, resume: bool):
        desk.write("a.doc", "one")
        desk.write("b.doc", "two")
        desk.out.mkdir()
        (desk.out / "a-1.txt").write_text("precious")
        result = desk.run(resume=resume)
        assert "was not written by this run" in failures(result)["a.doc"]
        assert desk.made()["a-1.txt"] == "precious"
        assert desk.made()["b-1.txt"] == "two"
        assert "a-1.json" not in desk.made()  # what the item that failed had written is gone again

    def test_a_second_run_in_the_folder_is_refused_while_the_first_works(self, desk: Desk):
        with (
            Ledger(desk.out, "copy.lines", {}),
            pytest.raises(DataError, match=r"another run of copy\.lines is at work"),
        ):
            Ledger(desk.out, "copy.lines", {})
        Ledger(desk.out, "copy.lines", {}).close()

    def test_two_tasks_may_share_a_folder(self, desk: Desk):
        desk.write("a.doc", "one")
        desk.run()
        with Ledger(desk.out, "other.task", {"anything": 1}) as other:
            assert other.items == {}

    def test_a_ledger_whose_first_line_a_kill_cut_short_is_begun_anew(self, desk: Desk):
        desk.write("a.doc", "one")
        desk.run()
        ledger = desk.out / "copy.lines.ledger.jsonl"
        whole = ledger.read_bytes()
        for name in desk.made():
            (desk.out / name).unlink()
        ledger.write_bytes(whole[:30])
        assert desk.run().counts == {"good": 1}
        assert ledger.read_bytes().startswith(whole.splitlines()[0] + b"\n")

    def test_a_file_that_is_no_ledger_is_refused(self, desk: Desk):
        desk.write("a.doc", "one")
        desk.out.mkdir()
        (desk.out / "copy.lines.ledger.jsonl").write_text("shopping list\n")
        with pytest.raises(DataError, match="is no ledger of this version"):
            desk.run(overwrite=True)
        assert (desk.out / "copy.lines.ledger.jsonl").read_text() == "shopping list\n"

    def test_tables_belong_to_the_run(self, desk: Desk):
        context = RunContext(task="copy.lines", out_dir=desk.out)
        with Batch(context, {}) as batch:
            batch.table("index.csv").write_text("mine")
        with Batch(context, {}) as batch:
            assert batch.table("index.csv").read_text() == "mine"
            (desk.out / "notes.csv").write_text("a user's")
            with pytest.raises(DataError, match=r"notes\.csv is there already"):
                batch.table("notes.csv")


@pytest.mark.parametrize("name", ["../x.txt", "/tmp/x.txt", "a/../../x.txt", "", "..", "link/x.txt"])
def test_names_never_lead_out_of_the_run_folder(tmp_path: Path, name: str):
    out = tmp_path / "out"
    out.mkdir()
    (out / "link").symlink_to(tmp_path)
    outputs = Outputs(out, owned=(), done=(), claim=lambda _name: None)
    with pytest.raises(ConfigError, match="run folder"):
        outputs.path(name)


def test_files_in_folders_of_the_run_folder_are_fine(tmp_path: Path):
    outputs = Outputs(tmp_path, owned=(), done=(), claim=lambda _name: None)
    outputs.path("a/b/c.txt").write_text("x")
    assert outputs.taken() == ("a/b/c.txt",)
    assert outputs.taken() == ()


def test_an_executor_that_keeps_outcomes_to_itself_is_found_out(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    class Lazy:
        def map(self, function: Callable[[Any], Any], items: Any) -> Iterator[Outcome]:
            first = next(iter(items))
            yield Outcome(0, first, function(first))

    desk.write("a.doc", "one")
    desk.write("b.doc", "two")
    monkeypatch.setattr(Choice, "make", lambda *_self: Lazy())
    with pytest.raises(EcgError, match="told of 1 of 2 items only"):
        desk.run()


def test_more_failures_than_are_told_are_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batches, "MAX_FAILURES_TOLD", 2)
    desk.write("a.doc", *["bad"] * 5)
    result = attrs.evolve(desk.run(), ledger=attrs.make_class("L", ["path"])("the.ledger"))
    told = result.task_result({}).failures
    assert [each.item for each in told][-1] == "3 more"
    assert result.num_failures == 5


IDLE = """
import os, time
from ecg_core.execution.batch import Part

def warm(path):
    with path.open("a") as file:
        file.write(f"{os.getpid()}\\n")

def idle(item, outputs):
    time.sleep(0.02)
    yield Part()
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_every_process_warms_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int):
    (tmp_path / "acme_idle.py").write_text(IDLE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "acme_idle", raising=False)
    from acme_idle import idle, warm

    context = RunContext(task="idle", out_dir=tmp_path / "out")
    items = [Item(source=f"item {number}", key=str(number), files=()) for number in range(12)]
    executor = default_choice("executors", "processes", {"workers": workers})
    with Batch(context, {}) as batch:
        batch.run(idle, items, executor=executor, warm_up=partial(warm, tmp_path / "warm"))
    pids = (tmp_path / "warm").read_text().split()
    assert len(pids) == len(set(pids)) <= workers


@pytest.mark.parametrize("workers", [1, 2])
def test_every_process_keeps_opencv_to_its_share_of_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
):
    """OpenCV asks nobody: left alone, every process would use all cores."""
    (tmp_path / "cv2.py").write_text(
        f"def setNumThreads(number):\n    with open({str(tmp_path / 'told')!r}, 'a') as file:\n"
        "        file.write(f'{number}\\n')\n"
    )
    (tmp_path / "acme_drawing.py").write_text(f"import cv2\n{IDLE}")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("acme_drawing", "cv2"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    from acme_drawing import idle

    items = [Item(source=f"item {number}", key=str(number), files=()) for number in range(12)]
    executor = default_choice("executors", "processes", {"workers": workers})
    with Batch(RunContext(task="idle", out_dir=tmp_path / "out"), {}) as batch:
        batch.run(idle, items, executor=executor)
    assert set((tmp_path / "told").read_text().split()) == {"3"}
    monkeypatch.delitem(sys.modules, "cv2")  # the true one comes back


@given(st.lists(st.integers(1, 9), min_size=0, max_size=4), st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_however_often_it_is_interrupted_the_end_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, deaths: list[int], documents: list[int]
):
    desk = Desk(tmp_path_factory.mktemp("docs"), tmp_path_factory.mktemp("out") / "run")
    every = []
    for number, pages in enumerate(documents):
        lines = [f"{number}.{page}" for page in range(pages)]
        every += lines
        desk.write(f"{number}.doc", *lines)
    for death in deaths:
        line = every[death % len(every)]
        with contextlib.suppress(Killed):
            desk.run(resume=True, dies_at=line)
    result = desk.run(resume=True)
    assert sorted(text for name, text in desk.made().items() if name.endswith(".txt")) == sorted(every)
    assert result.counts == {"good": len(every)}


def test_an_item_that_is_all_one_and_was_killed_between_its_note_and_its_end_is_not_made_again(tmp_path: Path) -> None:
    made: list[str] = []

    def work(item: Item, outputs: Outputs, *, dies: bool = False) -> Iterator[Part]:
        made.append(item.key)
        outputs.path(f"{item.key}.txt").write_text("whole")
        yield Part()
        if dies:
            raise Killed

    def run(*, dies: bool) -> BatchResult:
        with Batch(RunContext(task="one", out_dir=tmp_path / "out", resume=True), {}) as batch:
            items = [Item(source="a", key="a", files=())]
            return batch.run(partial(work, dies=dies), items, executor=default_choice("executors", "serial"))

    with pytest.raises(Killed):
        run(dies=True)
    assert run(dies=False).counts == {"done": 1}
    assert made == ["a"]


KILLED_RUN = """
import sys, time
from functools import partial
from pathlib import Path
from ecg_core.atomic import atomic_write_text
from ecg_core.config.choice import default_choice
from ecg_core.context import RunContext
from ecg_core.execution.batch import Batch, Item, Part

def copy(item, outputs):
    for page in range(3):
        if not outputs.is_done(f"page {page}"):
            atomic_write_text(outputs.path(f"{item.key}-{page}.a"), "a" * 4000)
            time.sleep(0.002)
            atomic_write_text(outputs.path(f"{item.key}-{page}.b"), "b" * 4000)
            yield Part(name=f"page {page}", values={"written": 2})

if __name__ == "__main__":
    context = RunContext(task="copy", out_dir=Path(sys.argv[1]), resume=True)
    items = [Item(source=f"item {n}", key=str(n), files=()) for n in range(40)]
    with Batch(context, {}) as batch:
        done = batch.run(copy, items, executor=default_choice("executors", "processes", {"workers": 2}))
        print(dict(done.counts), done.num_there, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX signals")
def test_kill_9_at_twenty_moments_loses_nothing(tmp_path: Path):
    script, out = tmp_path / "copy_run.py", tmp_path / "out"
    script.write_text(KILLED_RUN)
    for moment in range(20):
        process = subprocess.Popen([sys.executable, script, out], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _wait_for_work(process, out)
        time.sleep(0.005 * moment)
        process.kill()
        process.communicate()
        _wait_for_the_lock(out)
    ended = subprocess.run([sys.executable, script, out], capture_output=True, text=True, check=True, timeout=120)
    assert ended.stdout.startswith("{'done': 120}")
    files = sorted(path.name for path in out.iterdir() if path.suffix in (".a", ".b"))
    assert files == sorted(f"{item}-{page}.{kind}" for item in range(40) for page in range(3) for kind in "ab")
    assert {path.read_text() for path in out.glob("*.a")} == {"a" * 4000}
    assert not list(out.glob(".*.tmp*"))
    lines = [json.loads(line) for line in (out / "copy.ledger.jsonl").read_text().splitlines()]
    assert {(line["item"], line["part"]) for line in lines if "part" in line} == {
        (str(item), f"page {page}") for item in range(40) for page in range(3)
    }


def _wait_for_work(process: subprocess.Popen, out: Path) -> None:
    """Until a worker has noted something, or the run has ended."""
    before = _size(out)
    while process.poll() is None and _size(out) == before:
        time.sleep(0.01)


def _size(out: Path) -> int:
    ledger = out / "copy.ledger.jsonl"
    return ledger.stat().st_size if ledger.exists() else 0


def _wait_for_the_lock(out: Path) -> None:
    """Workers of a killed run end by themselves, a moment after it."""
    for _ in range(200):
        try:
            Ledger(out, "copy", {}).close()
            return
        except DataError:
            time.sleep(0.05)
    raise AssertionError("a process of the killed run still holds the folder")
