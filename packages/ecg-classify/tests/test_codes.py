from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_classify.classes import CLASSES
from ecg_classify.labels.codes import classes_of_codes, codes_of, one_class, table


@pytest.mark.parametrize(
    ("codes", "classes"),
    [
        (["IMI", "SR"], ("MI",)),
        (["INJAS"], ("MI",)),
        (["AFLT"], ("AF",)),
        (["CRBBB", "AFIB"], ("AF", "BBB")),
        (["NORM", "LVOLT", "SR"], ("NORM",)),
        (["IRBBB", "SR"], ("OTHER",)),
        (["426783006"], ("NORM",)),
        (["426783006", "270492004"], ("OTHER",)),
        (["164889003", "59118001", "164934002"], ("AF", "BBB")),
        (["713426002"], ("OTHER",)),
        (["Normal"], ("NORM",)),
        (["PVC"], ("OTHER",)),
        ([], ()),
    ],
)
def test_what_codes_say_together(codes: list[str], classes: tuple[str, ...]) -> None:
    assert classes_of_codes(codes) == classes


@given(st.lists(st.sampled_from([row.code for row in table().values()] + ["SR", "284470004"]), min_size=1))
def test_order_repetition_and_case_do_not_matter(codes: list[str]) -> None:
    found = classes_of_codes(codes)
    assert found == classes_of_codes([code.lower() for code in reversed(codes)] * 2)
    assert set(found) <= set(CLASSES)
    assert found
    assert "OTHER" not in found or found == ("OTHER",)


def test_the_table_is_whole() -> None:
    rows = table().values()
    assert {row.label for row in rows} == set(CLASSES) - {"OTHER"}
    assert all(row.code and row.meaning and row.vocabulary in ("SCP", "SNOMED", "CPSC") for row in rows)
    assert all(row.code.isdecimal() == (row.vocabulary == "SNOMED") for row in rows)


@pytest.mark.parametrize(
    ("metadata", "codes"),
    [
        ({"Dx": "164889003,59118001"}, ("164889003", "59118001")),
        ({"DX": "426783006; 270492004"}, ("426783006", "270492004")),
        ({"SNOMED": "426783006"}, ("426783006",)),
        ({"scp_codes": '{"NORM": 100.0, "LVOLT": 0.0}'}, ("NORM", "LVOLT")),
        ({"scp_codes": {"AFIB": 100.0}}, ("AFIB",)),
        ({"scp_codes": '{"NORM": '}, ()),
        ({"Dx": "Unknown"}, ()),
        ({"Dx": ""}, ()),
        ({"Age": "55"}, ()),
    ],
)
def test_codes_are_found_in_metadata(metadata: dict[str, object], codes: tuple[str, ...]) -> None:
    assert codes_of(metadata) == codes


def test_several_findings_are_no_single_class_but_a_finding_outweighs_normal() -> None:
    assert one_class(("AF",)) == "AF"
    assert one_class(("AF", "NORM")) == "AF"
    assert one_class(("MI", "AF")) is None
    assert one_class(()) is None
