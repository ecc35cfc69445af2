"""A short run of the attack: a few inputs of every kind, and a kill of every kind of run."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from attack.kills import Job, jobs, killed
from attack.kinds import kinds
from attack.tally import Tally, table
from attack.watched import read_all

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="memory and processes are told by /proc"),
    pytest.mark.slow,
]

NUM_INPUTS = {"pictures": 8, "documents": 10, "records": 60, "configurations": 60, "checkpoints": 60}
RUNS = ("training", "batch", "rendering", "preparation")


@pytest.mark.parametrize("name", NUM_INPUTS)
def test_bad_input_is_read_or_refused_and_nothing_else(name):
    kind = kinds()[name]
    pytest.importorskip(kind.needs)
    tally = Tally(name)
    for outcome in read_all(kind.mutations(1, NUM_INPUTS[name]), kind.target, command=kind.command):
        tally.add(outcome)
    assert sum(tally.counts.values()) == NUM_INPUTS[name]
    assert not tally.num_faults, table([tally])
    assert tally.counts["refused"] > NUM_INPUTS[name] / 10, "inputs that nothing is wrong with try nothing"


@pytest.mark.parametrize("name", NUM_INPUTS)
def test_a_seed_gives_the_same_inputs(name):
    kind = kinds()[name]
    pytest.importorskip(kind.needs)
    first, second = ([each.files for each in kind.mutations(3, 12)] for _ in range(2))
    assert first == second
    assert first != [each.files for each in kind.mutations(4, 12)]


@pytest.fixture(scope="session")
def all_jobs(tmp_path_factory) -> dict[str, Job]:
    if not find_spec("ecg_render"):
        pytest.skip("ecg-render draws the pages")
    return jobs(Path(tmp_path_factory.mktemp("killed")))


@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(name, all_jobs):
    job = all_jobs[name]
    pytest.importorskip(job.needs)
    for end in killed(job, number=1, seed=1):
        assert not end.differing
        assert not end.orphans
