from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecg_core.errors import DataError
from ecg_core.formats import read_record, write_record
from ecg_core.leads import STANDARD_LEADS
from ecg_core.record import Record


def write(folder: Path, text: str) -> Path:
    path = folder / "page.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_form_that_is_written(tmp_path: Path) -> None:
    record = Record(
        signal_mv=[[0.012, 0.0130004], [-0.003, np.nan]],
        sampling_rate_hz=500,
        lead_names=["I", "II"],
        metadata={"Sex": "Female"},
    )
    (path,) = write_record(record, tmp_path / "page.csv")
    assert path.read_text() == (
        "# sampling_rate_hz: 500.0\n# Sex: Female\ntime_s,I,II\n0,0.012000,-0.003000\n0.002,0.013000,\n"
    )


def test_pandas_reads_what_is_written(tmp_path: Path) -> None:
    record = Record(signal_mv=[[0.5, np.nan, 1]], sampling_rate_hz=250, lead_names=["V1"])
    table = pd.read_csv(write_record(record, tmp_path / "page.csv")[0], comment="#")
    assert list(table.columns) == ["time_s", "V1"]
    np.testing.assert_allclose(table["V1"], [0.5, np.nan, 1])
    np.testing.assert_allclose(table["time_s"], [0, 0.004, 0.008])


def test_a_table_of_pandas_is_read(tmp_path: Path) -> None:
    table = pd.DataFrame({"I": [0.1, 0.2], "AVR": [np.nan, -0.3]})
    table.to_csv(tmp_path / "page.csv", index=False)
    record = read_record(tmp_path / "page.csv", sampling_rate_hz=360)
    np.testing.assert_allclose(record.signal_mv, [[0.1, 0.2], [np.nan, -0.3]])
    assert (record.lead_names, record.sampling_rate_hz) == (("I", "aVR"), 360)


@pytest.mark.parametrize("column", ["time_s", "time", "t", "Time"])
def test_the_rate_comes_from_the_time_column(column: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"{column},I\n10,1\n10.004,2\n10.008,3\n")
    record = read_record(path)
    assert record.sampling_rate_hz == 250
    assert record.lead_names == ("I",)


def test_times_rounded_to_milliseconds_still_give_the_rate(tmp_path: Path) -> None:
    rows = "".join(f"{index / 512:.4f},0\n" for index in range(3000))
    assert read_record(write(tmp_path, f"t,I\n{rows}")).sampling_rate_hz == 512


def test_spaces_blank_lines_quotes_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path, '\ufeff# sampling_rate_hz: 500\r\n"I" , II\r\n\r\n 1 ,"2"\r\n, nan\r\n\r\n')
    record = read_record(path)
    assert record.lead_names == ("I", "II")
    np.testing.assert_allclose(record.signal_mv, [[1, np.nan], [2, np.nan]])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("I,V3\n" + "0,0\n" * 15 + "0,abc\n", "row 17, column V3: 'abc' is not a number"),
        ("# a\n# b\nI\n\nx\n", "row 5, column I: 'x' is not a number"),
        ("I\n1\ninf\n", "row 3, column I: 'inf' is not a number"),
        ("I\n1_000\n", "row 2, column I: '1_000' is not a number"),
        ("I,II\n1,2,3\n", "row 2 has 3 cells, the row of names has 2"),
        ("I,II\n1\n", "row 2 has 1 cells, the row of names has 2"),
        ("", "the first row should name the leads"),
        ("1,2\n3,4\n", "the first row should name the leads .* found '1,2'"),
        ("I,II\n", "no rows of numbers"),
        (",I\n0,1\n", "column 1 has no name; with pandas, save it with index=False"),
        ("I;II\n1;2\n", "separated by semicolons"),
        ("# sampling_rate_hz: 500\nI,DI\n1,2\n", "a lead is there twice"),
        ("I\n1\n", "no sampling rate. Add '# sampling_rate_hz: 500' as the first line, or a column time_s"),
        ("# sampling_rate_hz: fast\nI\n1\n", "the comment gives 'fast'"),
        ("# sampling_rate_hz: -5\nI\n1\n", "the comment gives '-5'"),
        ("t,I\n0,1\n0.002,1\n0.006,1\n", "row 3: the times do not grow in equal steps"),
        ("t,I\n0,1\n,1\n0.004,1\n", "row 3: the times do not grow in equal steps"),
        ("t,I\n0,1\n0,1\n", "the times do not grow"),
        ("t,I\n1,1\n0,1\n", "the times do not grow"),
        ("# sampling_rate_hz: 250\nt,I\n0,1\n0.002,1\n", "the time column says 500 Hz, the rate given is 250 Hz"),
        ("# sampling_rate_hz: 500\nI\n\nnan\n", "no sample was recorded"),
        ("# sampling_rate_hz: 500\nI\n1e300\n", "infinite"),
        ("I\n" + '"' * 3 + "1" * 200_000, "page.csv"),
    ],
)
def test_bad_tables_are_refused_by_file_row_and_column(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"page\.csv.*{complaint}|{complaint}") as caught:
        read_record(write(tmp_path, text))
    assert "page.csv" in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.csv"
    path.write_bytes(b"I\n\xff\xfe\n")
    with pytest.raises(DataError, match=r"page\.csv: reading the table failed: UnicodeDecodeError"):
        read_record(path)


def test_missing_leads_are_all_named_where_twelve_are_needed(tmp_path: Path) -> None:
    present = [lead for lead in STANDARD_LEADS if lead not in ("V3", "aVL")]
    path = write(tmp_path, f"# sampling_rate_hz: 500\n{','.join(present)}\n{','.join('1' * 10)}\n")
    record = read_record(path)
    assert record.lead_names == tuple(present)
    with pytest.raises(DataError, match="page: no lead aVL, V3; it has I, II"):
        record.select(STANDARD_LEADS)


@pytest.mark.parametrize("name", ["a#b", "time", "T", "a\nb", ""])
def test_a_lead_name_that_would_be_read_otherwise_is_refused(name: str, tmp_path: Path) -> None:
    record = Record(signal_mv=[[1]], sampling_rate_hz=500, lead_names=[name])
    with pytest.raises(DataError, match="lead name"):
        write_record(record, tmp_path / "page.csv")


@pytest.mark.parametrize("rate_hz", [62.4725, 249.89, 512.844])
def test_a_rate_that_is_no_whole_number_is_that_of_the_times(tmp_path: Path, rate_hz: float):
    path = tmp_path / "wrist.csv"
    path.write_text("time_s,I\n" + "".join(f"{index / rate_hz:.9f},0.5\n" for index in range(1000)))
    assert read_record(path).sampling_rate_hz == pytest.approx(rate_hz, rel=1e-7)
