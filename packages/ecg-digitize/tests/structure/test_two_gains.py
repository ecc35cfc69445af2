"""Gains of limb and chest leads that differ."""

from __future__ import annotations

import pytest

from ecg_digitize.digitizers.structure.evidence import PrintedScale
from ecg_digitize.digitizers.structure.two_gains import is_chest_lead, two_gains


def gain(value: float, x_mm: float, y_mm: float = 180.0) -> PrintedScale:
    return PrintedScale("gain", value, 0.99, (x_mm, y_mm))


SPEED = PrintedScale("speed", 25.0, 0.99, (40.0, 180.0))


def test_the_second_of_two_gains_in_a_line_is_that_of_the_chest_leads() -> None:
    found = two_gains([SPEED, gain(5.0, 140.0), gain(10.0, 100.0, 181.0)])
    assert found is not None
    assert (found.limb.value, found.chest.value) == (10.0, 5.0)
    assert "10 and 5 mm/mV" in found.doubt()


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param([SPEED, gain(10.0, 100.0)], id="one"),
        pytest.param([gain(10.0, 100.0), gain(10.0, 140.0)], id="both alike"),
        pytest.param([gain(10.0, 100.0), gain(5.0, 140.0, 20.0)], id="at head and foot of the page"),
        pytest.param([gain(20.0, 100.0), gain(5.0, 140.0)], id="four times"),
        pytest.param([gain(10.0, 60.0), gain(5.0, 100.0), gain(20.0, 140.0)], id="three"),
        pytest.param([PrintedScale("gain", 10.0), PrintedScale("gain", 5.0)], id="who knows where"),
    ],
)
def test_other_gains_are_none_of_limb_and_chest(printed: list[PrintedScale]) -> None:
    assert two_gains(printed) is None


def test_a_lead_that_is_not_known_is_no_chest_lead() -> None:
    assert [is_chest_lead(lead) for lead in ("V1", "V4R", "II", "aVR", "-aVR", "?")] == [True, True, *[False] * 4]
