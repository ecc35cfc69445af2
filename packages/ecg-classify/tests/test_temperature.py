from __future__ import annotations

import numpy as np
import pytest

from ecg_classify.classifier import softmax
from ecg_classify.evaluation.temperature import best_temperature, with_temperature


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_logits_that_were_multiplied_are_found_out(temperature: float) -> None:
    """Classes are drawn from the probabilities themselves, so the network is right as often as it says."""
    rng = np.random.default_rng(0)
    logits = 2 * rng.standard_normal((20_000, 5))
    drawn = np.array([rng.choice(5, p=row) for row in softmax(logits)])
    targets = drawn[:, None] == np.arange(5)
    assert best_temperature(softmax(logits * temperature), targets) == pytest.approx(temperature, rel=0.05)


def test_a_temperature_divides_logits_and_moves_no_class_before_another() -> None:
    logits = np.random.default_rng(1).standard_normal((50, 5))
    np.testing.assert_allclose(with_temperature(softmax(logits), 2.5), softmax(logits / 2.5), atol=1e-9)
    assert (with_temperature(softmax(logits), 2.5).argmax(axis=1) == logits.argmax(axis=1)).all()
