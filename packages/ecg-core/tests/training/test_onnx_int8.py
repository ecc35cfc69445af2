from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from ecg_core.onnx import open_network  # noqa: E402
from ecg_core.training.onnx_file import write_onnx  # noqa: E402
from ecg_core.training.onnx_int8 import write_int8  # noqa: E402


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(3, 32, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(32, 4, 3, padding=1)
        )

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.layers(image.float() / 255)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "plain.onnx"
    axes = {"image": {0: "batch", 2: "height", 3: "width"}}
    write_onnx(path, Net().eval(), {"image": torch.zeros(1, 3, 32, 32, dtype=torch.uint8)}, ("logits",), free_axes=axes)
    return path


def pictures(number: int, seed: int, side_px: int = 32) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (1, 3, side_px, side_px), np.uint8) for _ in range(number)]


def test_it_gives_nearly_the_same_for_pictures_of_any_size(plain: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.onnx"
    write_int8(whole, plain, pictures(4, seed=1))
    (image,) = pictures(1, seed=2, side_px=48)
    expected, found = (open_network(path)(np.repeat(image, 2, axis=0))[0] for path in (plain, whole))
    assert np.abs(found - expected).mean() < 0.03 * expected.std()
    assert np.abs(found - expected).max() > 0


def test_its_weights_are_whole_numbers_that_pairs_of_products_cannot_overflow(plain: Path, tmp_path: Path) -> None:
    """Without VNNI a processor adds two products of eight bits in sixteen: 2 · 255 · 64 < 32768."""
    whole = tmp_path / "whole.onnx"
    write_int8(whole, plain, pictures(2, seed=1))
    tensors = [onnx.numpy_helper.to_array(each) for each in onnx.load(whole).graph.initializer]
    weights = [each for each in tensors if each.dtype == np.int8 and each.ndim == 4]
    assert [each.shape for each in weights] == [(32, 3, 3, 3), (4, 32, 3, 3)]
    assert all(60 <= np.abs(each.astype(int)).max() <= 64 for each in weights)


def test_a_file_may_be_written_over_itself(plain: Path, tmp_path: Path) -> None:
    before = open_network(plain)(pictures(1, seed=3)[0])[0]
    write_int8(plain, plain, pictures(2, seed=1))
    assert np.abs(open_network(plain)(pictures(1, seed=3)[0])[0] - before).mean() < 0.03 * before.std()
    assert [path.name for path in tmp_path.iterdir()] == ["plain.onnx"]


def test_examples_are_needed(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs examples"):
        write_int8(tmp_path / "whole.onnx", plain, [])
    assert not (tmp_path / "whole.onnx").exists()
