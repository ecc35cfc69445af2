"""Probabilities of words against every way to spell something, one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.words.alphabet import LONGEST
from ecg_digitize.digitizers.neural.words.spelling import log_probabilities

TOKENS = 3


@pytest.fixture
def logits() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1.5, (2, TOKENS, LONGEST))


def by_enumeration(logits: np.ndarray) -> dict[tuple[int, ...], float]:
    """Probability of every word in one crop: the sum over all tokens at all places, which end at the first zero."""
    shares = np.exp(logits) / np.exp(logits).sum(axis=0)
    words: dict[tuple[int, ...], float] = {}
    for way in product(range(TOKENS), repeat=LONGEST):
        word = way[: way.index(0)] if 0 in way else way
        words[word] = words.get(word, 0.0) + float(np.prod(shares[way, range(LONGEST)]))
    return words


def test_every_word_is_as_likely_as_all_ways_to_spell_it(logits: np.ndarray) -> None:
    for crop in logits:
        expected = by_enumeration(crop)
        words = list(expected)
        assert {(), (1, 1), (1, 2, 1), (2,) * LONGEST} <= set(words)
        found = np.exp(log_probabilities(crop[None], words))[0]
        np.testing.assert_allclose(found, [expected[word] for word in words], rtol=1e-9)
        assert found.sum() == pytest.approx(1)


def test_a_word_counts_alike_beside_others(logits: np.ndarray) -> None:
    alone = log_probabilities(logits, [(2,)])
    beside = log_probabilities(logits, [(1, 2, 2, 1), (2,)])
    np.testing.assert_allclose(alone[:, 0], beside[:, 1])
    assert beside.shape == (2, 2)


def test_nothing_asked_is_nothing_told(logits: np.ndarray) -> None:
    assert log_probabilities(logits, []).shape == (2, 0)


def test_the_loss_of_training_is_the_same_probability(logits: np.ndarray) -> None:
    torch = pytest.importorskip("torch")
    from ecg_digitize.learning.word_net import log_likelihood

    words = [(1, 2, 1), (), (2,) * LONGEST]
    logits = np.concatenate((logits, logits[:1]))
    texts = torch.zeros((3, LONGEST), dtype=torch.uint8)
    for text, word in zip(texts, words, strict=True):
        text[: len(word)] = torch.tensor(word, dtype=torch.uint8)
    found = log_likelihood(torch.from_numpy(logits), texts).numpy()
    np.testing.assert_allclose(found, np.diag(log_probabilities(logits, words)), rtol=1e-5)
