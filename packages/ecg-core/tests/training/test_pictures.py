from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from ecg_core.training.config import EmaConfig  # noqa: E402


@pytest.fixture
def drawing(toy: type) -> type:
    class Drawing(toy):
        """Draws its first weight as red (millionths, modulo 256), and as green whether it is in evaluation mode."""

        def pictures(self):
            picture = np.zeros((4, 6, 3), np.uint8)
            first = next(self.parameters()).detach().flatten()[0]
            picture[..., 0], picture[..., 1] = int(first.abs() * 1e6) % 256, 0 if self.training else 255
            return {"weight": picture}

    return Drawing


def test_pictures_are_written_at_every_evaluation_and_told(
    train, drawing: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told = []
    monkeypatch.setattr(
        "ecg_core.training.loop.fire",
        lambda event, _context, **values: told.append(values) if event == "picture_drawn" else None,
    )
    train(model=drawing(), epochs=2)
    files = sorted(tmp_path.rglob("pictures/*"))
    assert [file.name for file in files] == ["weight-step-0000008.png", "weight-step-0000016.png"]
    assert [(each["name"], each["path"].name, each["step"]) for each in told] == [
        ("weight", file.name, step) for file, step in zip(files, (8, 16), strict=True)
    ]


def test_they_are_drawn_by_the_running_average_in_evaluation_mode(train, drawing: type, tmp_path: Path):
    from ecg_core.training.checkpoint import find_checkpoint, read_checkpoint

    train(model=drawing(), epochs=1, ema=EmaConfig(decay=0.9))
    (file,) = tmp_path.rglob("pictures/*")
    with Image.open(file) as picture:
        red, green, _ = np.asarray(picture)[0, 0]
    (run,) = {path.parent.parent for path in tmp_path.rglob("checkpoints/step-*")}
    parts = read_checkpoint(find_checkpoint(run, "latest")).parts

    def level(tensors: dict[str, torch.Tensor]) -> int:
        return int(tensors["net.0.weight"].flatten()[0].abs() * 1e6) % 256

    assert level(parts["ema"]) != level(parts["model"])
    assert (red, green) == (level(parts["ema"]), 255)
