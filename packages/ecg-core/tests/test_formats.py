from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import attrs
import numpy as np
import pytest

import ecg_core.plugins.registry as registry_module
from ecg_core.errors import DataError, PluginNotFound
from ecg_core.formats import find_records, read_record, write_record
from ecg_core.plugins.registry import Registry
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record

RECORD = Record(signal_mv=[[0.5, -0.25]], sampling_rate_hz=500, lead_names=["II"], name="a")


def test_importing_the_formats_loads_nothing_heavy() -> None:
    code = "import sys, ecg_core.formats; print(*{'wfdb', 'scipy', 'pandas', 'fsspec'}.intersection(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == ""


@pytest.mark.parametrize("name", ["a.hea", "a.HEA", "deep/er/a.csv", "a.NPZ", "a.mat"])
def test_the_suffix_chooses_the_format(name: str, tmp_path: Path) -> None:
    for path in write_record(RECORD, tmp_path / name):
        np.testing.assert_array_equal(read_record(path).signal_mv, RECORD.signal_mv)


def test_a_format_can_be_named(tmp_path: Path) -> None:
    (path,) = write_record(RECORD, tmp_path / "a.txt", format="csv")
    assert path.name == "a.txt"
    np.testing.assert_array_equal(read_record(path, format="ecg-core:csv").signal_mv, RECORD.signal_mv)
    with pytest.raises(PluginNotFound, match="edf"):
        read_record(path, format="edf")


@pytest.mark.parametrize("name", ["a.edf", "a", "a.npy"])
def test_an_unknown_suffix_lists_the_known_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no installed format reads .*\.csv.*\.dat.*\.hea.*\.mat.*\.npz"):
        read_record(tmp_path / name)
    with pytest.raises(DataError, match="no installed format writes"):
        write_record(RECORD, tmp_path / name)


@pytest.mark.parametrize("suffix", [".hea", ".dat", ".mat", ".csv", ".npz"])
def test_what_is_not_there_is_named(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.\w+: no such file"):
        read_record(tmp_path / f"gone{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(DataError, match=r"folder\.\w+: (a folder, not a file|no such file)"):
        read_record(tmp_path / f"folder{suffix}")


def with_formats(monkeypatch: pytest.MonkeyPatch, *points: tuple[str, str]) -> None:
    group = "ecg.formats"
    entries = [EntryPoint(name, value, group) for name, value in points]
    found = Registry(lambda asked: entries if asked == group else [])
    monkeypatch.setattr(registry_module, "registry", lambda: found)


def test_a_suffix_that_two_formats_claim_has_to_be_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_formats(monkeypatch, ("csv", "ecg_core.plugin:csv_format"), ("table", "ecg_core.plugin:csv_format"))
    with pytest.raises(DataError, match=r"csv and .*table all claim \.csv"):
        read_record(tmp_path / "a.csv")


def test_a_broken_format_does_not_hide_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_formats(monkeypatch, ("bad", "no_such_module:spec"), ("csv", "ecg_core.plugin:csv_format"))
    (path,) = write_record(RECORD, tmp_path / "a.csv")
    assert read_record(path).num_samples == 2
    assert "no_such_module" in caplog.text


def test_every_record_of_a_folder_is_found_once(tmp_path: Path) -> None:
    write_record(RECORD, tmp_path / "b" / "two.mat")
    write_record(RECORD, tmp_path / "one.hea")
    write_record(RECORD, tmp_path / "one.csv")
    write_record(RECORD, tmp_path / "c" / "THREE.NPZ")
    write_record(RECORD, tmp_path / "four.csv")
    (tmp_path / ".hidden.csv").touch()
    (tmp_path / "notes.txt").touch()
    found = find_records(tmp_path)
    expected = ["b/two.hea", "c/THREE.NPZ", "four.csv", "one.hea"]
    assert [path.relative_to(tmp_path).as_posix() for path in found] == expected
    assert all(read_record(path).num_samples == 2 for path in found)
    assert find_records(tmp_path, suffixes={".csv"}) == [tmp_path / "four.csv", tmp_path / "one.csv"]
    assert find_records(str(tmp_path / "four.csv")) == [tmp_path / "four.csv"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gone: there is no such folder"):
        find_records(tmp_path / "gone")


@pytest.fixture
def bucket(tmp_path: Path) -> str:
    """A remote folder in memory with a WFDB record, a MATLAB record and a table."""
    import fsspec

    memory = fsspec.filesystem("memory")
    record = attrs.evolve(synthesize_record(duration_s=0.1), metadata={})
    for name in ("one.hea", "two.mat", "three.csv"):
        for path in write_record(record, tmp_path / name):
            memory.pipe(f"/bucket/deep/{path.name}", path.read_bytes())
    yield "memory://bucket"
    memory.rm("/bucket", recursive=True)


@pytest.mark.parametrize("name", ["one.hea", "one.dat", "two.mat", "two.hea", "three.csv"])
def test_remote_records_are_fetched_with_what_belongs_to_them(name: str, bucket: str) -> None:
    expected = synthesize_record(duration_s=0.1)
    record = read_record(f"{bucket}/deep/{name}")
    np.testing.assert_allclose(record.signal_mv, expected.signal_mv, atol=5.1e-4)
    assert record.name == name.partition(".")[0]


def test_remote_folders_are_searched(bucket: str) -> None:
    found = find_records(bucket)
    assert found == [f"memory:///bucket/deep/{name}" for name in ("one.hea", "three.csv", "two.hea")]
    assert [read_record(url).num_leads for url in found] == [12, 12, 12]


def test_what_is_not_there_remotely_is_named(bucket: str) -> None:
    with pytest.raises(DataError, match=r"memory://bucket/gone\.hea: there is no such file"):
        read_record(f"{bucket}/gone.hea")
    import fsspec

    fsspec.filesystem("memory").rm("/bucket/deep/one.dat")
    with pytest.raises(DataError, match=r"one\.dat: no such file; one\.hea says"):
        read_record(f"{bucket}/deep/one.hea")


def test_an_unknown_protocol_is_named() -> None:
    with pytest.raises(DataError, match=r"nosuch://x/a\.hea: could not be reached"):
        read_record("nosuch://x/a.hea")
    with pytest.raises(DataError, match="could not be reached"):
        find_records("nosuch://x")


def test_records_are_not_written_to_a_url() -> None:
    with pytest.raises(DataError, match="local files"):
        write_record(RECORD, "s3://bucket/a.hea")
