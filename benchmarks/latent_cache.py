"""Training steps a second from cached latents, and from pictures that are encoded each time.

Usage: python benchmarks/latent_cache.py [--steps 20] [--repeats 3] [--batch-size 16]

Pictures of simulated walks, the CPU presets of autoencoder and U-Net with random weights: speed does not depend on what
they have learned. Both kinds train in turns, with the same noise; the loss of the last step must agree. Time is that of
the processor, one thread, so that other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from ecg_core.context import RunContext
from ecg_diffusion.autoencoder.network import VaeConfig, build_autoencoder
from ecg_diffusion.denoiser.model import LatentDiffusion
from ecg_diffusion.denoiser.network import UNetConfig
from ecg_diffusion.denoiser.request import DenoiserRequest
from ecg_diffusion.latents.data import LatentData, LatentRequest
from ecg_diffusion.latents.sources import LatentDataConfig
from ecg_diffusion.sampling.noise import NoiseConfig
from ecg_diffusion.tasks import cache_latents, check_latents, make_gait, split


def main() -> None:
    """Make the data, train both ways, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=16)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        request = LatentRequest(
            timesteps=1000,
            cond_drop_prob=0.1,
            validation_repeats=1,
            batch_size=arguments.batch_size,
            seed=0,
            workers=0,
        )
        sets = {name: LatentData(config, request) for name, config in configs_of(Path(folder)).items()}
        rates: dict[str, list[float]] = {name: [] for name in sets}
        losses: dict[str, float] = {}
        for _ in range(arguments.repeats):
            for name, data in sets.items():
                seconds, losses[name] = train(data, steps=arguments.steps)
                rates[name].append(arguments.steps / seconds)
    print(f"{'':10}{'steps/s':>10}{'last loss':>12}")
    for name, each in rates.items():
        print(f"{name:10}{np.median(each):10.2f}{losses[name]:12.5f}")
    ratios = [cached / encoded for cached, encoded in zip(rates["latents"], rates["pictures"], strict=True)]
    print(f"latents to pictures {np.median(ratios):.1f} (least {min(ratios):.1f})")


def configs_of(folder: Path) -> dict[str, LatentDataConfig]:
    """Options of both ways, over the same pictures."""

    def context(task: str) -> RunContext:
        (folder / task).mkdir()
        return RunContext(task=f"diffusion.{task}", out_dir=folder / task, backend="cpu")

    make_gait.run(make_gait.MakeGaitConfig(people=4, walks=9), context("make_gait"))
    images, parts = folder / "make_gait", folder / "split/split.json"
    split.run(split.SplitConfig(images=images, per_class=8), context("split"))
    build_autoencoder(VaeConfig()).save_pretrained(folder / "vae")
    vae, check = folder / "vae", folder / "check_latents"
    check_latents.run(check_latents.CheckLatentsConfig(images=images, split=parts, vae=vae), context("check_latents"))
    cache_latents.run(cache_latents.CacheLatentsConfig(images=images, split=parts, vae=vae), context("cache_latents"))
    return {
        "latents": LatentDataConfig(latents=folder / "cache_latents", check=check, validation_share=0),
        "pictures": LatentDataConfig(check=check, validation_share=0, images=images, split=parts, vae=vae),
    }


def train(data: LatentData, *, steps: int) -> tuple[float, float]:
    """Processor seconds that some steps take after a first one, and the loss of the last."""
    inputs = data.training_inputs()
    torch.manual_seed(0)
    request = DenoiserRequest(
        noise=NoiseConfig(),
        classes=inputs.classes,
        latent_shape=inputs.latent_shape,
        normalization=inputs.normalization,
        vae={},
        autoencoder=inputs.autoencoder,
    )
    model = LatentDiffusion(UNetConfig(), request)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    start, loss = 0.0, torch.zeros(())
    for number, batch in enumerate(islice(data.batches("train", epoch=0), steps + 1)):
        loss = model.training_step(batch)["loss"]
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if number == 0:
            start = time.process_time()
    return time.process_time() - start, loss.item()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    torch.set_num_threads(1)
    main()
