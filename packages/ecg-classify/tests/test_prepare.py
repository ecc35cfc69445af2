from __future__ import annotations

import csv
import json
import logging
from pathlib import Path

import attrs
import numpy as np
import pytest

from ecg_classify.prepare.files import read_about, read_prepared
from ecg_classify.prepare.names import source_of
from ecg_classify.prepare.task import PrepareConfig, run
from ecg_core.config.choice import default_choice
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.formats import write_record
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record

CODES = ["426783006", "164889003", "164909002", "164865005", "270492004"]
OF_CODES = ["NORM", "AF", "BBB", "MI", "OTHER"]


def record(seed: int = 0, **changes: object) -> Record:
    return attrs.evolve(synthesize_record(seed=seed), **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five recordings of three formats, one class each by their codes."""
    root = tmp_path / "data"
    for number, (code, suffix) in enumerate(zip(CODES, (".hea", ".mat", ".npz", ".hea", ".mat"), strict=True)):
        write_record(record(number, metadata={"Dx": code}), root / f"set{number % 2}" / f"R{number}{suffix}")
    return root


def prepare(roots: list[Path], out: Path, *, resume: bool = False, seed: int = 0, **options: object) -> TaskResult:
    out.mkdir(exist_ok=True)
    config = PrepareConfig(records=tuple(map(str, roots)), **options)  # type: ignore[arg-type]
    return run(config, RunContext(task="classify.prepare", out_dir=out, resume=resume, seed=seed))


def index(out: Path) -> list[dict[str, str]]:
    with (out / "index.csv").open() as lines:
        return list(csv.DictReader(lines))


def test_all_that_a_training_needs_is_written(folder: Path, tmp_path: Path) -> None:
    result = prepare([folder], tmp_path / "out")
    rows = index(tmp_path / "out")
    assert not result.failures
    assert [row["name"] for row in rows] == [
        "data-set0-R0", "data-set0-R2", "data-set0-R4", "data-set1-R1", "data-set1-R3"
    ]  # fmt: skip
    assert [row["classes"] for row in rows] == ["NORM", "BBB", "OTHER", "AF", "MI"]
    assert json.loads((tmp_path / "out/label_map.json").read_text()) == {
        "MI": 0, "AF": 1, "BBB": 2, "NORM": 3, "OTHER": 4
    }  # fmt: skip
    np.testing.assert_array_equal(np.load(tmp_path / "out/labels.npy"), [3, 2, 4, 1, 0])
    np.testing.assert_array_equal(np.load(tmp_path / "out/targets.npy"), np.eye(5, dtype=np.uint8)[[3, 2, 4, 1, 0]])
    splits = json.loads((tmp_path / "out/splits.json").read_text())
    assert sorted(name for names in splits.values() for name in names) == [row["name"] for row in rows]
    assert {row["name"]: row["split"] for row in rows} == {
        name: part for part, names in splits.items() for name in names
    }


def test_a_prepared_recording_is_the_normalised_signal(folder: Path, tmp_path: Path) -> None:
    prepare([folder], tmp_path / "out")
    path = tmp_path / "out/records/data-set0-R0.npz"
    signal = synthesize_record(seed=0).signal_mv
    expected = (signal - signal.mean(axis=1, keepdims=True)) / signal.std(axis=1, keepdims=True)
    made = read_prepared(path)
    np.testing.assert_allclose(made.signal, expected, rtol=2e-3, atol=1e-2)  # steps of 1 µV, and those of float16
    assert made.seen.all()
    about = read_about(path)
    assert (about.sampling_rate_hz, about.duration_s, about.classes) == (500.0, 10.0, ("NORM",))


def test_a_table_outweighs_codes_and_is_found_beside_the_recordings(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "unified_label_mapping.csv").write_text(
        "dataset,record_id,mapped_label,patient_id\nx,set0\\R0.hea,MI,p1\nx,r2,AF,p1\nx,../R4,MI,\n"
    )
    with caplog.at_level(logging.WARNING):
        assert not prepare([folder], tmp_path / "out").failures
    rows = {row["name"][-2:]: row for row in index(tmp_path / "out")}
    assert {name: row["classes"] for name, row in rows.items()} == {
        "R0": "MI", "R1": "AF", "R2": "AF", "R3": "MI", "R4": "OTHER"
    }  # fmt: skip
    assert [rows[name]["label_source"] for name in ("R0", "R1", "R2")] == ["table", "codes", "table"]
    assert rows["R0"]["split"] == rows["R2"]["split"]  # one patient
    assert "line 4: '../R4' leads out of the folder" in caplog.text
    assert "3 recordings are not in the table" in caplog.text


@pytest.mark.parametrize("root", ["../data", "../here/../data", "../data/set0"])
def test_a_table_names_recordings_that_are_reached_by_a_way_up(
    root: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "labels.csv").write_text("dataset,record_id,mapped_label\nset0,set0/R0,MI\nset1,R0,AF\n")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert not prepare([root], Path("out"), mapping="../labels.csv").failures
    rows = {row["name"][-2:]: row for row in index(Path("out"))}
    assert (rows["R0"]["classes"], rows["R0"]["label_source"]) == ("MI", "table")


def test_the_folder_here_has_its_own_name(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    prepare(["."], tmp_path / "out")
    assert {row["source"] for row in index(tmp_path / "out")} == {"data"}


def test_without_table_and_codes_all_are_other_and_that_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_record(record(), tmp_path / "data" / "a.hea")
    with caplog.at_level(logging.WARNING):
        prepare([tmp_path / "data"], tmp_path / "out", mapping=str(tmp_path / "labels.csv"))
    assert [row["classes"] for row in index(tmp_path / "out")] == ["OTHER"]
    assert f"{tmp_path}/labels.csv: there is no such table" in caplog.text
    assert "1 recordings have no label and no diagnostic codes; they are OTHER" in caplog.text


def test_a_damaged_recording_is_named_counted_and_stops_no_other(folder: Path, tmp_path: Path) -> None:
    (folder / "set0" / "R0.dat").write_bytes(b"\0" * 100)
    write_record(record(lead_names=tuple(f"x{n}" for n in range(12))), folder / "foreign.npz")
    result = prepare([folder], tmp_path / "out")
    assert len(index(tmp_path / "out")) == 4
    with (tmp_path / "out/failures.csv").open() as lines:
        reasons = {Path(row["location"]).name: row["reason"] for row in csv.DictReader(lines)}
    assert set(reasons) == {"R0.hea", "foreign.npz"} == {Path(failure.item).name for failure in result.failures}
    assert "none of the twelve leads" in reasons["foreign.npz"]


def test_a_resumed_run_makes_what_is_wanting_and_gives_the_same(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    prepare([folder], out)
    tables = sorted([*out.glob("*.csv"), *out.glob("*.json"), *out.glob("*.npy")])
    before = {path.name: path.read_bytes() for path in tables}
    kept, damaged, gone = (out / f"records/data-set0-R{number}.npz" for number in (0, 2, 4))
    made_ns = kept.stat().st_mtime_ns
    damaged.write_bytes(damaged.read_bytes()[:5000])
    gone.unlink()
    prepare([folder], out, resume=True)
    assert kept.stat().st_mtime_ns == made_ns
    assert read_prepared(damaged).seen.all()
    assert gone.exists()
    assert {path.name: path.read_bytes() for path in tables} == before
    assert len(tables) == 6


def test_recordings_of_one_name_in_several_folders_are_all_kept(tmp_path: Path) -> None:
    for number, place in enumerate(("a/data/R1.hea", "b/data/R1.hea", "b/data/r1.npz")):
        write_record(record(number), tmp_path / place)
    prepare([tmp_path / "a/data", tmp_path / "b/data"], tmp_path / "out")
    assert len({row["name"].casefold() for row in index(tmp_path / "out")}) == 3
    assert len(list((tmp_path / "out/records").iterdir())) == 3


def test_a_rate_far_from_500_hz_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_record(record().resample(100), tmp_path / "data/slow.hea")
    with caplog.at_level(logging.WARNING):
        prepare([tmp_path / "data"], tmp_path / "out")
    assert "slow.hea: recorded at 100 Hz, far from 500 Hz" in caplog.text
    assert read_prepared(tmp_path / "out/records/data-slow.npz").seen.all()


def test_a_remote_folder_is_prepared(folder: Path, tmp_path: Path) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.put(str(folder / "set0"), "/remote-set", recursive=True)
    try:
        run(
            PrepareConfig(
                records=("memory://remote-set",),
                executor=default_choice("executors", "serial"),  # no other process sees this one's memory
            ),
            RunContext(task="classify.prepare", out_dir=tmp_path, seed=0),
        )
    finally:
        memory.rm("/remote-set", recursive=True)
    assert [row["classes"] for row in index(tmp_path)] == ["NORM", "BBB", "OTHER"]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name at least one"):
        prepare([], tmp_path / "out")
    with pytest.raises(DataError, match="there is no such folder"):
        prepare([tmp_path / "nowhere"], tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no recording found in"):
        prepare([tmp_path / "empty"], tmp_path / "out")
    (tmp_path / "empty/a.npz").write_bytes(b"PK nothing")
    with pytest.raises(DataError, match=r"none of 1 recordings could be used; failures\.csv says why"):
        prepare([tmp_path / "empty"], tmp_path / "out")
    assert (tmp_path / "out/failures.csv").read_text().count("\n") == 2


@pytest.mark.parametrize(
    ("location", "source"),
    [
        ("data/ptb-xl/records500/00000/00001_hr.hea", "ptb-xl"),
        ("s3://bucket/cpsc2018/A0001.hea", "cpsc2018"),
        ("C:\\ecg\\georgia\\E1.hea", "georgia"),
        ("elsewhere/mine/one.hea", "mine"),
    ],
)
def test_a_source_is_the_folder_that_was_named(location: str, source: str) -> None:
    roots = ["data/ptb-xl/", "s3://bucket/cpsc2018", "C:\\ecg\\georgia", "elsewhere/mine/one.hea"]
    assert source_of(location, roots) == source
