"""What is larger than a record is refused before it is loaded, and what no header can mean is refused by name."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from ecg_core.errors import DataError
from ecg_core.formats import limits, read_record, write_record
from ecg_core.record import Record


def refused(path: Path, complaint: str) -> None:
    """Reading is refused, in a message of a line or two."""
    with pytest.raises(DataError, match=complaint) as caught:
        read_record(path)
    assert str(path.parent) in str(caught.value)
    assert len(str(caught.value)) - len(str(path)) < 500
    assert str(caught.value).isprintable()


def wfdb_record(folder: Path, header: str, num_bytes: int = 40) -> Path:
    """A header as it is given, and a file that takes no room on the disk however long it is."""
    with (folder / "a.dat").open("wb") as file:
        file.truncate(num_bytes)
    path = folder / "a.hea"
    path.write_text(header)
    return path


class TestHeaders:
    @pytest.mark.parametrize(
        ("header", "complaint"),
        [
            (
                "a 1 500 1000000000000\na.dat 16 200\n",
                "1 leads of 1000000000000 samples; a record has",
            ),
            (f"a 1 500 {10**30}\na.dat 16 200\n", r"more than 10\^18 samples"),
            (f"a 1 500 {'9' * 400}\na.dat 16 200\n", "a number of 64 digits or more"),
            (f"a {10**6} 500 10\na.dat 16 200\n", "gives 1000000 as the number of leads, but 1 leads follow"),
            ("a 2000 500 10\n" + "a.dat 16 200\n" * 2000, "2000 leads; a record has at most 1024"),
            ("a 1 0 10\na.dat 16 200\n", "must be above 0 Hz"),
            ("a 1 1e300 10\na.dat 16 200\n", "a sampling rate of 1e[+]300 Hz"),
            ("a 1 1e-300 10\na.dat 16 200\n", "a sampling rate of 1e-300 Hz"),
            ("a 1 1e999 10\na.dat 16 200\n", "must be above 0 Hz, found inf"),
            ("a 1 nan 10\na.dat 16 200\n", "the first line should say"),
            ("a 1 500 10\na.dat 16 1e999\n", "a gain of 1e999 steps"),
            ("a 1 500 10\na.dat 16 1e300\n", "a gain of 1e300 steps"),
            ("a 1 500 10\na.dat 16 1e-400\n", "a gain of 1e-400 steps"),
            ("a 1 500 10\na.dat 16 1e-300(5)\n", "infinite"),
            (
                "a 1 500 10\na.dat 16 1e-12(5)\n",
                "sample 0 of lead signal 0 is -5e[+]12 mV; are its gain",
            ),
            ("a 1 500 10\na.dat 16 inf\n", "a lead's line should say"),
            ("a 1 500 10\na.dat 16 200(99999999999)\n", "99999999999 as the step of zero does not fit 32 bits"),
            ("a 1 500 10\na.dat 16 200 16 -2147483648\n", "-2147483648 as the step of zero does not fit"),
            (f"a 1 500 10\na.dat 16 200 16 {'9' * 400}\n", "a number of 64 digits or more"),
            ("a 1 500 10\na.dat 16x1000000000 200\n", "1000000000 samples a frame"),
            ("a 1 500 10\na.dat 16:999999999 200\n", "a skew of 999999999 samples"),
            ("a 1 500 10\na.dat 16+999999999999 200\n", "too short"),
            ("a 1 500 21\na.dat 16 200\n", "too short: a.hea says 21 samples"),
            ("a 1 500\na.dat 516 200\n", "says no number of samples"),
            (f"a 1 500 10\na.dat 16 {'1' * 60}.{'x' * 70_000}\n", "a line of 7"),
            (f"a 1 500 10\n{'x' * 300} 16 200\n", "is no name of a file"),
            ("a 1 500 10\na\x1b[2J.dat 16 200\n", "is no name of a file"),
        ],
    )
    def test_what_no_header_can_mean(self, header: str, complaint: str, tmp_path: Path) -> None:
        refused(wfdb_record(tmp_path, header), complaint)

    def test_a_file_is_read_no_further_than_its_header_says(self, tmp_path: Path) -> None:
        path = wfdb_record(tmp_path, "a 1 500 10\na.dat 16 200\n", num_bytes=2**42)
        assert read_record(path).num_samples == 10

    @pytest.mark.parametrize("kind", ["16", "212", "16:2"])
    def test_without_a_length_the_size_of_the_file_counts(self, kind: str, tmp_path: Path) -> None:
        refused(wfdb_record(tmp_path, f"a 1 500\na.dat {kind} 200\n", num_bytes=2**42), "at most 67108864 values")

    def test_a_header_of_gigabytes(self, tmp_path: Path) -> None:
        with (tmp_path / "a.hea").open("wb") as file:
            file.truncate(2**42)
        refused(tmp_path / "a.hea", "the header takes 4398046511104 bytes; at most 4194304 are read")


class TestTables:
    def test_a_line_of_megabytes(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("# sampling_rate_hz: 500\nI,II\n" + "1," * 100_000)
        refused(path, "row 3 has more than 65536 characters")

    def test_too_many_columns(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text(",".join(f"x{number}" for number in range(2000)) + "\n")
        refused(path, "2000 columns; a record has at most 1024 leads")

    def test_a_file_of_gigabytes(self, tmp_path: Path) -> None:
        with (tmp_path / "a.csv").open("wb") as file:
            file.truncate(2**42)
        refused(tmp_path / "a.csv", "the table takes 4398046511104 bytes")

    def test_too_many_comments(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text(("#" + "x" * 60_000 + "\n") * 80)
        refused(path, "the comments above it take")

    def test_too_many_values(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ecg_core.formats.csv.MAX_VALUES", 20)
        monkeypatch.setattr(limits, "MAX_VALUES", 20)
        path = tmp_path / "a.csv"
        path.write_text("# sampling_rate_hz: 500\nI,II\n" + "1,2\n" * 11)
        refused(path, "2 leads of 11 samples; a record has at most 20 values")

    @pytest.mark.parametrize(("step", "shown"), [(1e-300, "1e-300"), (1e6, "1e[+]06")])
    def test_times_of_no_recording(self, step: float, shown: str, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text(f"time_s,I\n0,1\n{step},2\n{2 * step},3\n")
        refused(path, f"the times grow by {shown} s a row; are they in seconds?")


class TestArchives:
    def write(self, path: Path, **changes: object) -> Path:
        parts = {"signal_mv": np.zeros((1, 5)), "sampling_rate_hz": 500.0, "lead_names": np.array(["I"])} | changes
        np.savez_compressed(path, **parts)
        return path

    @pytest.mark.parametrize("key", ["signal_mv", "lead_names", "metadata"])
    def test_an_array_that_unpacks_to_gigabytes(self, key: str, tmp_path: Path) -> None:
        path = self.write(tmp_path / "a.npz", metadata=np.array("{}"))
        content = bytearray(path.read_bytes())
        place = content.rfind(f"{key}.npy".encode())  # in the table of contents, 22 bytes behind the size
        content[place - 22 : place - 18] = struct.pack("<I", 3 * 2**30)
        path.write_bytes(content)
        with zipfile.ZipFile(path) as archive:
            assert archive.getinfo(f"{key}.npy").file_size == 3 * 2**30
        refused(path, f"{key} takes 3221225472 bytes")

    @pytest.mark.parametrize(
        ("changes", "complaint"),
        [
            ({"signal_mv": np.zeros((1, 5), complex)}, "signal_mv should be numbers"),
            ({"signal_mv": np.full((1, 5), "1")}, "signal_mv should be numbers"),
            (
                {"signal_mv": np.zeros((2000, 1)), "lead_names": np.array(["I"])},
                "2000 leads; a record has at most 1024",
            ),
            ({"signal_mv": np.full((1, 5), 1e300)}, "infinite"),
            ({"name": np.array(["a", "b"])}, "name should be a text"),
            ({"sampling_rate_hz": 1e300}, "a sampling rate of"),
            ({"metadata": np.array("[" * 100_000)}, "reading the archive failed: RecursionError"),
        ],
    )
    def test_what_is_no_record(self, changes: dict[str, object], complaint: str, tmp_path: Path) -> None:
        refused(self.write(tmp_path / "a.npz", **changes), complaint)

    def test_metadata_of_any_kind_is_written_in_the_other_formats(self, tmp_path: Path) -> None:
        for number, text in enumerate(['{"comments": 3}', '{"comments": ["\\ud800"], "\\udfff": "a\\ud800b"}']):
            record = read_record(self.write(tmp_path / f"{number}.npz", metadata=np.array(text)))
            for suffix in (".hea", ".csv"):
                write_record(record, tmp_path / f"{number}{suffix}")
        assert read_record(tmp_path / "0.hea").metadata["comments"] == ("3",)
        assert read_record(tmp_path / "1.csv").metadata["comments"] == ("?", "?: a?b")


@pytest.mark.parametrize("claimed", [4, 2**30, 2**32 - 16])
def test_a_matlab_file_that_unpacks_to_gigabytes(claimed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecg_core.formats.mat.MAX_BYTES", 2**22)
    packer, packed = zlib.compressobj(), io.BytesIO()
    packed.write(packer.compress(struct.pack("<II", 14, claimed)))
    for _ in range(64):
        packed.write(packer.compress(bytes(2**20)))
    packed.write(packer.flush())
    head = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<HH", 0x0100, 0x4D49)
    element = struct.pack("<II", 15, len(packed.getvalue())) + packed.getvalue()
    (tmp_path / "a.mat").write_bytes(head + element)
    (tmp_path / "a.hea").write_text("a 1 500 5\na.mat 16+24 200\n")
    refused(tmp_path / "a.mat", r"what is packed in it takes \d+ bytes; at most 4194304 are read")


class TestRecords:
    @pytest.mark.parametrize("rate_hz", [1e-7, 1e-300, 2e6, 1e300])
    def test_a_rate_of_no_recording(self, rate_hz: float) -> None:
        with pytest.raises(DataError, match=r"records have 0\.01 to 1e[+]06 Hz"):
            Record(signal_mv=[[1]], sampling_rate_hz=rate_hz, lead_names=["I"])

    def test_rates_too_far_apart_are_refused_by_name(self) -> None:
        record = Record(signal_mv=np.zeros((1, 10)), sampling_rate_hz=0.5, lead_names=["I"], name="mine")
        with pytest.raises(DataError, match=r"mine: cannot resample from 0\.5 Hz to 500 Hz"):
            record.resample(500)

    def test_of_many_leads_the_first_are_named(self) -> None:
        names = [f"lead {number}" for number in range(1000)]
        record = Record(signal_mv=np.zeros((1000, 1)), sampling_rate_hz=500, lead_names=names)
        with pytest.raises(DataError, match=r"no lead II; it has lead 0, .*lead 19 and 980 more$"):
            record.lead_mv("II")
