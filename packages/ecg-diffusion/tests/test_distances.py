"""Distances between sets of features, against closed forms and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.stats import ttest_1samp, ttest_rel

from ecg_diffusion.evaluation.distances import (
    Fidelity,
    coverage,
    frechet_distance,
    frechet_of_moments,
    kernel_distance,
)
from ecg_diffusion.evaluation.memorisation import Memorisation, most_alike, nearest
from ecg_diffusion.evaluation.results import Estimate


def test_the_distance_of_round_gaussians_is_that_of_means_and_of_spreads() -> None:
    """|m|^2 + d (s1 - s2)^2, for spreads s1 and s2 in d dimensions."""
    mean = np.array([3.0, 0.0, -4.0])
    found = frechet_of_moments(np.zeros(3), 4.0 * np.eye(3), mean, 25.0 * np.eye(3))
    assert found == pytest.approx(25 + 3 * (2 - 5) ** 2)


def test_the_distance_of_gaussians_of_any_covariance_is_that_of_the_matrix_root() -> None:
    rng = np.random.default_rng(0)
    first, second = (root @ root.T for root in rng.normal(size=(2, 5, 5)))
    expected = np.trace(first + second - 2 * np.real(sqrtm(first @ second)))
    assert frechet_of_moments(np.zeros(5), first, np.zeros(5), second) == pytest.approx(expected)


def test_a_moved_set_is_as_far_as_it_was_moved_also_with_fewer_pictures_than_features() -> None:
    features = np.random.default_rng(1).normal(size=(6, 40)).astype(np.float32)
    assert frechet_distance(features, features + np.float32(0.5)) == pytest.approx(40 * 0.25, rel=1e-5)
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-8)


def test_the_kernel_distance_is_the_mean_over_pairs_written_out() -> None:
    first, second = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]), np.array([[2.0, 1.0], [0.0, -1.0]])

    def kernel(x: np.ndarray, y: np.ndarray) -> float:
        return float((x[0] * y[0] + x[1] * y[1]) / 2 + 1) ** 3

    within = sum(kernel(x, y) for n, x in enumerate(first) for m, y in enumerate(first) if n != m) / 6
    other = sum(kernel(x, y) for n, x in enumerate(second) for m, y in enumerate(second) if n != m) / 2
    across = sum(kernel(x, y) for x in first for y in second) / 6
    assert kernel_distance(first, second) == pytest.approx(within + other - 2 * across)


def test_the_kernel_distance_of_one_distribution_is_zero_in_the_mean_even_of_few_pictures() -> None:
    """A biased estimate would be above zero by several of these errors."""
    rng = np.random.default_rng(2)
    found = [kernel_distance(rng.normal(size=(8, 4)), rng.normal(size=(8, 4))) for _ in range(400)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(400)
    apart = [kernel_distance(rng.normal(size=(8, 4)), rng.normal(1, 1, size=(8, 4))) for _ in range(400)]
    assert np.mean(apart) > 10 * np.std(apart) / np.sqrt(400)


def test_pictures_are_covered_within_the_reach_of_the_third_neighbour() -> None:
    references = np.array([[0.0], [1.0], [2.0], [3.0]])  # reaches 3, 2, 2 and 3
    assert coverage(np.array([[-3.0], [-3.1], [6.0], [6.1]]), references) == 0.5
    assert coverage(np.array([[10.0]]), references) == 0


def test_samples_of_one_class_alone_are_precise_and_recall_half() -> None:
    rng = np.random.default_rng(3)
    real = np.concatenate((rng.normal(0, 1, (50, 2)), rng.normal(50, 1, (50, 2))))
    found = Fidelity.of(rng.normal(0, 1, (50, 2)), real)
    assert found.precision == pytest.approx(1, abs=0.1)
    assert found.recall == pytest.approx(0.5, abs=0.1)
    assert found.pictures == 50


class TestEstimate:
    def test_intervals_are_those_of_the_t_test(self) -> None:
        values, before = [0.81, 0.84, 0.79, 0.88], [0.80, 0.80, 0.80, 0.81]
        expected = ttest_1samp(values, 0).confidence_interval(0.95)
        found = Estimate.of(values)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
        expected = ttest_rel(values, before).confidence_interval(0.95)
        gain = Estimate.of_gain(values, before)
        assert (gain.low, gain.high) == pytest.approx((expected.low, expected.high))

    def test_of_three_seeds_by_the_table_of_the_distribution(self) -> None:
        found = Estimate.of([1.0, 2.0, 3.0])
        assert found.high - found.mean == pytest.approx(4.303 / np.sqrt(3), abs=1e-3)

    def test_one_seed_has_no_interval(self) -> None:
        found = Estimate.of([0.5])
        assert found.mean == 0.5
        assert np.isnan([found.low, found.high]).all()


class TestMemorisation:
    def test_planted_copies_are_found_and_come_first(self) -> None:
        rng = np.random.default_rng(4)
        train, test, samples = (rng.random((count, 300)) for count in (80, 100, 60))
        samples[[7, 30, 41]] = train[[50, 3, 12]]
        found, usual = nearest(samples, train), nearest(test, train)
        assert sorted(most_alike(found, 3)) == [7, 30, 41]
        assert [found.places[place] for place in (7, 30, 41)] == [50, 3, 12]
        assert found.distances[[7, 30, 41]] == pytest.approx(0, abs=1e-12)
        figures = Memorisation.of(found.distances, usual.distances)
        assert 3 / 60 <= figures.share_near < 0.1
        assert figures.median_ratio == pytest.approx(1, abs=0.02)

    def test_a_set_of_near_copies_has_a_ratio_near_zero(self) -> None:
        rng = np.random.default_rng(5)
        train, test = rng.random((80, 300)), rng.random((100, 300))
        samples = train[:40] + rng.normal(0, 0.01, (40, 300))
        figures = Memorisation.of(nearest(samples, train).distances, nearest(test, train).distances)
        assert figures.share_near == 1
        assert figures.median_ratio < 0.05

    def test_the_nearest_is_the_nearest_across_blocks(self) -> None:
        rng = np.random.default_rng(6)
        queries, references = rng.random((300, 5)), rng.random((40, 5))
        distances = np.sqrt(((queries[:, None] - references[None]) ** 2).mean(axis=2))
        found = nearest(queries, references)
        np.testing.assert_array_equal(found.places, distances.argmin(axis=1))
        np.testing.assert_allclose(found.distances, distances.min(axis=1))
