"""What a header says is what the wfdb package takes it to say."""

from __future__ import annotations

from pathlib import Path

import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.errors import DataError
from ecg_core.formats.header_lines import parse_record_line, parse_signal_line

WHOLE = st.integers(-5000, 5000)
FORMATS = st.builds(
    lambda kind, per_frame, skew, offset: f"{kind}{per_frame}{skew}{offset}",
    st.sampled_from(["16", "212", "80", "24"]),
    st.sampled_from(["", "x2", "x1"]),
    st.sampled_from(["", ":3"]),
    st.sampled_from(["", "+24"]),
)
GAINS = st.builds(
    lambda gain, baseline, unit: f"{gain}{baseline}{unit}",
    st.sampled_from(["200", "1000.0", "4.88e-1", "0", "204.7", "-500"]),
    st.sampled_from(["", "(0)", "(1024)", "(-12)"]),
    st.sampled_from(["", "/mV", "/uV", "/mmHg"]),
)
NAMES = st.sampled_from(["", "II", "aVR", "ECG lead II", "V1 - V2"])


@given(
    kind=FORMATS,
    gain=GAINS,
    numbers=st.lists(WHOLE.map(abs), min_size=5, max_size=5),
    given_to=st.integers(0, 5),
    name=NAMES,
)
def test_a_line_of_a_lead(
    tmp_path_factory: pytest.TempPathFactory, kind: str, gain: str, numbers: list[int], given_to: int, name: str
) -> None:
    line = " ".join(["a.dat", kind, gain, *map(str, numbers[:given_to]), name if given_to == 5 else ""]).strip()
    folder = tmp_path_factory.mktemp("header")
    (folder / "a.hea").write_text(f"a 1 500 10\n{line}\n")
    theirs = wfdb.rdheader(str(folder / "a"))
    ours = parse_signal_line(line, 0)
    assert (ours.file_name, ours.format, ours.unit) == (theirs.file_name[0], theirs.fmt[0], theirs.units[0])
    assert ours.gain == theirs.adc_gain[0]
    assert ours.baseline == (theirs.baseline[0] or 0)
    assert ours.samples_per_frame == (theirs.samps_per_frame[0] or 1)
    assert (ours.skew, ours.byte_offset) == (theirs.skew[0] or 0, theirs.byte_offset[0] or 0)
    assert ours.lead == (theirs.sig_name[0] or "signal 0")


@pytest.mark.parametrize(
    "line", ["rec 2 500 10", "rec 2 360/360(0) 10 11:05:00 1/2/2003", "rec 2", "rec 2 257.5 0", "rec 2 1000.000000 7"]
)
def test_the_first_line(tmp_path: Path, line: str) -> None:
    signal = "a.dat 16 200 16 0 0 0 0 I"
    (tmp_path / "rec.hea").write_text(f"{line}\n{signal}\n{signal}\n")
    theirs, ours = wfdb.rdheader(str(tmp_path / "rec")), parse_record_line(line)
    assert ours.num_signals == theirs.n_sig
    assert ours.frame_rate_hz == theirs.fs
    assert ours.num_frames == (theirs.sig_len or None)


@pytest.mark.parametrize(
    "line", ["", "rec", "re.c 2 500 1", "rec two 500 1", "rec 2 fast 1", "rec 2 500 -1", "rec 2 500 ten"]
)
def test_a_wrong_first_line_is_refused(line: str) -> None:
    with pytest.raises(DataError, match="the first line should say"):
        parse_record_line(line)


@pytest.mark.parametrize("line", ["a.dat", "a.dat sixteen", "a.dat 16y2", "a.dat 16 fast", "a.dat 16 200(x)/mV"])
def test_a_wrong_line_of_a_lead_is_refused(line: str) -> None:
    with pytest.raises(DataError, match="should say file, format, gain and more"):
        parse_signal_line(line, 0)
