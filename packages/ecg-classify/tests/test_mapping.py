from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_classify.labels.mapping import LabelMapping
from ecg_core.errors import DataError

HEAD = "dataset,record_id,mapped_label\n"


def mapping(tmp_path: Path, rows: str, head: str = HEAD) -> LabelMapping:
    path = tmp_path / "unified_label_mapping.csv"
    path.write_text(head + rows, encoding="utf-8")
    return LabelMapping.read(path)


@pytest.mark.parametrize(
    "written",
    [
        "records500/00000/00001_hr",
        r"records500\00000\00001_hr",
        "records500/00000/00001_hr.hea",
        "./records500/00000/00001_hr.dat",
        "00001_hr",
        "HR00001",
        "HR00001.mat",
        "1",
        r"C:\data\ptb-xl\records500\00000\00001_hr",
    ],
)
@pytest.mark.parametrize(
    "here",
    ["/data/ptb-xl/records500/00000/00001_hr.hea", "s3://bucket/WFDB_PTBXL/HR00001.hea", r"D:\ptbxl\00001_lr.hea"],
)
def test_a_record_is_found_however_its_path_is_written(tmp_path: Path, written: str, here: str) -> None:
    row = mapping(tmp_path, f"PTB-XL,{written},MI\nPTB-XL,00002_hr,AF\n").find(here)
    assert row is not None
    assert row.labels == ("MI",)


def test_the_name_of_the_data_set_tells_records_of_one_name_apart(tmp_path: Path) -> None:
    found = mapping(tmp_path, "CPSC_2018,A0001,AF\ngeorgia,A0001,BBB\n")
    labels = [found.find(f"/data/{folder}/A0001.hea") for folder in ("WFDB_CPSC2018", "Georgia", "cpsc-2018", "other")]
    assert [row.labels if row else None for row in labels] == [("AF",), ("BBB",), ("AF",), None]


def test_folders_tell_records_of_one_name_apart(tmp_path: Path) -> None:
    found = mapping(tmp_path, "PTB,patient001/s01_re,MI\nPTB,patient002/s01_re,NORM\n")
    assert found.find("/d/ptb/patient002/s01_re.hea").labels == ("NORM",)  # type: ignore[union-attr]
    assert found.find("/d/ptb/patient003/s01_re.hea") is None


def test_what_is_not_in_the_table_is_not_found(tmp_path: Path) -> None:
    assert mapping(tmp_path, "PTB-XL,00001_hr,MI\n").find("/d/00011_hr.hea") is None
    assert mapping(tmp_path, "PTB-XL,A1,MI\n").find("/d/A10.hea") is None


def test_a_row_that_cannot_be_used_is_told_and_stops_no_other(tmp_path: Path) -> None:
    found = mapping(tmp_path, "a,../../etc/passwd,MI\na,x/../../y,MI\na,r1,STROKE\na,,AF\na,x/../r2,AF\n")
    assert [text.split(":")[0].rsplit(" ", 1)[1] for text in found.refused] == ["2", "3", "4", "5"]
    assert "leads out of the folder" in found.refused[0]
    assert "'STROKE'" in found.refused[2]
    assert found.find("/d/r2.hea").labels == ("AF",)  # type: ignore[union-attr]
    assert found.find("/etc/passwd") is None


def test_a_recording_may_be_of_several_classes(tmp_path: Path) -> None:
    found = mapping(tmp_path, "a,r1,AF+MI\na,r2,BBB; AF\n")
    assert [found.find(f"/d/r{n}.hea").labels for n in (1, 2)] == [("MI", "AF"), ("AF", "BBB")]  # type: ignore[union-attr]


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column mapped_label; found dataset, record_id, label"):
        mapping(tmp_path, "a,b,c\n", head="dataset,record_id,label\n")


def test_a_byte_order_mark_spaces_and_patients_are_borne(tmp_path: Path) -> None:
    found = mapping(tmp_path, "a, r1 , mi ,p7\n", head="\ufeffdataset, record_id, mapped_label, patient_id\n")
    row = found.find("r1.mat")
    assert row is not None
    assert (row.labels, row.patient) == (("MI",), "p7")


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,6}", fullmatch=True)


@given(
    folders=st.lists(NAMES, max_size=3), name=NAMES, separator=st.sampled_from("/\\"), above=st.lists(NAMES, max_size=2)
)
def test_any_separator_and_any_folder_above_lead_to_the_record(
    folders: list[str], name: str, separator: str, above: list[str]
) -> None:
    from ecg_classify.labels.mapping import _mapped

    row = _mapped({"dataset": "d", "record_id": separator.join([*folders, name]), "mapped_label": "AF"})
    assert LabelMapping.of([row]).find("/".join([*above, *folders, f"{name}.hea"])) == row
