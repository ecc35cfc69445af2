from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from ecg_core.errors import DataError
from ecg_core.formats import read_record, write_record
from ecg_core.record import Record

PARTS = {"signal_mv": np.ones((1, 3)), "sampling_rate_hz": 500, "lead_names": ["II"]}


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("an object of the file was unpickled",))


def test_what_is_written_is_plain_numpy(tmp_path: Path) -> None:
    record = Record(
        signal_mv=[[0.1, np.nan]],
        sampling_rate_hz=360.5,
        lead_names=["V1"],
        name="Seite ü",
        metadata={"age": 5, "size": np.float32(0.5), "shape": np.arange(2), "when": Path("x")},
    )
    (path,) = write_record(record, tmp_path / "any name.npz")
    with np.load(path, allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["signal_mv"], record.signal_mv)
        assert archive["signal_mv"].dtype == np.float32
        assert archive["sampling_rate_hz"] == 360.5
        assert archive["lead_names"].tolist() == ["V1"]
    back = read_record(path)
    assert back.name == "Seite ü"
    assert back.metadata == {"age": 5, "size": 0.5, "shape": [0, 1], "when": "x"}


def test_keys_that_are_no_texts_are_written_as_such(tmp_path: Path) -> None:
    metadata = {("Dx", 1): "AF", 7: {(0, 1): 2}, np.float32(1.5): "x"}
    record = Record(signal_mv=[[1]], sampling_rate_hz=500, lead_names=["I"], metadata=metadata)
    write_record(record, tmp_path / "a.npz")
    assert read_record(tmp_path / "a.npz").metadata == {"('Dx', 1)": "AF", "7": {"(0, 1)": 2}, "1.5": "x"}


def test_name_and_metadata_are_optional(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", **PARTS)
    record = read_record(tmp_path / "mine.npz")
    assert (record.name, record.lead_names, record.sampling_rate_hz, record.metadata) == ("mine", ("II",), 500, {})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"signal_mv": None, "lead_names": None}, "no signal_mv, lead_names in it; found sampling_rate_hz"),
        ({"signal_mv": np.ones(3)}, r"\(leads, samples\), found \(3,\)"),
        ({"signal_mv": np.full((1, 3), np.nan)}, "no sample was recorded"),
        ({"sampling_rate_hz": [1, 2]}, "should be one number"),
        ({"sampling_rate_hz": "500"}, "should be one number"),
        ({"lead_names": [1]}, "should be a list of texts"),
        ({"lead_names": ["I", "II"]}, "1 rows of signal, 2 lead names"),
        ({"metadata": "[1]"}, "metadata should be a JSON object, found list"),
        ({"metadata": "{"}, "reading the archive failed"),
    ],
)
def test_what_is_missing_or_wrong_is_named(changes: dict[str, object], complaint: str, tmp_path: Path) -> None:
    parts = {key: value for key, value in (PARTS | changes).items() if value is not None}
    np.savez(tmp_path / "mine.npz", **parts)
    with pytest.raises(DataError, match=rf"mine\.npz: .*{complaint}"):
        read_record(tmp_path / "mine.npz")


@pytest.mark.parametrize("key", ["signal_mv", "lead_names", "name", "metadata"])
def test_nothing_is_unpickled(key: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", **PARTS | {key: np.array([Bomb()], dtype=object)})
    with pytest.raises(DataError, match="allow_pickle"):
        read_record(tmp_path / "mine.npz")
    (tmp_path / "mine.npz").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(DataError, match="no NumPy archive"):
        read_record(tmp_path / "mine.npz")


def test_a_single_array_is_no_archive(tmp_path: Path) -> None:
    with (tmp_path / "mine.npz").open("wb") as file:
        np.save(file, np.ones(3))
    with pytest.raises(DataError, match="no NumPy archive"):
        read_record(tmp_path / "mine.npz")
