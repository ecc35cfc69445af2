from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecg_core.errors import DataError
from ecg_core.formats import read_record, write_record
from ecg_core.formats.header import read_header
from ecg_core.record import Record


def write_wfdb(folder: Path, header: str, steps: list[list[int]], name: str = "rec") -> Path:
    """A header as given and a format 16 file with these steps, one list a lead."""
    Path(folder, f"{name}.dat").write_bytes(np.array(steps, dtype="<i2").T.tobytes())
    path = Path(folder, f"{name}.hea")
    path.write_text(header)
    return path


GAINS = ((1000.0, 0, "I"), (200.5, -13, "II"), (4.88, 1024, "V1"))


def test_the_wfdb_package_reads_what_is_written(tmp_path: Path) -> None:
    signal_mv = [[0.001, -0.5, np.nan], [1.234, 0, 32.767]]
    record = Record(signal_mv=signal_mv, sampling_rate_hz=360, lead_names=["I", "V1"], metadata={"Age": 49})
    header, data = write_record(record, tmp_path / "page-1.hea")
    assert (header.name, data.name) == ("page-1.hea", "page-1.dat")
    read = wfdb.rdrecord(str(tmp_path / "page-1"))
    np.testing.assert_allclose(read.p_signal.T, signal_mv, atol=1e-6)
    assert (read.fs, read.sig_name, read.units, read.fmt) == (360, ["I", "V1"], ["mV", "mV"], ["16", "16"])
    assert read.adc_gain == [1000, 1000]
    assert read.init_value == [1, 1234]
    assert [checksum % 2**16 for checksum in read.checksum] == [(1 - 500 - 32768) % 2**16, (1234 + 0 + 32767) % 2**16]
    assert read.comments == ["Age: 49"]


def test_rates_and_gains_keep_all_their_digits(tmp_path: Path) -> None:
    record = Record(signal_mv=[[-4e4, 4e4], [0, 3.3]], sampling_rate_hz=1000 / 3, lead_names=["I", "V1"])
    header, _ = write_record(record, tmp_path / "a.hea")
    assert read_record(header).sampling_rate_hz == 1000 / 3
    read = wfdb.rdheader(str(tmp_path / "a"))
    assert (read.fs, read.adc_gain) == (1000 / 3, [0.1, 1000])


