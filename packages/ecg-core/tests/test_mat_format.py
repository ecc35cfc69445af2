from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import wfdb
from scipy.io import loadmat, savemat

from ecg_core.errors import DataError
from ecg_core.formats import read_record, write_record
from ecg_core.record import Record

HEADER = "A1 2 500 3\nA1.mat 16+24 1000/mV 16 0 0 0 0 I\nA1.mat 16+24 500(100)/uV 16 0 0 0 0 II\n#Dx: 426783006\n"
VAL = np.array([[1000, -500, -32768], [1100, 100, 600]], dtype=np.int16)
EXPECTED_MV = [[1.0, -0.5, np.nan], [0.002, 0.0, 0.001]]


def write_challenge(folder: Path, header: str = HEADER, **variables: object) -> Path:
    (folder / "A1.hea").write_text(header)
    savemat(folder / "A1.mat", variables or {"val": VAL}, format="4" if not variables else "5")
    return folder / "A1.mat"


def test_wfdb_and_scipy_read_what_is_written(tmp_path: Path) -> None:
    signal_mv = np.array([[0.25, np.nan, -1], [0.001, 0, 2]])
    record = Record(signal_mv=signal_mv, sampling_rate_hz=500, lead_names=["I", "V6"])
    write_record(record, tmp_path / "A1.mat")
    read = wfdb.rdrecord(str(tmp_path / "A1"))
    np.testing.assert_allclose(read.p_signal.T, signal_mv, atol=1e-9)
    assert read.sig_name == ["I", "V6"]
    assert "A1.mat 16+24 " in (tmp_path / "A1.hea").read_text()
    val = loadmat(tmp_path / "A1.mat")["val"]
    assert val.dtype == np.int16
    np.testing.assert_array_equal(val, [[250, -32768, -1000], [1, 0, 2000]])


@pytest.mark.parametrize("asked", ["A1.mat", "A1.hea"])
def test_a_challenge_record_is_scaled_by_its_header(asked: str, tmp_path: Path) -> None:
    write_challenge(tmp_path)
    record = read_record(tmp_path / asked)
    np.testing.assert_allclose(record.signal_mv, EXPECTED_MV, rtol=1e-6)
    assert (record.sampling_rate_hz, record.lead_names, record.name) == (500, ("I", "II"), "A1")
    assert record.metadata["Dx"] == "426783006"


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float64])
def test_version_5_files_are_read_by_their_own_structure(dtype: type, tmp_path: Path) -> None:
    """Offset 24 of the header is wrong for them: reading raw bytes there would give garbage."""
    path = write_challenge(tmp_path, val=VAL.astype(dtype))
    for asked in (path, path.with_suffix(".hea")):
        np.testing.assert_allclose(read_record(asked).signal_mv, EXPECTED_MV, rtol=1e-6)


def test_a_mat_without_its_header_says_what_is_missing(tmp_path: Path) -> None:
    path = write_challenge(tmp_path)
    path.with_suffix(".hea").unlink()
    with pytest.raises(DataError, match=r"A1\.hea: no such file; A1\.mat holds numbers only; their rate, gain and"):
        read_record(path)


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"ecg": VAL}, "no variable 'val'; found ecg"),
        ({"val": VAL.T}, r"A1\.hea says 2 leads of 3 samples; val has the shape \(3, 2\)"),
        ({"val": "text"}, "val should hold numbers, found char"),
        ({"val": {"a": 1}}, "val should hold numbers, found struct"),
        ({"val": np.array([VAL, "x"], dtype=object)}, "val should hold numbers, found cell"),
    ],
)
def test_a_wrong_variable_is_refused(variables: dict[str, object], complaint: str, tmp_path: Path) -> None:
    path = write_challenge(tmp_path, **variables)
    with pytest.raises(DataError, match=rf"A1\.mat: {complaint}"):
        read_record(path)


def test_a_header_of_other_files_is_refused(tmp_path: Path) -> None:
    path = write_challenge(tmp_path, HEADER.replace("A1.mat", "B2.mat"))
    with pytest.raises(DataError, match=r"A1\.hea: describes B2\.mat, not A1\.mat"):
        read_record(path)
    path = write_challenge(tmp_path, HEADER.replace("A1.mat", "B2.mat", 1))
    with pytest.raises(DataError, match=r"one|holds all leads of a record; found B2\.mat, A1\.mat"):
        read_record(path.with_suffix(".hea"))


def test_a_file_of_version_7_3_is_refused(tmp_path: Path) -> None:
    path = write_challenge(tmp_path)
    text = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(400)
    path.write_bytes(text)
    with pytest.raises(DataError, match=r"A1\.mat: reading the MATLAB file failed: NotImplementedError"):
        read_record(path)
