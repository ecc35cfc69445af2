"""Figures of a classification, from what is true and what is claimed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs
import numpy as np
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support, roc_auc_score

from ecg_classify.classes import CLASSES
from ecg_core.errors import DataError

CALIBRATION_BINS = 10


@attrs.frozen(kw_only=True)
class ClassFigures:
    """Figures of one class.

    Attributes:
        recordings: how many are of it, alone or beside others.
        precision: share of those claimed to be of it that are; NaN where none is claimed.
        recall: share of those that are of it alone that are claimed so; NaN where there are none.
        f1: harmonic mean of the two.
        auroc: area under the curve of the receiver's operating characteristic, one class against the rest; NaN where
            all or none are of it.
    """

    recordings: int
    precision: float
    recall: float
    f1: float
    auroc: float


@attrs.frozen(kw_only=True)
class Figures:
    """Figures over all classes.

    Attributes:
        recordings: how many were looked at; accuracy, F1 and confusion are over those of one class alone.
        accuracy: share that is claimed right.
        macro_f1: mean of F1 over the classes that are there.
        micro_f1: F1 of all claims together.
        weighted_f1: mean of F1, each class weighing as much as it has recordings.
        macro_auroc: mean over the classes that have one.
        calibration_error: mean distance of confidence from accuracy over ten bins of confidence (ECE).
        classes: by name.
        confusion: counts, a row a true class, a column a claimed one.
    """

    recordings: int
    accuracy: float
    macro_f1: float
    micro_f1: float
    weighted_f1: float
    macro_auroc: float
    calibration_error: float
    classes: Mapping[str, ClassFigures]
    confusion: Sequence[Sequence[int]]


def classification_figures(targets: np.ndarray, probabilities: np.ndarray) -> Figures:
    """Figures of some recordings.

    Args:
        targets: bool, shape (recordings, 5): the classes each is of, one or several.
        probabilities: shape (recordings, 5): of each class.

    Raises:
        DataError: there are no recordings, or the shapes differ.
    """
    if targets.shape != probabilities.shape or not len(targets):
        raise DataError(
            f"figures need recordings and a probability a class; found {targets.shape}, {probabilities.shape}"
        )
    truth, claimed, sure = _single(targets, probabilities)
    numbers = list(range(len(CLASSES)))
    there = [number for number in numbers if (truth == number).any()]
    precision, recall, f1, _ = precision_recall_fscore_support(truth, claimed, labels=numbers, zero_division=np.nan)
    areas = [auroc(targets[:, number], probabilities[:, number]) for number in numbers]
    return Figures(
        recordings=len(targets),
        accuracy=float((truth == claimed).mean()) if len(truth) else float("nan"),
        macro_f1=_f1(truth, claimed, there, "macro"),
        micro_f1=_f1(truth, claimed, numbers, "micro"),
        weighted_f1=_f1(truth, claimed, there, "weighted"),
        macro_auroc=_mean(areas),
        calibration_error=calibration_error(sure, truth == claimed),
        classes={
            name: ClassFigures(
                recordings=int(targets[:, number].sum()),
                precision=float(precision[number]),
                recall=float(recall[number]),
                f1=float(f1[number]) if number in there else float("nan"),
                auroc=areas[number],
            )
            for number, name in enumerate(CLASSES)
        },
        confusion=confusion_matrix(truth, claimed, labels=numbers).tolist() if len(truth) else [[0] * 5] * 5,
    )


def auroc(is_of: np.ndarray, score: np.ndarray) -> float:
    """Probability that a recording of a class scores higher than one that is not; NaN where all or none are."""
    return float(roc_auc_score(is_of, score)) if is_of.any() and not is_of.all() else float("nan")


def chief_figures(targets: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Macro AUROC, macro F1 and the AUROC of each class, without the rest of `classification_figures`."""
    truth, claimed, _ = _single(targets, probabilities)
    areas = {name: auroc(targets[:, number], probabilities[:, number]) for number, name in enumerate(CLASSES)}
    return {
        "macro_auroc": _mean(list(areas.values())),
        "macro_f1": _f1(truth, claimed, sorted(set(truth.tolist())), "macro"),
        **{f"auroc_{name}": area for name, area in areas.items()},
    }


def reliability(sure: np.ndarray, right: np.ndarray) -> list[tuple[float, float, int]]:
    """Mean confidence, share that is right, and number of recordings, for every bin of confidence that has any."""
    bins = np.minimum((sure * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return [
        (float(sure[bins == number].mean()), float(right[bins == number].mean()), int((bins == number).sum()))
        for number in range(CALIBRATION_BINS)
        if (bins == number).any()
    ]


def calibration_error(sure: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error (Guo et al. 2017, arXiv:1706.04599)."""
    found = reliability(sure, right)
    total = sum(count for _, _, count in found)
    return sum(abs(said - was) * count for said, was, count in found) / total if total else float("nan")


def bootstrap_intervals(
    figures: Callable[[np.ndarray, np.ndarray], Mapping[str, float]],
    targets: np.ndarray,
    probabilities: np.ndarray,
    groups: Sequence[str],
    *,
    rounds: int = 1000,
    seed: int = 0,
    share: float = 0.95,
) -> dict[str, tuple[float, float]]:
    """Percentile bootstrap intervals of figures; whole patients are drawn, since their recordings are alike.

    Args:
        figures: of targets and probabilities, by name.
        targets: as of `classification_figures`.
        probabilities: the same.
        groups: patient of each recording.
        rounds: how often to draw.
        seed: of the draws.
        share: of the draws that the interval holds.
    """
    members: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        members.setdefault(group, []).append(number)
    owners = [np.array(numbers) for numbers in members.values()]
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(rounds):
        drawn = np.concatenate([owners[number] for number in rng.integers(len(owners), size=len(owners))])
        found.append(figures(targets[drawn], probabilities[drawn]))
    ends = (1 - share) / 2, (1 + share) / 2
    return {name: _quantiles(np.array([figure[name] for figure in found]), ends) for name in found[0]}


def _quantiles(values: np.ndarray, ends: tuple[float, float]) -> tuple[float, float]:
    """Quantiles of the values that are numbers; NaN where none is."""
    numbers = values[np.isfinite(values)]
    least, most = np.quantile(numbers, ends) if len(numbers) else (np.nan, np.nan)
    return float(least), float(most)


def _single(targets: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Recordings of a single class: their class, the class that is claimed, and the probability of that claim."""
    alone = targets.sum(axis=1) == 1
    chosen = probabilities[alone]
    return targets[alone].argmax(axis=1), chosen.argmax(axis=1), chosen.max(axis=1, initial=0.0)


def _mean(values: Sequence[float]) -> float:
    """Mean of those that are numbers; NaN where none is."""
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _f1(truth: np.ndarray, claimed: np.ndarray, labels: list[int], average: str) -> float:
    return (
        float(f1_score(truth, claimed, labels=labels, average=average, zero_division=0))
        if labels and len(truth)
        else float("nan")
    )
