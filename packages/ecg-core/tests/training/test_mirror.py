from __future__ import annotations

import json
import logging
import zipfile
from pathlib import Path

import fsspec
import pytest

pytest.importorskip("torch")

from ecg_core.errors import ConfigError
from ecg_core.training import mirror
from ecg_core.training.mirror import Mirror

OF_ONE_SIDE = ("checkpoints/run.json", "ecg-mirror.json")


def names(folder: Path) -> list[str]:
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in files if not name.startswith("tensorboard/") and name not in OF_ONE_SIDE)


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_the_copy_is_like_the_run(train, tmp_path: Path, scheme: str):
    train(epochs=4, keep=1, sync_to=f"{scheme}{tmp_path / 'copy'}")
    assert names(tmp_path / "copy") == names(tmp_path / "run")
    for name in names(tmp_path / "run"):
        assert (tmp_path / "copy" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()


def test_a_machine_that_is_gone_costs_nothing(train, tmp_path: Path, parts_of, assert_identical):
    url = f"memory://runs/{tmp_path.name}"
    train(out="whole", epochs=4, schedule=_steady())
    train(out="gone", epochs=2, schedule=_steady(), sync_to=url)
    train(out="fresh", epochs=4, schedule=_steady(), sync_to=url, resume=True)
    assert_identical(parts_of("fresh"), parts_of("whole"))
    lines = [(tmp_path / out / "metrics.jsonl").read_text().count("\n") for out in ("fresh", "whole")]
    assert lines[0] == lines[1]


def test_what_is_on_this_machine_goes_before_the_copy(tmp_path: Path):
    for folder, text in (("copy", "old"), ("run", "new")):
        (tmp_path / folder / "checkpoints" / "step-0000001").mkdir(parents=True)
        (tmp_path / folder / "checkpoints" / "step-0000001" / "checkpoint.json").write_text(text)
    Mirror(str(tmp_path / "copy"), tmp_path / "run").pull()
    assert (tmp_path / "run" / "checkpoints" / "step-0000001" / "checkpoint.json").read_text() == "new"


def test_a_place_that_cannot_be_written_to_is_told_at_the_start(train, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match=r"sync_to: .*file/copy could not be reached or written to"):
        train(sync_to=str(tmp_path / "file" / "copy"))


def test_an_unknown_protocol_is_told_at_the_start(train):
    with pytest.raises(ConfigError, match=r"sync_to: nowhere://bucket cannot be used: .*nowhere"):
        train(sync_to="nowhere://bucket")


def test_a_copy_that_fails_later_warns_and_stops_nothing(
    train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    put, failing = Mirror._put, iter([False] * 5 + [True] * 3)

    def sometimes(self: Mirror, file: Path) -> None:
        if next(failing, False):
            raise OSError("the network is down")
        put(self, file)

    monkeypatch.setattr(mirror.Mirror, "_put", sometimes)
    with caplog.at_level(logging.WARNING):
        train(epochs=4, sync_to=str(tmp_path / "copy"))
    assert "the network is down; the run goes on" in caplog.text
    assert names(tmp_path / "copy") == names(tmp_path / "run")


def test_a_checkpoint_that_arrived_in_part_is_copied_again(tmp_path: Path):
    run = tmp_path / "run" / "checkpoints" / "step-0000001"
    run.mkdir(parents=True)
    for name in ("model.safetensors", "checkpoint.json"):
        (run / name).write_text("whole")
    half = tmp_path / "copy" / "checkpoints" / "step-0000001"
    half.mkdir(parents=True)
    (half / "model.safetensors").write_text("who")
    Mirror(str(tmp_path / "copy"), tmp_path / "run").push()
    assert (half / "model.safetensors").read_text() == "whole"
    assert (half / "checkpoint.json").exists()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def of_an_older_release(copy: Path) -> None:
    (copy / "ecg-mirror.json").unlink()


def test_what_the_run_did_not_put_there_stays_as_it_is(train, tmp_path: Path):
    copy = tmp_path / "copy"
    for name in ("checkpoints/precious_model/weights", "checkpoints/step-0000005.zip", "notes.txt"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text("mine")
    before = contents(copy)
    train(epochs=4, keep=1, sync_to=str(copy))
    (copy / "checkpoints" / "step-0000001").mkdir()
    (copy / "checkpoints" / "step-0000001" / "checkpoint.json").write_text("mine")
    train(epochs=6, keep=1, sync_to=str(copy), resume=True)
    after = contents(copy)
    assert {name: after[name] for name in before} == before
    assert after["checkpoints/step-0000001/checkpoint.json"] == b"mine"
    assert "checkpoints/step-0000048/checkpoint.json" in after
    assert not any(name.startswith("checkpoints/step-0000032") for name in after)  # the run removed it


def test_a_file_of_somebody_else_in_a_removed_checkpoint_stays(train, tmp_path: Path):
    copy = tmp_path / "copy"
    train(epochs=1, keep=1, sync_to=str(copy))
    (copy / "checkpoints" / "step-0000008" / "mine").write_text("mine")
    train(epochs=4, keep=1, sync_to=str(copy), resume=True)
    left = contents(copy)
    assert [name for name in left if "step-0000008" in name] == ["checkpoints/step-0000008/mine"]


@pytest.mark.parametrize("marked", [True, False])
def test_the_copy_of_another_run_is_refused_and_left_as_it_is(train, tmp_path: Path, marked: bool):
    copy = tmp_path / "copy"
    train("one", sync_to=str(copy))
    if not marked:
        of_an_older_release(copy)
    before = contents(copy)
    complaint = "holds the copy of another run" if marked else "which this run did not put there; choose an empty place"
    with pytest.raises(ConfigError, match=complaint):
        train("two", epochs=1, sync_to=str(copy))
    train("three", epochs=1)
    with pytest.raises(ConfigError, match=complaint):
        train("three", epochs=2, sync_to=str(copy), resume=True)
    assert contents(copy) == before


def test_a_checkpoint_of_another_run_in_a_place_of_this_one_is_told(
    train, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    copy = tmp_path / "copy"
    train(epochs=1, sync_to=str(copy))
    (copy / "checkpoints" / "step-0000016").mkdir()
    (copy / "checkpoints" / "step-0000016" / "checkpoint.json").write_text("mine")
    train(epochs=3, sync_to=str(copy), resume=True)
    assert "holds step-0000016, which this run did not put there" in caplog.text
    assert contents(copy)["checkpoints/step-0000016/checkpoint.json"] == b"mine"
    assert "checkpoints/step-0000024/model.safetensors" in contents(copy)


@pytest.mark.parametrize("on", ["this machine", "another"])
def test_a_copy_of_an_older_release_is_taken_over_by_its_own_run(
    train, tmp_path: Path, on: str, parts_of, assert_identical
):
    copy, options = tmp_path / "copy", {"schedule": _steady(), "sync_to": str(tmp_path / "copy")}
    train("run", epochs=2, **options)
    of_an_older_release(copy)
    out = "run" if on == "this machine" else "fresh"
    if on == "this machine":
        (tmp_path / "run" / "checkpoints" / "run.json").unlink()
    train(out, epochs=4, resume=True, **options)
    train("whole", epochs=4, schedule=_steady())
    assert_identical(parts_of(out), parts_of("whole"))
    assert names(copy) == names(tmp_path / out)


def test_a_process_that_another_one_has_taken_over_from_stops_to_copy(tmp_path: Path, train):
    train(epochs=1, sync_to=str(tmp_path / "copy"))
    first, second = (Mirror(str(tmp_path / "copy"), tmp_path / "run") for _ in range(2))
    first.claim(strict=True)
    second.claim(strict=True)
    with pytest.raises(ConfigError, match="a process elsewhere has gone on with this run"):
        first.push(strict=True)
    second.push(strict=True)


NAMES_THAT_LEAD_OUT = (
    "../evil",
    "../../evil",
    "checkpoints/step-0000001/../../../evil",
    "checkpoints/step-0000001/..\\..\\..\\evil",
    "checkpoints/step-0000001/C:\\evil",
    "C:/evil",
)


@pytest.mark.parametrize("name", NAMES_THAT_LEAD_OUT)
def test_names_that_lead_out_of_the_place_are_refused(tmp_path: Path, name: str):
    store = fsspec.filesystem("memory")
    store.pipe_file("/runs/a/checkpoints/step-0000001/checkpoint.json", b"{}")
    store.store[f"/runs/a/{name}"] = store.store["/runs/a/checkpoints/step-0000001/checkpoint.json"]
    run = tmp_path / "deep" / "down" / "run"
    run.mkdir(parents=True)
    with pytest.raises(ConfigError, match="which leads out of it; nothing is taken from it"):
        Mirror("memory://runs/a", run).pull()
    assert not [path for path in tmp_path.rglob("*") if not path.is_dir()]


def test_names_in_an_archive_never_lead_out(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        for name in ("run/checkpoints/step-0000001/checkpoint.json", "run/../../../evil", "run/../evil", "/evil"):
            archive.writestr(name, "{}")
    run = tmp_path / "deep" / "down" / "run"
    run.mkdir(parents=True)
    before = contents(tmp_path)
    with pytest.raises(ConfigError, match="leads out"):
        Mirror(f"zip://run::{tmp_path / 'evil.zip'}", run).pull()
    assert contents(tmp_path) == before


def test_a_marker_made_by_somebody_else_removes_nothing_outside(train, tmp_path: Path):
    copy = tmp_path / "copy"
    (tmp_path / "mine").write_text("mine")
    (copy).mkdir()
    (copy / "mine").write_text("mine")
    train(epochs=1, keep=1, sync_to=str(copy))
    marker = json.loads((copy / "ecg-mirror.json").read_text())
    marker["files"] += ["checkpoints/step-0000001/../../../mine", "../mine", "mine", str(tmp_path / "mine")]
    (copy / "ecg-mirror.json").write_text(json.dumps(marker))
    train(epochs=3, keep=1, sync_to=str(copy), resume=True)
    assert (tmp_path / "mine").exists()
    assert (copy / "mine").exists()


@pytest.mark.parametrize("link", ["checkpoints", "metrics.jsonl", "ecg-mirror.json"])
def test_nothing_is_written_through_a_link_in_the_place(train, tmp_path: Path, link: str):
    (tmp_path / "copy").mkdir()
    (tmp_path / "elsewhere").mkdir() if link == "checkpoints" else (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "copy" / link).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match=f"{link} is a link|{link}, which this run did not put there"):
        train(sync_to=str(tmp_path / "copy"))
    assert not (tmp_path / "elsewhere").is_dir() or not any((tmp_path / "elsewhere").iterdir())
    assert (tmp_path / "elsewhere").is_dir() or (tmp_path / "elsewhere").read_text() == "mine"


def test_nothing_is_taken_through_a_link_out_of_the_run_folder_or_of_the_place(train, tmp_path: Path):
    train(epochs=1, sync_to=str(tmp_path / "copy"))
    (tmp_path / "fresh").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "fresh" / "checkpoints").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="a link leads out of the run folder"):
        train("fresh", epochs=2, sync_to=str(tmp_path / "copy"), resume=True)
    assert not list((tmp_path / "elsewhere").iterdir())
    model = tmp_path / "copy" / "checkpoints" / "step-0000008" / "model.safetensors"
    model.unlink()
    model.symlink_to(tmp_path / "run" / "metrics.jsonl")
    with pytest.raises(ConfigError, match="is a link"):
        Mirror(str(tmp_path / "copy"), tmp_path / "third").pull()


def test_a_run_that_is_killed_while_it_takes_back_its_copy_takes_it_back_again(
    train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts_of, assert_identical
):
    options = {"schedule": _steady(), "sync_to": str(tmp_path / "copy")}
    train(epochs=2, **options)
    fetch, calls = Mirror._fetch, iter(range(100))

    def killed(self: Mirror, name: str, target: Path) -> None:
        if next(calls) == 4:
            raise KeyboardInterrupt
        fetch(self, name, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Mirror, "_fetch", killed)
        train("fresh", epochs=3, resume=True, **options)
    train("fresh", epochs=3, resume=True, **options)
    train("whole", epochs=3, schedule=_steady())
    assert_identical(parts_of("fresh"), parts_of("whole"))


def test_the_run_folder_is_no_copy_of_itself(train, tmp_path: Path):
    with pytest.raises(ConfigError, match="is the run folder itself"):
        train(sync_to=str(tmp_path / "run"))


@pytest.mark.parametrize("url", ["zip://::{folder}", "zip://run::{folder}/none.zip"])
def test_a_place_that_cannot_be_opened_is_told(train, tmp_path: Path, url: str):
    with pytest.raises(ConfigError, match=r"sync_to: .* cannot be used"):
        train(sync_to=url.format(folder=tmp_path))


@pytest.fixture(autouse=True)
def _empty_memory() -> None:
    fsspec.filesystem("memory").store.clear()


def _steady():
    from ecg_core.training.config import ScheduleConfig

    return ScheduleConfig(name="constant")
