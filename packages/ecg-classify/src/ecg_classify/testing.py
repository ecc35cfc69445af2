"""Contract tests of models and data sets for `classify.train`: subclass one, name your plugin, pytest does the rest.

Needs ``ecg-core[testing]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecg_classify.options import ClassifyDataRequest, ClassifyModelRequest
from ecg_core.testing import DatasetContract, ModelContract

TOLD = ClassifyModelRequest()
LEADS_AND_SAMPLES = (len(TOLD.leads), TOLD.num_samples)


class ClassifyModelContract(ModelContract):
    """What every model that `classify.train` may be told to train must do."""

    monitored = "macro_f1"

    def request(self) -> ClassifyModelRequest:
        """Five classes of twelve leads."""
        return TOLD

    def batch(self, torch: Any, seed: int) -> Mapping[str, Any]:
        """Five recordings, a class each: noise of another loudness, with parts that were not seen."""
        generator = torch.Generator().manual_seed(seed)
        shape = (len(TOLD.classes), *LEADS_AND_SAMPLES)
        loudness = torch.linspace(0.2, 2, len(TOLD.classes))[:, None, None]
        seen = torch.rand(shape, generator=generator) > 0.1
        return {
            "signal": torch.randn(shape, generator=generator) * loudness * seen,
            "seen": seen,
            "target": torch.eye(len(TOLD.classes)),
            "counts": torch.ones(len(TOLD.classes)),
        }

    def inputs(self, batch: Mapping[str, Any]) -> tuple[Any, ...]:
        """Signals, and where they were seen."""
        return batch["signal"], batch["seen"]

    def output_shape(self, batch: Mapping[str, Any]) -> tuple[int, ...]:
        """A logit of every class."""
        return len(batch["signal"]), len(TOLD.classes)


class ClassifyDatasetContract(DatasetContract):
    """What every data set that `classify.train` may be told to train on must do."""

    fields = {  # noqa: RUF012 - never changed
        "signal": ("float32", LEADS_AND_SAMPLES),
        "seen": ("bool", LEADS_AND_SAMPLES),
        "target": ("float32", (len(TOLD.classes),)),
        "counts": ("float32", ()),
    }

    def request(self, *, seed: int) -> ClassifyDataRequest:
        """Four recordings a batch."""
        return ClassifyDataRequest(batch_size=4, workers=0, seed=seed)
