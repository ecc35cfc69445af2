"""What the default trainer costs over a plain PyTorch loop that does the same steps.

Usage: python benchmarks/training_overhead.py [--backend cpu] [--steps 60] [--rounds 3]

Both train the same network with AdamW on the same batches, which lie ready in memory. The plain loop does what a
hand-written one does: forward, backward, clipping, step, and a look at the loss every tenth step. The trainer also
guards against steps that are not finite, and logs. They take turns; the median of the rounds counts, evaluations
and checkpoints are left out.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ecg_core.backends import open_backend
from ecg_core.context import RunContext
from ecg_core.protocols import Backend
from ecg_core.training.config import TrainingConfig
from ecg_core.training.loop import DefaultTrainer
from ecg_seg.options import SegNetworkConfig

LOG_EVERY = 10
CLIP_NORM = 1.0
Batch = dict[str, Tensor]


class Classifier(nn.Module):
    """Residual-free 1-D convolutions over 12 leads; ``width`` and ``depth`` set its size."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        channels = [12, *(width * 2 ** (number // 2) for number in range(depth))]
        blocks = [
            nn.Sequential(nn.Conv1d(a, b, 9, stride=2, padding=4, bias=False), nn.BatchNorm1d(b), nn.ReLU())
            for a, b in pairwise(channels)
        ]
        self.net = nn.Sequential(*blocks, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(channels[-1], 5))

    def training_step(self, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return {"loss": F.binary_cross_entropy_with_logits(self.net(batch["signal_mv"]), batch["labels"])}

    def evaluation_step(self, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return {"loss": self.training_step(batch)["loss"]}

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        return {"loss": float(totals["loss"])}


class Ready:
    """Four batches that were made beforehand, over and over; none for validation."""

    steps_per_epoch: int | None = None

    def __init__(self, make: Callable[[torch.Generator], Batch]) -> None:
        generator = torch.Generator().manual_seed(0)
        self._made = [make(generator) for _ in range(4)]

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        step = start_step
        while split == "train":
            yield self._made[step % len(self._made)]
            step += 1


def signals(samples: int) -> Ready:
    """Sixteen signals a batch, with labels."""
    return Ready(
        lambda generator: {
            "signal_mv": torch.randn(16, 12, samples, generator=generator),
            "labels": (torch.rand(16, 5, generator=generator) > 0.5).float(),
        }
    )


def crops(size_px: int) -> Ready:
    """Eight crops a batch, with masks of five classes."""
    shape = (8, size_px, size_px)
    return Ready(
        lambda generator: {
            "image": torch.randint(256, (8, 3, size_px, size_px), generator=generator, dtype=torch.uint8),
            "mask": torch.randint(5, shape, generator=generator, dtype=torch.uint8),
        }
    )


NETWORKS: dict[str, tuple[Callable[[], nn.Module], Callable[[], Ready]]] = {
    "tiny": (lambda: Classifier(8, 2), lambda: signals(250)),
    "small": (lambda: Classifier(16, 6), lambda: signals(1000)),
    "medium": (lambda: Classifier(32, 8), lambda: signals(2500)),
    "seg.unet": (lambda: SegNetworkConfig().make(), lambda: crops(128)),
}


def plain_loop(model: Any, data: Ready, steps: int, backend: Backend) -> float:
    """Seconds a step of a loop as one would write it by hand; the first steps are left out."""
    model.to(backend.device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    batches = backend.loader(data.batches("train", epoch=0))
    start_s = 0.0
    for step in range(steps):
        if step == LOG_EVERY:
            start_s = time.perf_counter()
        loss = model.training_step(next(batches))["loss"]
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
        optimizer.step()
        optimizer.zero_grad()
        backend.sync()
        if (step + 1) % LOG_EVERY == 0:
            float(loss.detach())
    return (time.perf_counter() - start_s) / (steps - LOG_EVERY)


def trainer(model: Any, data: Ready, steps: int, backend: Backend) -> float:
    """Seconds a step of the default trainer, from its own log; the first steps are left out."""
    config = TrainingConfig(
        steps=steps, clip_norm=CLIP_NORM, log_every_steps=LOG_EVERY, evaluate_every_steps=steps, keep=1
    )
    with tempfile.TemporaryDirectory() as folder:
        context = RunContext(task="benchmark", out_dir=Path(folder), backend=backend.name)
        DefaultTrainer().fit(model, data, config, context)
        lines = [json.loads(line) for line in (Path(folder) / "metrics.jsonl").read_text().splitlines()]
    return statistics.mean(1 / line["steps_per_s"] for line in lines if "steps_per_s" in line)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", default="cpu")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--networks", nargs="*", default=list(NETWORKS), choices=list(NETWORKS))
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    backend = open_backend(arguments.backend)
    backend.setup(seed=0)
    print(f"torch {torch.__version__}, {backend.hardware}, {torch.get_num_threads()} threads, ms a step")
    print(f"{'network':10}{'parameters':>12}{'plain loop':>12}{'trainer':>12}{'ratio':>8}")
    for name in arguments.networks:
        make_model, make_data = NETWORKS[name]
        times: dict[str, list[float]] = {"plain": [], "trainer": []}
        for _ in range(arguments.rounds):
            times["plain"].append(plain_loop(make_model(), make_data(), arguments.steps, backend))
            times["trainer"].append(trainer(make_model(), make_data(), arguments.steps, backend))
        plain, ours = (1e3 * statistics.median(values) for values in times.values())
        size = sum(parameter.numel() for parameter in make_model().parameters())
        print(f"{name:10}{size:>12,}{plain:>12.2f}{ours:>12.2f}{ours / plain:>8.2f}")


if __name__ == "__main__":
    main()
