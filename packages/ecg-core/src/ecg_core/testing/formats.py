"""The contract of a format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecg_core.errors import DataError
from ecg_core.formats import read_record, write_record
from ecg_core.plugins.registry import registry
from ecg_core.plugins.spec import FormatSpec
from ecg_core.record import Record
from ecg_core.testing.contract import Contract
from ecg_core.testing.records import synthetic_record

JUNK = {
    "nothing": b"",
    "words": b"this is no record\n" * 20,
    "bytes": bytes(range(256)) * 8,
    "zeros": b"\0" * 512,
}


class FormatContract(Contract):
    """What every plugin under ``ecg.formats`` must do.

    Attributes:
        name: of the format.
        tolerance_mv: how far a sample may be off after writing and reading.
    """

    tolerance_mv: float = 0.0005

    @pytest.fixture
    def spec(self) -> FormatSpec:
        """The spec of the format."""
        spec: FormatSpec = registry().load_spec("formats", self.name)
        return spec

    @pytest.fixture
    def format(self, spec: FormatSpec) -> Any:
        """An instance of the format."""
        return registry().load("formats", self.name)()

    @pytest.fixture
    def path(self, spec: FormatSpec, tmp_path: Path) -> Path:
        """A path to write to; the test is skipped where the format only reads."""
        if not spec.writes:
            pytest.skip(f"{self.name} does not write")
        return tmp_path / "written" / f"page{spec.suffixes[0]}"

    def test_its_suffixes_are_lower_case_with_a_dot(self, spec: FormatSpec) -> None:
        assert spec.suffixes
        for suffix in spec.suffixes:
            assert suffix.startswith("."), suffix
            assert suffix == suffix.lower()
            assert "." not in suffix[1:], "a file's format is found by the last of its suffixes"

    @pytest.mark.parametrize("with_gaps", [False, True])
    def test_a_record_comes_back_as_it_was_written(self, format: Any, path: Path, with_gaps: bool) -> None:
        record = synthetic_record(with_gaps=with_gaps)
        format.write(record, path)
        again = format.read(path)
        assert isinstance(again, Record)
        assert again.lead_names == record.lead_names
        assert again.sampling_rate_hz == pytest.approx(record.sampling_rate_hz)
        assert again.signal_mv.dtype == np.float32
        np.testing.assert_allclose(again.signal_mv, record.signal_mv, atol=self.tolerance_mv, equal_nan=True)

    def test_leads_keep_their_order_and_any_number_is_allowed(self, format: Any, path: Path) -> None:
        record = synthetic_record().select(("V6", "I", "aVR"))
        format.write(record, path)
        again = format.read(path)
        assert again.lead_names == ("V6", "I", "aVR")
        np.testing.assert_allclose(again.signal_mv, record.signal_mv, atol=self.tolerance_mv)

    def test_writing_names_every_file_it_made_and_leaves_no_other(self, format: Any, path: Path) -> None:
        for seed in (1, 2):
            written = format.write(synthetic_record(seed=seed), path)
            assert path in written
            assert sorted(written) == sorted(path.parent.iterdir())
        np.testing.assert_allclose(
            format.read(path).signal_mv, synthetic_record(seed=2).signal_mv, atol=self.tolerance_mv
        )

    def test_it_is_found_by_its_suffix(self, spec: FormatSpec, path: Path) -> None:
        write_record(synthetic_record(), path, format=self.name)
        assert read_record(path, format=self.name).lead_names == synthetic_record().lead_names
        alone = [entry for entry in registry().entries("formats") if spec.suffixes[0] in _suffixes_of(entry)]
        if len(alone) == 1:
            assert read_record(path).lead_names == synthetic_record().lead_names

    def test_a_missing_file_is_a_data_error_that_names_it(self, format: Any, spec: FormatSpec, tmp_path: Path) -> None:
        for suffix in spec.suffixes:
            with pytest.raises(DataError, match="absent"):
                format.read(tmp_path / f"absent{suffix}")

    @pytest.mark.parametrize("junk", JUNK)
    def test_junk_is_a_data_error_that_names_the_file(
        self, format: Any, spec: FormatSpec, tmp_path: Path, junk: str
    ) -> None:
        for suffix in spec.suffixes:
            path = tmp_path / f"junk{suffix}"
            path.write_bytes(JUNK[junk])
            with pytest.raises(DataError, match="junk"):
                format.read(path)

    def test_a_damaged_file_is_a_data_error_or_a_record_but_nothing_else(self, format: Any, path: Path) -> None:
        written = format.write(synthetic_record(), path)
        for file in written:
            whole = file.read_bytes()
            for size in (1, len(whole) // 3, len(whole) - 1):
                file.write_bytes(whole[:size])
                _reads_or_refuses(format, path)
            file.write_bytes(whole)


def _suffixes_of(entry: Any) -> tuple[str, ...]:
    spec = registry().status(entry).spec
    return spec.suffixes if isinstance(spec, FormatSpec) else ()


def _reads_or_refuses(format: Any, path: Path) -> None:
    try:
        assert isinstance(format.read(path), Record)
    except DataError as error:
        assert path.stem in str(error)
