"""How likely a word is by what the reader says of every place of it.

The reader tells for the first token of what it reads, the second and so on how likely each token is, or that the word
has ended. The probability of a word is the product over its tokens and its end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_digitize.digitizers.neural.words.alphabet import LONGEST


def log_probabilities(logits: np.ndarray, words: Sequence[Sequence[int]]) -> np.ndarray:
    """Logarithm of the probability of each word in each crop, float64, shape (crops, words).

    Those of all words that can be spelled, known or not, add up to 1.

    Args:
        logits: of the reader, shape (crops, tokens, places); the first token is the end.
        words: numbers of the tokens of each word.
    """
    above = np.asarray(logits, float) - np.max(logits, axis=1, keepdims=True)
    said = above - np.log(np.exp(above).sum(axis=1, keepdims=True))
    places = np.arange(LONGEST)
    result = np.zeros((len(said), len(words)))
    for number, word in enumerate(words):
        own = np.zeros(LONGEST, int)
        own[: len(word)] = word
        counted = places <= len(word)
        result[:, number] = said[:, own[counted], places[counted]].sum(axis=1)
    return result
