"""Segmentation of whole pages by trained weights."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs
import cv2
import numpy as np
import torch

from ecg_core.backends import open_backend
from ecg_core.tiles import Tiling, predict_tiles
from ecg_core.training.weights import Weights
from ecg_seg.classes import ClassSet, class_set
from ecg_seg.losses import class_logits
from ecg_seg.options import SegNetworkConfig
from ecg_seg.weights import DEFAULT, load_weights

if TYPE_CHECKING:
    from ecg_core.context import Precision
    from ecg_core.protocols import Backend

LONG_SIDE_PX = 2700
"""Longer pictures are made so long first: near the scale of the shipped weights for a page that fills the picture."""


@attrs.frozen(eq=False, kw_only=True, slots=False)
class Segmentation:
    """What is seen on a picture.

    Attributes:
        classes: what was told apart.
        probabilities: of the classes, float32, shape (classes, rows, columns), at the size that was worked at.
        height_px: of the picture.
        width_px: of the picture.
    """

    classes: ClassSet
    probabilities: np.ndarray
    height_px: int
    width_px: int

    @cached_property
    def mask(self) -> np.ndarray:
        """The likeliest class of each pixel of the picture: uint8, shape (height, width)."""
        if self.probabilities.shape[1:] == (self.height_px, self.width_px):
            return np.asarray(self.probabilities.argmax(axis=0), np.uint8)
        size = self.width_px, self.height_px
        likeliest = np.zeros(size[::-1], np.uint8)
        highest = cv2.resize(self.probabilities[0], size, interpolation=cv2.INTER_LINEAR)
        for value, plane in enumerate(self.probabilities[1:], start=1):
            enlarged = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
            likeliest[enlarged > highest] = value
            np.maximum(highest, enlarged, out=highest)
        return likeliest


class Segmenter:
    """A trained network, ready on a device.

    Args:
        weights: of a model that was trained by `seg.train`.
        backend: set up; by default the processor.
        precision: of the computation.
        tiling: how pictures are cut.

    Attributes:
        classes: that it tells apart.
        model: the network, on the device.

    Raises:
        CheckpointError: the weights are of something else.
        PluginError: the model is not installed.
    """

    def __init__(
        self,
        weights: Weights,
        *,
        backend: Backend | None = None,
        precision: Precision = "fp32",
        tiling: Tiling | None = None,
    ) -> None:
        self._backend, self._precision, self._tiling = backend or _processor(), precision, tiling or Tiling()
        weights.require_task("seg.train")
        config = weights.options(SegNetworkConfig)
        model = config.make(restored=True)
        weights.put_into(model)
        self.classes = class_set(config.classes)
        self.model = self._backend.prepare(model, train=False)

    @classmethod
    def load(cls, name_or_path: str | Path = DEFAULT, **options: Any) -> Self:
        """A segmenter with shipped weights, or those of a run folder or file; options as for the class.

        Raises:
            CheckpointError: the run or file is damaged or of another kind.
            ConfigError: it is neither a name nor a path.
        """
        return cls(load_weights(str(name_or_path)), **options)

    def segment(self, image: np.ndarray, *, long_side_px: int = LONG_SIDE_PX) -> Segmentation:
        """Segment a picture.

        Args:
            image: uint8 RGB, shape (height, width, 3).
            long_side_px: a picture with a longer side is worked on at that size; 0 takes every picture as it is.
        """
        height, width = image.shape[:2]
        small = _at_most(image, long_side_px)
        probabilities = predict_tiles(small, self._network, len(self.classes.names), self._tiling)
        return Segmentation(classes=self.classes, probabilities=probabilities, height_px=height, width_px=width)

    @torch.inference_mode()
    def _network(self, tile: np.ndarray) -> np.ndarray:
        [batch] = self._backend.loader([{"image": torch.from_numpy(np.ascontiguousarray(tile))}])
        with self._backend.autocast(self._precision):
            logits = self.model(batch["image"])
        probabilities = class_logits(logits).softmax(dim=1)
        self._backend.sync()
        return np.asarray(self._backend.to_host(probabilities).numpy())


def _processor() -> Backend:
    backend = open_backend("cpu")
    backend.setup(seed=0)
    return backend


def _at_most(image: np.ndarray, long_side_px: int) -> np.ndarray:
    longest = max(image.shape[:2])
    if not long_side_px or longest <= long_side_px:
        return image
    scale = long_side_px / longest
    size = tuple(max(1, round(length * scale)) for length in image.shape[1::-1])
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
