from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from ecg_core.errors import ConfigError
from ecg_seg.classes import class_set
from ecg_seg.models.unet import SegUNet, confusion
from ecg_seg.options import SegModelRequest, SegUNetConfig


def unet(kind: str = "classes", **options: Any) -> SegUNet:
    return SegUNet(SegUNetConfig(**options), SegModelRequest(classes=class_set(kind)))


def batch(kind_max: int, size: int = 32) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    image = torch.randint(0, 256, (2, 3, size, size), dtype=torch.uint8, generator=generator)
    mask = torch.randint(0, kind_max + 1, (2, size, size), dtype=torch.uint8, generator=generator)
    return {"image": image, "mask": mask}


@pytest.mark.parametrize(
    ("kind", "num_classes", "num_outputs"), [("classes", 5, 5), ("grid-wave", 3, 3), ("grid", 2, 1)]
)
def test_one_three_and_five_classes(kind: str, num_classes: int, num_outputs: int) -> None:
    model = unet(kind)
    assert model(batch(1)["image"]).shape == (2, num_outputs, 32, 32)
    data = batch(num_classes - 1)
    assert model.training_step(data)["loss"].item() > 0
    with torch.no_grad():
        figures = model.figures(model.eval().evaluation_step(data))
    assert 0 <= figures["mean_iou"] <= 1
    assert len([name for name in figures if name.startswith("iou_")]) == num_classes


def test_confusion_counts_by_truth_and_claim() -> None:
    target = torch.tensor([[[0, 1], [2, 2]]])
    claimed = torch.tensor([[[0, 2], [2, 1]]])
    logits = torch.nn.functional.one_hot(claimed, 3).movedim(-1, 1).float()
    expected = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 1]]) / 4
    np.testing.assert_allclose(confusion(logits, target).numpy(), expected)


def test_figures_of_a_perfect_model() -> None:
    model = unet()
    totals = {"loss": torch.tensor(0.2), "count": torch.tensor(2), "confusion": torch.eye(5)}
    figures = model.figures(totals)
    assert figures["loss"] == pytest.approx(0.1)
    assert figures["mean_iou"] == figures["accuracy"] == figures["iou_waveform"] == 1


def test_it_learns_a_line() -> None:
    torch.manual_seed(0)
    model = unet("wave", class_weights=(1.0, 1.0))
    mask = torch.zeros(4, 32, 32, dtype=torch.uint8)
    for index, row in enumerate((5, 11, 20, 27)):
        mask[index, row : row + 2] = 1
    image = (255 - 200 * mask)[:, None].repeat(1, 3, 1, 1)
    optimizer = torch.optim.Adam(model.parameters(), 0.005)
    for _ in range(25):
        optimizer.zero_grad()
        model.training_step({"image": image, "mask": mask})["loss"].backward()
        optimizer.step()
    claimed = model.eval()(image)[:, 0] > 0
    assert (claimed == mask.bool()).float().mean() > 0.99


def test_weights_must_fit_the_classes() -> None:
    with pytest.raises(ConfigError, match="2 given, the set classes has 5"):
        unet(class_weights=(1.0, 2.0))
