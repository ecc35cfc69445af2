from __future__ import annotations

from types import SimpleNamespace

import pytest

from ecg_core.errors import ConfigError
from ecg_core.training.config import TrainingConfig
from ecg_core.training.plan import Plan


def plan(batches: int | None, **options):
    return Plan.make(TrainingConfig(**options), SimpleNamespace(steps_per_epoch=batches))


def test_epochs_are_counted_in_whole_steps():
    made = plan(10, epochs=3, accumulate=4)  # two steps of four batches an epoch, two batches left over
    assert (made.steps_per_epoch, made.total_steps) == (2, 6)


def test_steps_win_over_epochs():
    assert plan(10, epochs=3, steps=7).total_steps == 7


def test_the_position_in_the_data_follows_from_the_step():
    made = plan(10, epochs=3, accumulate=4)
    positions = [(made.epoch_of(step), made.batches_before(step)) for step in range(5)]
    assert positions == [(0, 0), (0, 4), (1, 0), (1, 4), (2, 0)]


def test_a_run_may_end_within_an_epoch():
    made = plan(10, steps=13)
    assert [made.epoch_end(step) for step in (0, 9, 10, 12)] == [10, 10, 13, 13]


def test_endless_data_need_a_number_of_steps():
    with pytest.raises(ConfigError, match="steps=1000"):
        plan(None)
    made = plan(None, steps=50, accumulate=2)
    assert (made.epoch_of(30), made.batches_before(30), made.epoch_end(30)) == (0, 60, 50)
    assert [step for step in range(1, 51) if made.evaluates_at(step)] == list(range(5, 51, 5))


def test_too_few_batches_for_one_step():
    with pytest.raises(ConfigError, match="only 3 batches, too few for one step of 4"):
        plan(3, accumulate=4)


def test_what_is_due_when():
    made = plan(10, epochs=2, log_every_steps=7, evaluate_every_steps=8, checkpoint_every_steps=6)
    due = {
        name: [step for step in range(1, 21) if getattr(made, name)(step)]
        for name in ("logs_at", "evaluates_at", "saves_at")
    }
    assert due == {"logs_at": [7, 14, 20], "evaluates_at": [8, 16, 20], "saves_at": [6, 12, 18, 20]}
    assert [step for step in range(1, 21) if plan(10, epochs=2).saves_at(step)] == [10, 20]
