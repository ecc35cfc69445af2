"""Figures of a segmentation, from its confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from ecg_core.errors import DataError


@attrs.frozen(kw_only=True)
class ClassFigures:
    """Figures of one class; NaN where the class is neither there nor claimed.

    Attributes:
        iou: intersection over union.
        dice: Dice coefficient, which is the F1 of the pixels.
        precision: share of what is claimed that is right.
        recall: share of what is there that is found.
        pixels: how many pixels truly are of the class.
    """

    iou: float
    dice: float
    precision: float
    recall: float
    pixels: int


@attrs.frozen(kw_only=True)
class SegmentationFigures:
    """Figures over all classes.

    Attributes:
        accuracy: share of the pixels that are right.
        mean_iou: mean over the classes that are there or claimed.
        mean_dice: the same of Dice.
        classes: by name.
    """

    accuracy: float
    mean_iou: float
    mean_dice: float
    classes: Mapping[str, ClassFigures]


def confusion_matrix(truth: np.ndarray, claimed: np.ndarray, num_classes: int) -> np.ndarray:
    """Counts of pixels: int64, shape (classes, classes), rows the truth, columns what is claimed.

    Raises:
        DataError: shapes differ, or a value is no class.
    """
    if truth.shape != claimed.shape:
        raise DataError(f"masks of different size: truth {truth.shape}, prediction {claimed.shape}")
    for name, mask in (("truth", truth), ("prediction", claimed)):
        if mask.size and not (mask.min() >= 0 and mask.max() < num_classes):
            found = mask.min() if mask.min() < 0 else mask.max()
            raise DataError(f"the {name} holds the value {found}, classes go from 0 to {num_classes - 1}")
    pairs = truth.ravel().astype(np.int64) * num_classes + claimed.ravel()
    return np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)


def segmentation_figures(confusion: np.ndarray, names: Sequence[str]) -> SegmentationFigures:
    """Figures from a confusion matrix.

    Args:
        confusion: shape (classes, classes), rows the truth, columns what is claimed.
        names: of the classes.
    """
    counts = np.asarray(confusion, np.float64)
    hit, there, claimed = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    iou, dice = _ratio(hit, there + claimed - hit), _ratio(2 * hit, there + claimed)
    precision, recall = _ratio(hit, claimed), _ratio(hit, there)
    return SegmentationFigures(
        accuracy=float(_ratio(hit.sum(), counts.sum())),
        mean_iou=_mean(iou),
        mean_dice=_mean(dice),
        classes={
            name: ClassFigures(
                iou=float(iou[index]),
                dice=float(dice[index]),
                precision=float(precision[index]),
                recall=float(recall[index]),
                pixels=int(there[index]),
            )
            for index, name in enumerate(names)
        },
    )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Quotient, NaN where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)


def _mean(values: np.ndarray) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
