"""How right a segmenter is: its confusion over pages, and the figures of it as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

import attrs
import numpy as np

from ecg_core.metrics.segmentation import confusion_matrix, segmentation_figures
from ecg_core.plugins.report import as_table
from ecg_seg.pages import PageTruth
from ecg_seg.segmenter import Segmenter


@attrs.define
class Tally:
    """Pages of one kind, measured together: every pixel counts the same.

    Attributes:
        confusion: int64, shape (classes, classes), rows the truth, columns what is claimed.
        pages: how many.
    """

    confusion: np.ndarray
    pages: int = 0

    @classmethod
    def empty(cls, num_classes: int) -> Self:
        return cls(np.zeros((num_classes, num_classes), np.int64))

    def add(self, segmenter: Segmenter, page: PageTruth, *, long_side_px: int) -> None:
        """Segment a page and count.

        Raises:
            DataError: its mask has another size than its picture, or holds a value that is no class.
        """
        claimed = segmenter.segment(page.image, long_side_px=long_side_px).mask
        self.confusion += confusion_matrix(page.mask, claimed, len(self.confusion))
        self.pages += 1

    def figures(self, names: Iterable[str]) -> dict[str, Any]:
        """Accuracy, means, figures of every class and the confusion, as plain values."""
        figures = segmentation_figures(self.confusion, tuple(names))
        return {"pages": self.pages, **attrs.asdict(figures), "confusion": self.confusion.tolist()}


def figures_table(results: Mapping[str, Mapping[str, Any]], names: Iterable[str]) -> str:
    """IoU of every class, and the means, a line for each kind of page."""
    names = tuple(names)
    rows = [("pages", "number", "mean IoU", "mean Dice", "accuracy", *(f"IoU {name}" for name in names))]
    for kind, result in results.items():
        means = (f"{result[name]:.3f}" for name in ("mean_iou", "mean_dice", "accuracy"))
        classes = (f"{result['classes'][name]['iou']:.3f}" for name in names)
        rows.append((kind, str(result["pages"]), *means, *classes))
    return as_table(rows)


def confusion_table(result: Mapping[str, Any], names: Iterable[str]) -> str:
    """Share of the pixels of each true class (rows) that is claimed as each class (columns), in percent."""
    names = tuple(names)
    counts = np.array(result["confusion"], float)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows = [(name, *(f"{share:.1f}" for share in row)) for name, row in zip(names, shares, strict=True)]
    return as_table([("true \\ claimed, %", *names), *rows])
