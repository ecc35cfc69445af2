"""Contract tests of models and data sets for `seg.train`: subclass one, name your plugin, and pytest does the rest.

    from ecg_seg.testing import SegModelContract

    class TestAcmeNet(SegModelContract):
        name = "acme.net"

Needs ``ecg-core[testing]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecg_core.testing import DatasetContract, ModelContract
from ecg_seg.classes import CLASS_SETS
from ecg_seg.options import SegDataRequest, SegModelRequest


class SegModelContract(ModelContract):
    """What every model that `seg.train` may be told to train must do.

    Attributes:
        classes: the set that it is tried on.
        size_px: height and width of the pictures, multiples of 64.
    """

    monitored = "mean_iou"
    classes = CLASS_SETS["classes"]
    size_px: tuple[int, int] = (64, 128)

    def request(self) -> SegModelRequest:
        """Five classes."""
        return SegModelRequest(classes=self.classes)

    def batch(self, torch: Any, seed: int) -> Mapping[str, Any]:
        """Two pictures on which every class has its own level of gray, in noise."""
        generator = torch.Generator().manual_seed(seed)
        num_classes = len(self.classes.names)
        mask = torch.randint(num_classes, (2, *self.size_px), generator=generator, dtype=torch.uint8)
        levels = 220 - (180 // num_classes) * mask[:, None].repeat(1, 3, 1, 1).int()
        noise = torch.randint(-10, 11, levels.shape, generator=generator)
        return {"image": (levels + noise).clamp(0, 255).to(torch.uint8), "mask": mask}

    def inputs(self, batch: Mapping[str, Any]) -> tuple[Any, ...]:
        """The pictures."""
        return (batch["image"],)

    def output_shape(self, batch: Mapping[str, Any]) -> tuple[int, ...]:
        """A logit of every output for every pixel."""
        return (len(batch["image"]), self.classes.num_outputs, *self.size_px)


class SegDatasetContract(DatasetContract):
    """What every data set that `seg.train` may be told to train on must do.

    Attributes:
        classes: the set that its masks must tell apart.
    """

    classes = CLASS_SETS["classes"]
    fields = {"image": ("uint8", (3, None, None)), "mask": ("uint8", (None, None))}  # noqa: RUF012 - never changed

    def request(self, *, seed: int) -> SegDataRequest:
        """Four crops a batch."""
        return SegDataRequest(classes=self.classes, batch_size=4, workers=0, seed=seed)

    def test_masks_hold_the_classes_and_nothing_else(self, torch: Any, make: Any) -> None:
        batch = next(iter(make().batches("train", epoch=0)))
        largest = int(batch["mask"].max())
        assert largest < len(self.classes.names), f"a mask holds {largest}, there are {len(self.classes.names)} classes"
        sizes = tuple(batch["image"].shape[2:]), tuple(batch["mask"].shape[1:])
        assert sizes[0] == sizes[1], f"pictures and masks are of different size: {sizes}"
