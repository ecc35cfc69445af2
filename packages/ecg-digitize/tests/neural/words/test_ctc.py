"""Probabilities of words against every way to write them, one by one."""

from __future__ import annotations

from itertools import groupby, product

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.words.ctc import log_probabilities

TOKENS, COLUMNS = 4, 5


@pytest.fixture
def logits() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1.5, (3, TOKENS, COLUMNS))


def by_enumeration(logits: np.ndarray) -> dict[tuple[int, ...], float]:
    """Probability of every word in one crop: the sum over all columns' tokens that are joined to it."""
    shares = np.exp(logits) / np.exp(logits).sum(axis=0)
    words: dict[tuple[int, ...], float] = {}
    for way in product(range(TOKENS), repeat=COLUMNS):
        word = tuple(token for token, _ in groupby(way) if token)
        words[word] = words.get(word, 0.0) + float(np.prod(shares[way, range(COLUMNS)]))
    return words


def test_every_word_is_as_likely_as_all_ways_to_write_it(logits: np.ndarray) -> None:
    for crop in logits:
        expected = by_enumeration(crop)
        words = list(expected)
        assert (1, 1) in words
        assert (1, 2, 1) in words
        assert () in words
        found = np.exp(log_probabilities(crop[None], words))[0]
        np.testing.assert_allclose(found, [expected[word] for word in words], rtol=1e-9)
        assert found.sum() == pytest.approx(1)


def test_a_word_counts_alike_beside_longer_ones(logits: np.ndarray) -> None:
    alone = log_probabilities(logits, [(2,)])
    beside = log_probabilities(logits, [(2,), (1, 2, 3, 1)])
    np.testing.assert_allclose(alone[:, 0], beside[:, 0])
    assert beside.shape == (3, 2)


def test_a_letter_that_comes_twice_needs_a_blank_between() -> None:
    certain = np.full((1, TOKENS, 3), -50.0)
    certain[0, [1, 1, 1], range(3)] = 50
    one, two = log_probabilities(certain, [(1,), (1, 1)])[0]
    assert one == pytest.approx(0)
    assert two < -50


def test_what_is_longer_than_the_crop_is_never_there(logits: np.ndarray) -> None:
    assert log_probabilities(logits, [(1, 2, 3, 1, 2, 3)]).max() < -1000


def test_nothing_asked_is_nothing_told(logits: np.ndarray) -> None:
    assert log_probabilities(logits, []).shape == (3, 0)


def test_the_loss_of_training_is_the_same_probability(logits: np.ndarray) -> None:
    torch = pytest.importorskip("torch")
    from ecg_digitize.learning.word_net import log_likelihood

    words = [(1, 2, 1), (3,), ()]
    texts = torch.zeros((3, 4), dtype=torch.uint8)
    for text, word in zip(texts, words, strict=True):
        text[: len(word)] = torch.tensor(word, dtype=torch.uint8)
    found = log_likelihood(torch.from_numpy(logits), texts).numpy()
    np.testing.assert_allclose(found, np.diag(log_probabilities(logits, words)), rtol=1e-5)
