"""What watches the readers: it tells every way to end from the others, or the counts would mean nothing."""

from __future__ import annotations

import sys

import pytest

from attack.inputs import Input
from attack.kills import left_behind
from attack.tally import Tally, table
from attack.watched import Outcome, read_all

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is told by /proc")

ENDS = {
    "refuses": "refused",
    "leaks": "leaked",
    "exits": "leaked",
    "hangs": "hung",
    "dies": "died",
    "swells": "heavy",
    "prints": "noisy",
    "rambles": "noisy",
    "reads": "read",
    "litters": "leaked",
}


def test_every_way_to_end_is_told_from_the_others():
    inputs = [Input(name, {f"{name}.txt": b"x"}) for name in ENDS]
    outcomes = list(read_all(inputs, "attack.faulty:by_name", max_seconds=5, max_mb=400))
    assert {outcome.name: outcome.ended for outcome in outcomes} == ENDS


def test_memory_of_one_input_is_not_held_against_the_next():
    inputs = [Input(name, {f"{name}.txt": b"x"}) for name in ("swells", "reads")]
    swollen, read = read_all(inputs, "attack.faulty:by_name", max_mb=400)
    assert swollen.peak_mb > 600
    assert read.peak_mb < 400


def test_the_table_counts_and_names_each_fault_once():
    tally = Tally("pages")
    for name, ended in (("a", "read"), ("b", "leaked"), ("c", "leaked"), ("d", "hung")):
        tally.add(Outcome(name, ended, "Traceback\nKeyError: 'x'" if ended == "leaked" else "", 1.0))
    text = table([tally])
    assert tally.num_faults == 3
    assert text.count("KeyError") == 1
    assert "leaked 2 times (b)" in text


def test_no_process_of_an_ended_session_is_left():
    assert left_behind(session=2**22 + 1, within_s=0.1) == []