@pytest.mark.parametrize(
    ("lead_mv", "told"),
    [
        ([0.1, -0.2, 32.7], ""),
        ([0.1, -0.2, 300.0], ""),
        ([0.1, -0.2, 400.0], "lead V1 is written in steps of 0.1 mV, its largest being 4000 of them"),
        ([0.1, np.nan, 1e6], "lead V1 is written in steps of 100 mV, its largest being 10000 of them"),
        ([1e-4, 2e-4, -2e-3], "lead V1 is written in steps of 0.001 mV, its largest being 2 of them"),
        ([1e-4, 2e-4, 3e-4], "lead V1 is written in steps of 0.001 mV, its largest being 0 of them"),
        ([0.0, 0.0, np.nan], ""),
        ([np.nan, np.nan, np.nan], ""),
    ],
)
def test_what_16_bits_hold_only_roughly_is_told(
    lead_mv: list[float], told: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record = Record(signal_mv=[[0.0, 0.5, 1.0], lead_mv], sampling_rate_hz=500, lead_names=["I", "V1"])
    with caplog.at_level(logging.WARNING):
        write_record(record, tmp_path / "a.hea")
    assert len(caplog.records) == bool(told)
    assert told in caplog.text


def test_what_the_wfdb_package_writes_is_read(tmp_path: Path) -> None:
    signal_mv = np.random.default_rng(0).normal(size=(50, 2)).round(2)
    wfdb.wrsamp("a", 250, ["mV", "mV"], ["I", "II"], signal_mv, fmt=["212", "212"], write_dir=str(tmp_path))
    np.testing.assert_allclose(read_record(tmp_path / "a.hea").signal_mv, signal_mv.T, atol=2e-3)
    np.testing.assert_allclose(read_record(tmp_path / "a.dat").signal_mv, signal_mv.T, atol=2e-3)


@pytest.mark.parametrize(
    ("unit", "expected_mv"),
    [("mV", 2.0), ("uV", 0.002), ("V", 2000.0), ("nV", 2e-6), ("MV", 2.0), ("", 2.0)],
)
def test_units_become_millivolts(unit: str, expected_mv: float, tmp_path: Path) -> None:
    slash = f"/{unit}" if unit else ""
    path = write_wfdb(tmp_path, f"rec 1 500 2\nrec.dat 16 100(50){slash} 16 0 0 0 0 II\n", [[250, -32768]])
    np.testing.assert_allclose(read_record(path).signal_mv, [[expected_mv, np.nan]], rtol=1e-6)


@pytest.mark.parametrize("skew", [0, 7])
@pytest.mark.parametrize("offset", [0, 24])
@pytest.mark.parametrize("length", ["90", ""])
def test_files_of_16_bits_give_what_the_wfdb_package_gives(skew: int, offset: int, length: str, tmp_path: Path) -> None:
    steps = np.random.default_rng(skew + offset).integers(-(2**15), 2**15, (100, 3)).astype("<i2")
    steps[5, 1] = -(2**15)
    (tmp_path / "a.dat").write_bytes(b"\0" * offset + steps.tobytes())
    kind = "16" + (f":{skew}" if skew else "") + (f"+{offset}" if offset else "")
    signals = [f"a.dat {kind} {gain}({zero})/mV 16 0 0 0 0 {lead}" for gain, zero, lead in GAINS]
    (tmp_path / "a.hea").write_text("\n".join([f"a 3 500 {length}".strip(), *signals]) + "\n")
    expected = wfdb.rdrecord(str(tmp_path / "a"), smooth_frames=False).e_p_signal
    np.testing.assert_allclose(read_record(tmp_path / "a.hea").signal_mv, np.stack(expected), rtol=1e-6)


def test_missing_gain_is_200_steps_a_millivolt_as_the_standard_says(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "rec 1 500 1\nrec.dat 16\n", [[100]])
    assert read_record(path).signal_mv.tolist() == [[0.5]]
    assert read_record(path).lead_names == ("signal 0",)


def test_signals_that_are_no_voltage_are_left_out_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    header = "rec 2 500 1\nrec.dat 16 1/mmHg 16 0 0 0 0 ABP\nrec.dat 16 1000/mV 16 0 0 0 0 II\n"
    path = write_wfdb(tmp_path, header, [[80], [500]])
    with caplog.at_level(logging.WARNING):
        record = read_record(path)
    assert record.lead_names == ("II",)
    assert record.signal_mv.tolist() == [[0.5]]
    assert "ABP in mmHg" in caplog.text
    path.write_text(header.replace("/mV", "/NU"))
    with pytest.raises(DataError, match=r"no signal is in V.*ABP in mmHg, II in NU"):
        read_record(path)


def test_comments_become_metadata(tmp_path: Path) -> None:
    header = "#above\nrec 1 500 1\nrec.dat 16 1000/mV 16 0 0 0 0 II\n#Age: 49\n# Sex: Female\n#Dx: 42,43\n# Größe: 5\n"
    metadata = read_record(write_wfdb(tmp_path, header, [[1]])).metadata
    assert metadata["comments"] == ("above", "Age: 49", "Sex: Female", "Dx: 42,43", "Größe: 5")
    assert (metadata["Age"], metadata["Sex"], metadata["Dx"], metadata["Größe"]) == ("49", "Female", "42,43", "5")


def test_several_samples_a_frame_raise_the_rate(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "rec 1 250 2\nrec.dat 16x2 1000/mV 16 0 0 0 0 II\n", [[1000, 2000, 3000, 4000]])
    record = read_record(path)
    assert record.sampling_rate_hz == 500
    assert record.signal_mv.tolist() == [[1, 2, 3, 4]]


def test_leads_at_different_rates_are_refused(tmp_path: Path) -> None:
    header = "rec 2 250 1\nrec.dat 16x2 1000/mV 16 0 0 0 0 I\nrec.dat 16 1000/mV 16 0 0 0 0 II\n"
    path = write_wfdb(tmp_path, header, [[1, 2, 3]])
    with pytest.raises(DataError, match=r"different sampling rates: I 500 Hz, II 250 Hz"):
        read_record(path)


def test_a_header_without_length_takes_the_whole_file(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "rec 2 500\nrec.dat 16 1000/mV\nrec.dat 16 1000/mV\n", [[1, 2, 3], [4, 5, 6]])
    assert read_record(path).num_samples == 3


HEADER = "rec 2 500 3\nrec.dat 16 1000/mV 16 0 0 0 0 I\nrec.dat 16 1000/mV 16 0 0 0 0 II\n"


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("", "empty header"),
        ("# only a comment\n", "empty header"),
        (HEADER.replace("rec 2", "rec 3"), "gives 3 as the number of leads, but 2 leads follow"),
        ("rec\n", "gives nothing as the number of leads"),
        ("rec 0 500 3\n", "gives 0 as the number of leads, but 0 leads follow"),
        (HEADER.replace("rec 2", "rec/2 2"), "several segments"),
        (HEADER.replace("rec.dat", "../rec.dat"), "points outside its folder, at '../rec.dat'"),
        (HEADER.replace("rec.dat", "/etc/passwd"), "points outside its folder, at '/etc/passwd'"),
        (HEADER.replace("rec.dat", "..\\rec.dat"), "points outside its folder"),
        (HEADER.replace("/mV", "/µV"), "not plain ASCII"),
        (HEADER.replace(" 16 1000", " 99 1000"), "unknown sample format 99"),
        (HEADER.replace("II", "I"), "twice"),
        (HEADER.replace("rec.dat", "other.dat"), r"other\.dat: no such file; rec\.hea says that it holds the signal"),
        (HEADER.replace(" 500 ", " 0 "), "above 0 Hz"),
        (HEADER.replace(" 3\n", " 4\n"), r"rec\.dat: too short: .* 4 samples of 2 leads, which take 16 bytes.* 12\."),
        (HEADER.replace(" 16 ", " 16+8 "), "take 20 bytes; the file has 12"),
        (
            "!!! 2 500 3\n" + HEADER.split("\n", 1)[1],
            "the first line should say name, number of leads, rate and length; found '!!! 2 500 3'",
        ),
        (HEADER.replace("1000/mV", "many/mV"), "should say file, format, gain and more; found 'rec.dat 16 many/mV"),
        (HEADER.replace(" 500 ", " fast "), "the first line should say"),
    ],
)
def test_a_wrong_header_is_refused_by_name(header: str, complaint: str, tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, header, [[1, 2, 3], [4, 5, 6]])
    with pytest.raises(DataError, match=complaint) as caught:
        read_record(path)
    assert str(tmp_path / "rec") in str(caught.value) or "other.dat" in str(caught.value)


