from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_classify.evaluation.figures import (
    auroc,
    bootstrap_intervals,
    calibration_error,
    chief_figures,
    classification_figures,
    reliability,
)
from ecg_classify.evaluation.report import Predictions, write_report
from ecg_core.errors import DataError


def one_hot(labels: list[int]) -> np.ndarray:
    return np.eye(5, dtype=bool)[labels]


def claims(labels: list[int], sure: float = 0.8) -> np.ndarray:
    made = np.full((len(labels), 5), (1 - sure) / 4)
    made[np.arange(len(labels)), labels] = sure
    return made


def test_figures_of_an_example_worked_by_hand() -> None:
    figures = classification_figures(one_hot([0, 0, 0, 1, 1, 3]), claims([0, 0, 1, 1, 0, 3]))
    assert figures.confusion == [[2, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0] * 5, [0, 0, 0, 1, 0], [0] * 5]
    assert figures.accuracy == figures.micro_f1 == pytest.approx(4 / 6)
    mi, af = figures.classes["MI"], figures.classes["AF"]
    assert (mi.precision, mi.recall, mi.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert (af.precision, af.recall, af.f1) == pytest.approx((1 / 2, 1 / 2, 1 / 2))
    assert figures.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert figures.weighted_f1 == pytest.approx((3 * 2 / 3 + 2 * 1 / 2 + 1) / 6)
    assert np.isnan(figures.classes["BBB"].auroc)
    assert figures.classes["NORM"].auroc == 1.0
    assert figures.macro_auroc == pytest.approx((mi.auroc + af.auroc + 1) / 3)
    assert figures.calibration_error == pytest.approx(0.8 - 4 / 6)


def test_a_recording_of_two_classes_counts_for_the_area_of_both_and_for_no_confusion() -> None:
    targets = one_hot([0, 1, 3])
    targets[0, 1] = True
    figures = classification_figures(targets, claims([0, 1, 3]))
    assert sum(map(sum, figures.confusion)) == 2
    assert (figures.classes["MI"].recordings, figures.classes["AF"].recordings) == (1, 2)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_the_area_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[bool, int]]) -> None:
    is_of, score = np.array([each for each, _ in pairs]), np.array([each for _, each in pairs], float)
    better = [(a > b) + 0.5 * (a == b) for a in score[is_of] for b in score[~is_of]]
    expected = float(np.mean(better)) if better else float("nan")
    assert auroc(is_of, score) == pytest.approx(expected, nan_ok=True)


def test_calibration_is_zero_where_confidence_is_kept_and_its_distance_where_it_is_not() -> None:
    sure = np.repeat([0.25, 0.75], 100)
    right = np.concatenate([np.arange(100) < 25, np.arange(100) < 75])
    assert calibration_error(sure, right) == pytest.approx(0)
    assert reliability(sure, right) == [pytest.approx((0.25, 0.25, 100)), pytest.approx((0.75, 0.75, 100))]
    assert calibration_error(np.ones(10), np.zeros(10, bool)) == 1.0


def test_a_bootstrap_interval_is_that_of_the_binomial_and_wider_where_patients_repeat() -> None:
    rng = np.random.default_rng(0)
    claimed = np.where(rng.random(400) < 0.8, 0, 1)
    targets, probabilities = one_hot([0] * 400), claims(claimed.tolist())

    def accuracy(truth: np.ndarray, said: np.ndarray) -> dict[str, float]:
        return {"accuracy": float((truth.argmax(axis=1) == said.argmax(axis=1)).mean())}

    mean = accuracy(targets, probabilities)["accuracy"]
    half = 1.96 * np.sqrt(mean * (1 - mean) / 400)
    least, most = bootstrap_intervals(accuracy, targets, probabilities, [str(n) for n in range(400)])["accuracy"]
    assert least == pytest.approx(mean - half, abs=0.01)
    assert most == pytest.approx(mean + half, abs=0.01)
    order = np.argsort(claimed)
    again = bootstrap_intervals(accuracy, targets[order], probabilities[order], [str(n // 10) for n in range(400)])[
        "accuracy"
    ]
    assert again[1] - again[0] > 2 * (most - least)


def test_the_chief_figures_are_those_of_all_figures() -> None:
    rng = np.random.default_rng(1)
    targets, said = one_hot(rng.integers(0, 4, 60).tolist()), rng.dirichlet(np.ones(5), 60)
    targets[:5, 1] = True
    every = classification_figures(targets, said)
    expected = {"macro_auroc": every.macro_auroc, "macro_f1": every.macro_f1}
    expected |= {f"auroc_{name}": each.auroc for name, each in every.classes.items()}
    assert chief_figures(targets, said) == pytest.approx(expected, nan_ok=True)


def test_nothing_has_no_figures() -> None:
    with pytest.raises(DataError, match="need recordings"):
        classification_figures(np.zeros((0, 5), bool), np.zeros((0, 5)))


def test_every_source_has_figures_of_its_own(tmp_path: Path) -> None:
    """In one source every recording is told right, in the other every one is taken for the next class."""
    truth = np.eye(5, dtype=bool)[[0, 1, 2, 3, 4] * 2]
    claimed = np.concatenate((truth[:5], np.roll(truth[5:], 1, axis=1))) * 0.6 + 0.1
    names = [f"r{number}" for number in range(10)]
    predictions = Predictions(
        names=names, groups=names, sources=["a"] * 5 + ["b"] * 5, targets=truth, probabilities=claimed
    )
    found = write_report(predictions, tmp_path, rounds=0, seed=0)["sources"]
    assert found["a"]["recordings"] == found["b"]["recordings"] == 5
    assert (found["a"]["macro_f1"], found["b"]["macro_f1"]) == (1, 0)
    assert found["a"]["macro_auroc"] == 1 > found["b"]["macro_auroc"]
    assert [line.split()[0] for line in (tmp_path / "evaluation.txt").read_text().splitlines()[-2:]] == ["a", "b"]


def test_a_source_of_one_class_has_intervals_too(tmp_path: Path) -> None:
    """All of it are NORM, so that no area is known; macro F1 is."""
    truth = np.eye(5, dtype=bool)[[0, 1, 2, 3, 4, 3, 3, 3]]
    names = [f"r{number}" for number in range(8)]
    predictions = Predictions(
        names=names, groups=names, sources=["a"] * 5 + ["b"] * 3, targets=truth, probabilities=truth * 0.6 + 0.1
    )
    found = write_report(predictions, tmp_path, rounds=20, seed=0)["sources"]
    assert found["b"]["intervals"]["macro_f1"] == (1, 1)
    assert np.isnan(found["b"]["intervals"]["macro_auroc"]).all()
    assert found["a"]["intervals"]["macro_auroc"] == (1, 1)
