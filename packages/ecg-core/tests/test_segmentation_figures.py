from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecg_core.errors import DataError
from ecg_core.metrics.segmentation import confusion_matrix, segmentation_figures

NAMES = ("paper", "line", "trace")
MASKS = arrays(np.uint8, (6, 7), elements=st.integers(0, 2))


def test_counts_by_truth_and_claim() -> None:
    truth, claimed = np.array([[0, 1, 1, 2]]), np.array([[0, 1, 2, 2]])
    assert confusion_matrix(truth, claimed, 3).tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]


def test_figures_worked_out_by_hand() -> None:
    """Trace: 3 pixels are there, 4 are claimed, 2 are both: IoU 2/5, Dice 4/7, precision 2/4, recall 2/3."""
    confusion = np.array([[10, 0, 2], [0, 4, 0], [1, 0, 2]])
    figures = segmentation_figures(confusion, NAMES)
    trace = figures.classes["trace"]
    assert (trace.iou, trace.dice, trace.precision, trace.recall) == pytest.approx((2 / 5, 4 / 7, 2 / 4, 2 / 3))
    assert trace.pixels == 3
    assert figures.accuracy == pytest.approx(16 / 19)
    assert figures.mean_iou == pytest.approx((10 / 13 + 1 + 2 / 5) / 3)
    assert figures.mean_dice == pytest.approx((20 / 23 + 1 + 4 / 7) / 3)


def test_class_that_is_neither_there_nor_claimed_is_left_out() -> None:
    figures = segmentation_figures(np.diag([5, 0, 5]), NAMES)
    assert math.isnan(figures.classes["line"].iou)
    assert figures.mean_iou == 1


@given(truth=MASKS, claimed=MASKS)
def test_iou_equals_its_definition_by_sets(truth: np.ndarray, claimed: np.ndarray) -> None:
    figures = segmentation_figures(confusion_matrix(truth, claimed, 3), NAMES)
    for index, name in enumerate(NAMES):
        union = ((truth == index) | (claimed == index)).sum()
        both = ((truth == index) & (claimed == index)).sum()
        expected = both / union if union else math.nan
        assert figures.classes[name].iou == pytest.approx(expected, nan_ok=True)
        in_all = (truth == index).sum() + (claimed == index).sum()
        assert figures.classes[name].dice == pytest.approx(2 * both / in_all if union else math.nan, nan_ok=True)


def test_masks_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match="different size"):
        confusion_matrix(np.zeros((2, 2), int), np.zeros((2, 3), int), 3)
    with pytest.raises(DataError, match="the truth holds the value 7, classes go from 0 to 2"):
        confusion_matrix(np.full((2, 2), 7), np.zeros((2, 2), int), 3)
    with pytest.raises(DataError, match="the prediction holds the value -1, classes go from 0 to 2"):
        confusion_matrix(np.zeros((2, 2), int), np.array([[0, -1], [2, 0]]), 3)
