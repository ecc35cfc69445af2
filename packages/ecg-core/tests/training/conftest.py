"""A problem small enough to be certain of, and a short way to train on it. Torch is imported on use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def toy() -> type:
    """A model class: linear layers with batch norm (a buffer) and dropout (random numbers)."""
    import torch

    class Toy(torch.nn.Module):
        def __init__(self, *, norm: bool = True, dropout: float = 0.2) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.net = torch.nn.Sequential(
                torch.nn.Linear(6, 8, bias=False),
                torch.nn.BatchNorm1d(8) if norm else torch.nn.Identity(),
                torch.nn.Tanh(),
                torch.nn.Dropout(dropout),
                torch.nn.Linear(8, 1),
            )

        def training_step(self, batch: Mapping[str, Any]) -> Mapping[str, Any]:
            return {"loss": ((self.net(batch["x"]) - batch["y"]) ** 2).mean()}

        def evaluation_step(self, batch: Mapping[str, Any]) -> Mapping[str, Any]:
            return {
                "error": ((self.net(batch["x"]) - batch["y"]) ** 2).sum(),
                "count": torch.tensor(batch["y"].numel()),
            }

        def figures(self, totals: Mapping[str, Any]) -> Mapping[str, float]:
            return {"loss": float(totals["error"] / totals["count"])}

    return Toy


@pytest.fixture(scope="session")
def toy_data() -> type:
    """A data set class: ``y`` is a fixed linear function of ``x``; batches are NaN where ``bad(epoch, step)``."""
    import torch

    class ToyData:
        def __init__(
            self,
            *,
            steps_per_epoch: int | None = 8,
            size: int = 12,
            bad: Callable[[int, int], bool] = lambda _epoch, _step: False,
        ) -> None:
            self.steps_per_epoch, self.size, self.bad = steps_per_epoch, size, bad
            self.asked: list[tuple[str, int, int]] = []

        def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Mapping[str, Any]]:
            self.asked.append((split, epoch, start_step))
            last = (self.steps_per_epoch or 10**9) if split == "train" else 2
            for step in range(start_step, last):
                yield self.batch(split, epoch, step)

        def batch(self, split: str, epoch: int, step: int) -> Mapping[str, Any]:
            generator = torch.Generator().manual_seed(1_000_000 * (split == "train") + 1000 * epoch + step)
            x = torch.randn(self.size, 6, generator=generator)
            y = x @ torch.tensor([[1.0], [-2.0], [0.5], [0.0], [1.5], [-1.0]])
            if split == "train" and self.bad(epoch, step):
                x = x * float("nan")
            return {"x": x, "y": y}

    return ToyData


@pytest.fixture
def train(tmp_path: Path, toy: type, toy_data: type) -> Callable[..., Mapping[str, Any]]:
    """Train the toy in ``tmp_path / out``; any option of the configuration is a keyword."""
    import torch

    from ecg_core.context import RunContext
    from ecg_core.training.config import TrainingConfig
    from ecg_core.training.loop import DefaultTrainer

    torch.set_num_threads(1)

    def run(
        out: str = "run", *, model: Any = None, data: Any = None, resume: bool = False, seed: int = 0, **options: Any
    ) -> Mapping[str, Any]:
        (tmp_path / out).mkdir(exist_ok=True)
        context = RunContext(task="toy.fit", out_dir=tmp_path / out, backend="cpu", resume=resume, seed=seed)
        config = TrainingConfig(**{"epochs": 2, **options})
        return DefaultTrainer().fit(model or toy(), data or toy_data(), config, context)

    return run


@pytest.fixture
def parts_of(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Every tensor of the latest checkpoint in ``tmp_path / out``, by ``part/name``."""
    from ecg_core.training.checkpoint import find_checkpoint, read_checkpoint

    def read(out: str = "run") -> dict[str, Any]:
        parts = read_checkpoint(find_checkpoint(tmp_path / out, "latest")).parts
        return {f"{part}/{name}": tensor for part, tensors in parts.items() for name, tensor in tensors.items()}

    return read


@pytest.fixture(scope="session")
def assert_identical() -> Callable[[Mapping[str, Any], Mapping[str, Any]], None]:
    """Fails unless both hold the same tensors, bit for bit."""
    import torch

    def check(left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
        assert left.keys() == right.keys()
        differing = [name for name in left if not torch.equal(left[name], right[name])]
        assert not differing

    return check
