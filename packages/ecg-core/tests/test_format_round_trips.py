"""What every format must give back, and that no damage to a file ends in anything but a DataError."""

from __future__ import annotations

import string
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecg_core.errors import DataError
from ecg_core.formats import read_record, write_record
from ecg_core.leads import STANDARD_LEADS, canonical_lead
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record

SUFFIXES = (".hea", ".mat", ".csv", ".npz")
STEP_MV = {".hea": 1e-3, ".mat": 1e-3, ".csv": 1e-6, ".npz": 0.0}
"""How finely each format keeps a signal of up to 32 mV."""

# Lead names may be any printable ASCII that is not also a comment or a time column.
ODD_NAMES = st.text(st.sampled_from(string.ascii_letters + string.digits + " ,;:'\"/()+-_.*~"), min_size=1, max_size=12)
LEAD_NAMES = st.one_of(st.sampled_from(STANDARD_LEADS), ODD_NAMES).map(canonical_lead).filter(bool)
FILE_NAMES = st.text(st.sampled_from(string.ascii_letters + string.digits + "-_"), min_size=1, max_size=20)
RATES_HZ = st.one_of(st.sampled_from([100.0, 250.0, 360.0, 500.0, 1000.0, 1025.0]), st.floats(1, 10_000))


@st.composite
def records(draw: st.DrawFn) -> Record:
    names = draw(st.lists(LEAD_NAMES, min_size=1, max_size=12, unique=True))
    assume(not {name.casefold() for name in names} & {"t", "time", "time_s"})
    samples = st.one_of(st.just(np.nan), st.floats(-32, 32, width=32))
    signal_mv = draw(arrays(np.float32, (len(names), draw(st.integers(1, 20))), elements=samples))
    assume(np.isfinite(signal_mv).any())
    return Record(signal_mv=signal_mv, sampling_rate_hz=draw(RATES_HZ), lead_names=names, name=draw(FILE_NAMES))


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=15, deadline=None)
@given(record=records())
def test_a_record_comes_back(suffix: str, record: Record) -> None:
    with TemporaryDirectory() as folder:
        written = write_record(record, Path(folder, f"{record.name}{suffix}"))
        assert sorted(written) == sorted(Path(folder).iterdir())
        for path in written:
            back = read_record(path)
            assert back.lead_names == record.lead_names
            assert back.sampling_rate_hz == pytest.approx(record.sampling_rate_hz, abs=1e-8)
            assert back.name == record.name
            np.testing.assert_allclose(
                back.signal_mv, record.signal_mv, rtol=1e-6, atol=0.501 * STEP_MV[suffix], equal_nan=True
            )


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("peak_mv", [32.767, 32.768, 400.0, 5e6])
def test_a_large_signal_is_kept_as_finely_as_the_format_allows(suffix: str, peak_mv: float, tmp_path: Path) -> None:
    record = Record(signal_mv=[[peak_mv, -peak_mv], [0.001, np.nan]], sampling_rate_hz=500, lead_names=["I", "II"])
    back = read_record(write_record(record, tmp_path / f"a{suffix}")[0])
    np.testing.assert_allclose(back.signal_mv, record.signal_mv, rtol=2e-4, equal_nan=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_metadata_comes_back(suffix: str, tmp_path: Path) -> None:
    record = Record(
        signal_mv=[[0.5]],
        sampling_rate_hz=500,
        lead_names=["I"],
        metadata={"comments": ("Age: 49", "no pair", "Dx: 426783006,251146004"), "Sex": "Female"},
    )
    back = read_record(write_record(record, tmp_path / f"a{suffix}")[0])
    assert back.metadata["comments"][:3] == ("Age: 49", "no pair", "Dx: 426783006,251146004")
    assert back.metadata["Sex"] == "Female"
    again = read_record(write_record(back, tmp_path / f"b{suffix}")[0])
    assert again.metadata == back.metadata


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_failed_write_leaves_the_old_files(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / f"a{suffix}"
    write_record(synthesize_record(duration_s=1), target)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(Path, "replace", _no_space)
    with pytest.raises(OSError, match="no space"):
        write_record(synthesize_record(duration_s=1, seed=1), target)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def _no_space(*_arguments: Any) -> None:
    raise OSError("no space")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_record_without_a_single_sample_is_refused(suffix: str, tmp_path: Path) -> None:
    empty = Record(signal_mv=np.full((2, 5), np.nan), sampling_rate_hz=500, lead_names=["I", "II"])
    path = write_record(empty, tmp_path / f"a{suffix}")[0]
    with pytest.raises(DataError, match=rf"a\{path.suffix}.*no sample was recorded.*5 samples of 2 leads"):
        read_record(path)


def read_or_data_error(path: Path) -> None:
    try:
        read_record(path)
    except DataError as error:
        assert path.stem in str(error)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".dat"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_a_data_error(suffix: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file cut short, with bytes overwritten or inserted, is read or refused by name; nothing else happens."""
    folder = tmp_path_factory.mktemp("damage")
    record = synthesize_record(duration_s=0.02, name="rec")
    written = write_record(record, folder / f"rec{'.hea' if suffix == '.dat' else suffix}")
    for path in written:
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(0, 3))):
            start = data.draw(st.integers(0, len(content)))
            removed = data.draw(st.integers(0, 5))
            content[start : start + removed] = data.draw(st.binary(max_size=5))
        path.write_bytes(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content)
    for path in written:
        read_or_data_error(path)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".dat"])
@settings(max_examples=30, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_a_data_error(suffix: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, f"rec{suffix}")
        path.write_bytes(content)
        read_or_data_error(path)


RECORD_WORDS = ["rec", "rec/2", "1", "2", "0", "-1", "500", "500/0(0)", "1e3", "4", "x"]
FORMAT_WORDS = ["16", "212", "80", "524", "999", "16x2", "16+24", "16:3"]
UNIT_WORDS = ["1000/mV", "0(0)/uV", "-1(5)/V", "1e-40/mV", "/mmHg", "12", "0", "-5", "9" * 30, "II"]


@settings(max_examples=60, deadline=None)
@given(
    record_line=st.lists(st.sampled_from(RECORD_WORDS), max_size=5),
    signal_lines=st.lists(
        st.tuples(
            st.sampled_from(["rec.dat", "a/../b", "no.dat"]),
            st.sampled_from(FORMAT_WORDS),
            st.lists(st.sampled_from(UNIT_WORDS), max_size=7),
        ),
        max_size=3,
    ),
)
def test_any_header_is_a_data_error(record_line: list[str], signal_lines: list[tuple[str, str, list[str]]]) -> None:
    with TemporaryDirectory() as folder:
        signals = [" ".join([file, kind, *words]) for file, kind, words in signal_lines]
        Path(folder, "rec.hea").write_text("\n".join([" ".join(record_line), *signals]))
        Path(folder, "rec.dat").write_bytes(bytes(range(64)))
        read_or_data_error(Path(folder, "rec.hea"))


CELLS = ["I", "II", "time_s", "", "0", "1", "0.002", "-1e9", "1e300", "nan", "inf", "1_0", '"']


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(st.sampled_from(CELLS), max_size=4), max_size=5),
    rate=st.sampled_from(["", "# sampling_rate_hz: 500\n", "# sampling_rate_hz: x\n", "# sampling_rate_hz: 0\n"]),
)
def test_any_table_is_a_data_error(rows: list[list[str]], rate: str) -> None:
    with TemporaryDirectory() as folder:
        Path(folder, "rec.csv").write_text(rate + "\n".join(",".join(row) for row in rows))
        read_or_data_error(Path(folder, "rec.csv"))