def test_a_missing_half_is_named(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, HEADER, [[1, 2, 3], [4, 5, 6]])
    (tmp_path / "rec.dat").unlink()
    with pytest.raises(DataError, match=r"rec\.dat: no such file"):
        read_record(path)
    path.rename(tmp_path / "rec.dat")
    with pytest.raises(DataError, match=r"rec\.hea: no such file; a WFDB record needs its header"):
        read_record(tmp_path / "rec.dat")


@pytest.mark.parametrize("name", ["my page", "é", "a.b", "page(1)"])
def test_a_name_that_wfdb_cannot_hold_is_refused_with_another(name: str, tmp_path: Path) -> None:
    record = Record(signal_mv=[[1]], sampling_rate_hz=500, lead_names=["I"])
    with pytest.raises(DataError, match=r"letters, digits, - and _.*try '\w+'"):
        write_record(record, tmp_path / f"{name}.hea")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"lead_names": ["Ableitung Ü"]}, "lead name 'Ableitung Ü'"),
        ({"lead_names": ["a\tb"]}, "lead name"),
        ({"lead_names": [""]}, "lead name ''"),
        ({"signal_mv": np.zeros((1, 0))}, "empty record"),
    ],
)
def test_a_record_that_wfdb_cannot_hold_is_refused(fields: dict[str, object], complaint: str, tmp_path: Path) -> None:
    record = Record(**{"signal_mv": [[1]], "sampling_rate_hz": 500, "lead_names": ["I"]} | fields)
    with pytest.raises(DataError, match=complaint):
        write_record(record, tmp_path / "a.hea")


@pytest.mark.parametrize(
    ("kind", "bytes_of_12_samples"),
    [
        *(("8", 12), ("80", 12), ("16", 24), ("61", 24), ("160", 24), ("24", 36), ("32", 48)),
        *(("212", 18), ("310", 16), ("311", 16)),
    ],
)
def test_a_signal_file_is_as_long_as_its_format_packs_samples(tmp_path: Path, kind: str, bytes_of_12_samples: int):
    """By signal(5) of WFDB: 212 packs two samples of 12 bits into 3 bytes, 310 and 311 three of 10 bits into 4."""
    header = tmp_path / "r.hea"
    header.write_text(f"r 2 250 6\nr.dat {kind} 200 12 0 0 0 0 I\nr.dat {kind} 200 12 0 0 0 0 II\n")
    data = tmp_path / "r.dat"
    data.write_bytes(bytes(bytes_of_12_samples))
    read_header(header).check_size("r.dat")
    data.write_bytes(bytes(bytes_of_12_samples - 1))
    with pytest.raises(DataError, match=f"take {bytes_of_12_samples} bytes; the file has {bytes_of_12_samples - 1}"):
        read_header(header).check_size("r.dat")
