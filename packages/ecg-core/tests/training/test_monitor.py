from __future__ import annotations

import pytest

from ecg_core.errors import ConfigError
from ecg_core.training.monitor import Monitor


@pytest.mark.parametrize(
    ("mode", "expected"), [("min", [True, False, True, False]), ("max", [True, True, False, False])]
)
def test_only_a_new_best_counts(mode: str, expected: list[bool]):
    monitor = Monitor("snr", mode)
    assert [monitor.observe({"snr": value}, step) for step, value in enumerate((2.0, 3.0, 1.0, 2.5))] == expected
    assert (monitor.best, monitor.best_step) == ((1.0, 2) if mode == "min" else (3.0, 1))


def test_a_value_that_is_not_finite_is_never_best():
    monitor = Monitor("loss", "min")
    assert not monitor.observe({"loss": float("nan")}, 1)
    assert not monitor.observe({"loss": float("-inf")}, 2)
    assert monitor.observe({"loss": 5.0}, 3)


def test_an_unknown_figure_is_explained():
    with pytest.raises(ConfigError, match="no figure 'auroc'; it gives accuracy, loss"):
        Monitor("auroc", "max").observe({"loss": 1.0, "accuracy": 0.5}, 1)


def test_it_goes_on_from_its_state_unless_it_follows_another_figure_now():
    monitor = Monitor("loss", "min")
    monitor.observe({"loss": 1.0}, 7)
    same, other = Monitor("loss", "min"), Monitor("accuracy", "max")
    for each in (same, other):
        each.load_state_dict(monitor.state_dict())
    assert (same.best, same.best_step) == (1.0, 7)
    assert other.best is None
