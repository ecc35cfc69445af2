"""How likely a word is by what the reader says of every column: connectionist temporal classification, in numpy.

Each column of a crop shows a token or none (Graves et al. 2006, doi 10.1145/1143844.1143891). A word is what remains of
the columns' tokens once repetitions are joined and blanks taken out; its probability is that of all ways to write it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NEVER = -1e4
"""Stands for the logarithm of zero."""


def log_probabilities(logits: np.ndarray, words: Sequence[Sequence[int]]) -> np.ndarray:
    """Logarithm of the probability of each word in each crop, float64, shape (crops, words).

    Those of all words that can be written, known or not, add up to 1.

    Args:
        logits: of the reader, shape (crops, tokens, columns); the first token is the blank.
        words: numbers of the tokens of each word.
    """
    longest = max((len(word) for word in words), default=0)
    states = np.zeros((len(words), 2 * longest + 1), int)
    for own, word in zip(states, words, strict=True):
        own[1 : 2 * len(word) : 2] = word
    may_skip = np.zeros(states.shape, bool)
    may_skip[:, 3::2] = (states[:, 3::2] != states[:, 1:-2:2]) & (states[:, 3::2] > 0)
    said = _log_softmax(np.asarray(logits, float))
    reached = np.full((len(said), *states.shape), NEVER)
    reached[:, :, :2] = said[:, states[:, :2], 0]
    for column in range(1, said.shape[2]):
        ahead = np.logaddexp(reached, _moved(reached, 1))
        ahead = np.logaddexp(ahead, np.where(may_skip, _moved(reached, 2), NEVER))
        reached = ahead + said[:, states, column]
    last = 2 * np.array([len(word) for word in words], int)
    every = np.arange(len(words))
    ends_blank = reached[:, every, last]
    ends_written = np.where(last > 0, reached[:, every, np.maximum(last - 1, 0)], NEVER)
    result: np.ndarray = np.logaddexp(ends_blank, ends_written)
    return result


def _moved(reached: np.ndarray, by: int) -> np.ndarray:
    """What was reached so many states before."""
    before = np.full(reached.shape, NEVER)
    if reached.shape[2] > by:
        before[:, :, by:] = reached[:, :, :-by]
    return before


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    above = logits - logits.max(axis=1, keepdims=True)
    result: np.ndarray = above - np.log(np.exp(above).sum(axis=1, keepdims=True))
    return result
