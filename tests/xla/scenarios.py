"""What the tests of XLA run, each scenario in a process of its own, since devices and SPMD are settled once a process.

Usage: python scenarios.py SCENARIO RESULT_FILE [ARGUMENT=VALUE…]; writes what the scenario returns as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import torch

from ecg_core.backends import open_backend
from ecg_core.context import RunContext
from ecg_core.errors import RunInterrupted
from ecg_core.training.checkpoint import find_checkpoint, read_checkpoint
from ecg_core.training.config import EmaConfig, OptimConfig, ScheduleConfig
from ecg_core.training.demo import DemoConfig
from ecg_core.training.demo_parts import HeartbeatClassifier, MadeUpHeartbeats
from ecg_core.training.learner import Learner
from ecg_core.training.loop import DefaultTrainer

SMALL = {"batch_size": 16, "batches": 5, "log_every_steps": 1}
FULL = {"accumulate": 2, "clip_norm": 0.5, "ema": EmaConfig(decay=0.9), "optim": OptimConfig(lr=0.01)}
NOT_COMPARABLE = ("steps_per_s", "examples_per_s")


class Heartbeats(MadeUpHeartbeats):
    """Heartbeats with bad batches at certain steps, and a visitor before each batch of training."""

    def __init__(
        self, config: DemoConfig, *, bad: tuple[int, ...] = (), visit: Callable[[int], None] = lambda _step: None
    ) -> None:
        super().__init__(batches=config.batches, batch_size=config.batch_size, noise_mv=config.noise_mv, seed=0)
        self._bad, self._visit = bad, visit

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Mapping[str, Any]]:
        made = super().batches(split, epoch=epoch, start_step=start_step)
        for step, batch in enumerate(made, start_step):
            yield self._treated(batch, epoch * self._batches + step) if split == "train" else batch

    def _treated(self, batch: Mapping[str, Any], number: int) -> Mapping[str, Any]:
        self._visit(number)
        return {**batch, "signal_mv": batch["signal_mv"] * float("nan")} if number in self._bad else batch


def fit(
    out: str,
    backend: str,
    devices: int = 1,
    *,
    resume: bool = False,
    precision: str = "fp32",
    data: Any = None,
    **options: Any,
) -> dict[str, Any]:
    """Train the demo; gives its summary and its lines of metrics."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = DemoConfig(**{**SMALL, "epochs": 4, **options})
    Path(out).mkdir(parents=True, exist_ok=True)
    context = RunContext(
        task="demo.fit", out_dir=out, backend=backend, devices=devices, resume=resume, precision=precision
    )
    summary = DefaultTrainer().fit(HeartbeatClassifier(), data or Heartbeats(config), config, context)
    lines = [json.loads(line) for line in (Path(out) / "metrics.jsonl").read_text().splitlines()]
    plain = [{name: value for name, value in line.items() if name not in NOT_COMPARABLE} for line in lines]
    return {"summary": dict(summary), "lines": plain}


def counters() -> dict[str, int]:
    """How often XLA compiled, read something on the host, and let an operator fall back, up to now."""
    from torch_xla.debug import metrics

    def total(name: str) -> int:
        found = metrics.metric_data(name)
        return found[0] if found else 0

    return {
        "compilations": total("CompileTime"),
        "reads": total("TransferFromDeviceTime"),
        "scalar_reads": metrics.counter_value("aten::_local_scalar_dense") or 0,
    }


def count_in_steps() -> list[dict[str, int]]:
    """Count within every optimizer step, from now on."""
    counts: list[dict[str, int]] = []
    original = Learner.step

    def counted(self: Learner, *arguments: Any, **options: Any) -> Any:
        before = counters()
        result = original(self, *arguments, **options)
        counts.append({name: value - before[name] for name, value in counters().items()})
        return result

    Learner.step = counted  # type: ignore[method-assign]
    return counts


def train(out: str, backend: str = "xla", devices: str = "1", precision: str = "fp32") -> dict[str, Any]:
    """Four epochs of five steps."""
    counts = count_in_steps() if backend == "xla" else []
    return {**fit(out, backend, int(devices), precision=precision), "counts": counts}


def train_with_all(out: str, backend: str = "xla", devices: str = "1") -> dict[str, Any]:
    """Accumulation, clipping, an average and bad batches."""
    counts = count_in_steps() if backend == "xla" else []
    config = DemoConfig(**SMALL)
    data = Heartbeats(config, bad=(2, 11))
    schedule = ScheduleConfig(warmup_steps=3, min_lr=1e-4)
    result = fit(out, backend, int(devices), data=data, epochs=8, schedule=schedule, log_every_steps=4, **FULL)
    return {**result, "counts": counts}


def segment(out: str, backend: str = "xla", devices: str = "1", precision: str = "fp32") -> dict[str, Any]:
    """Twenty steps of `seg.train` on crops of rendered pages, eight of 128 x 128 pixels a step."""
    from ecg_core.config import choose
    from ecg_seg.tasks.train import SegTrainConfig, run

    torch.set_num_threads(1)
    counts = count_in_steps() if backend == "xla" else []
    folder = make_crops(Path(out).with_name("crops"))
    data = choose("datasets", "seg.crops", {"folders": str(folder), "validation_share": 0.25})
    config = SegTrainConfig(steps=20, data=data, batch_size=8, workers=0, log_every_steps=1)
    Path(out).mkdir(parents=True)
    context = RunContext(task="seg.train", out_dir=out, backend=backend, devices=int(devices), precision=precision)
    summary = run(config, context).summary
    lines = [json.loads(line) for line in (Path(out) / "metrics.jsonl").read_text().splitlines()]
    return {"summary": dict(summary), "lines": lines, "counts": counts}


def make_crops(folder: Path) -> Path:
    """Crops of four small pages."""
    from ecg_core.formats import write_record
    from ecg_core.synthetic import synthesize_record
    from ecg_render.tasks import crops, pages

    for name in ("records", "pages", "crops"):
        (folder / name).mkdir(parents=True)
    for seed in range(4):
        write_record(synthesize_record(seed=seed), folder / "records" / f"{seed}.npz")
    printed = pages.RenderPagesConfig(inputs=(str(folder / "records"),), dots_per_inch=60.0)
    pages.run(printed, RunContext(task="render.pages", out_dir=folder / "pages"))
    cut = crops.RenderCropsConfig(inputs=(str(folder / "pages"),), width_px=128, height_px=128, samples_per_image=6)
    crops.run(cut, RunContext(task="render.crops", out_dir=folder / "crops"))
    return folder / "crops"


def digitizer(out: str, backend: str = "xla") -> dict[str, Any]:
    """A step of each stage of the digitizer, on small pictures."""
    from ecg_core.formats import write_record
    from ecg_core.launch import find_task, run_task
    from ecg_core.synthetic import synthesize_record
    from ecg_digitize.learning.train import TrainAllConfig, with_options
    from ecg_render import PageRecipe

    torch.set_num_threads(1)
    records = Path(out).with_name("records")
    records.mkdir(parents=True)
    for seed in range(2):
        write_record(synthesize_record(seed=seed), records / f"{seed}.npz")
    pages = PageRecipe(degradations=("phone",), least_dots_per_inch=60, most_dots_per_inch=70)
    config = TrainAllConfig(records=(str(records),), smoke=True)
    sizes = {
        "stage0": {"size_px": 128},
        "stage1": {"size_px": 96, "crops_per_page": 2},
        "stage2": {"width_px": 128, "strips_per_page": 2},
    }
    for stage, size in sizes.items():
        own = getattr(config, stage)
        data = with_options(own.data, pages=pages, **size)
        config = attrs.evolve(config, **{stage: attrs.evolve(own, data=data, batch_size=2)})
    context = RunContext(task="digitize.train_all", out_dir=Path(out), backend=backend, devices=1)
    return dict(run_task(find_task("digitize.train_all"), config, context).summary)


def classify(out: str, backend: str = "xla", devices: str = "1") -> dict[str, Any]:
    """Six steps of `classify.train` with a narrow network, on recordings of five classes."""
    from ecg_classify.prepare.task import PrepareConfig
    from ecg_classify.prepare.task import run as prepare
    from ecg_classify.tasks.train import ClassifyTrainConfig, run
    from ecg_core.config import choose
    from ecg_core.formats import write_record
    from ecg_core.synthetic import synthesize_record

    torch.set_num_threads(1)
    counts = count_in_steps() if backend == "xla" else []
    folder = Path(out).with_name("data")
    (folder / "prepared").mkdir(parents=True)
    for seed, code in enumerate(["426783006", "164889003", "164909002", "164865005", "270492004"] * 2):
        write_record(attrs.evolve(synthesize_record(seed=seed), metadata={"Dx": code}), folder / f"records/{seed}.npz")
    prepare(
        PrepareConfig(records=(str(folder / "records"),)),
        RunContext(task="classify.prepare", out_dir=folder / "prepared"),
    )
    config = ClassifyTrainConfig(
        model=choose("models", "classify.resnet1d", {"width": 8, "dropout": 0.0}),
        data=choose("datasets", "classify.prepared", {"folder": str(folder / "prepared")}),
        batch_size=4,
        workers=0,
        steps=6,
        log_every_steps=1,
        evaluate_every_steps=6,
    )
    Path(out).mkdir(parents=True)
    context = RunContext(task="classify.train", out_dir=out, backend=backend, devices=int(devices))
    summary = run(config, context).summary
    lines = [json.loads(line) for line in (Path(out) / "metrics.jsonl").read_text().splitlines()]
    return {"summary": dict(summary), "lines": lines, "counts": counts}


class MadeUpPictures:
    """Two pictures of 64 x 64 pixels a batch, with the noise of their latents."""

    steps_per_epoch: int | None = None

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Mapping[str, Any]]:
        for step in range(start_step, 1000 if split == "train" else 1):
            generator = torch.Generator().manual_seed(step)
            yield {
                "pictures": torch.randint(0, 256, (2, 3, 64, 64), generator=generator, dtype=torch.uint8),
                "noise": torch.randn(2, 4, 8, 8, generator=generator),
                "counts": torch.ones(2),
            }


def autoencode(out: str, backend: str = "xla", devices: str = "1") -> dict[str, Any]:
    """Four steps of the autoencoder of `diffusion.train_vae`, a narrow one."""
    from ecg_core.training.config import TrainingConfig
    from ecg_diffusion.autoencoder.model import KlVae
    from ecg_diffusion.autoencoder.network import AutoencoderRequest, VaeConfig

    torch.set_num_threads(1)
    torch.manual_seed(0)
    counts = count_in_steps() if backend == "xla" else []
    Path(out).mkdir(parents=True)
    context = RunContext(task="diffusion.train_vae", out_dir=out, backend=backend, devices=int(devices))
    config = TrainingConfig(steps=4, evaluate_every_steps=4, log_every_steps=1)
    model = KlVae(VaeConfig(channels=(4, 4, 4, 4)), AutoencoderRequest(side_px=64))
    summary = DefaultTrainer().fit(model, MadeUpPictures(), config, context)
    lines = [json.loads(line) for line in (Path(out) / "metrics.jsonl").read_text().splitlines()]
    return {"summary": dict(summary), "lines": lines, "counts": counts}


def diffuse(out: str, backend: str = "xla", devices: str = "1") -> dict[str, Any]:
    """Six steps of `diffusion.train` with a narrow network on made-up latents, and six samples."""
    from ecg_core.config import Choice
    from ecg_diffusion.denoiser.network import UNetConfig
    from ecg_diffusion.denoiser.request import GridConfig
    from ecg_diffusion.latents.sources import LatentDataConfig
    from ecg_diffusion.sampling.sampler import Sampler
    from ecg_diffusion.tasks import sample, train

    torch.set_num_threads(1)
    counts = count_in_steps() if backend == "xla" else []
    data = made_up_latents(Path(out).with_name("data"))

    def context(task: str) -> RunContext:
        place = Path(out) / task
        place.mkdir(parents=True)
        return RunContext(task=f"diffusion.{task}", out_dir=place, backend=backend, devices=int(devices))

    config = train.DiffusionTrainConfig(
        data=Choice("datasets", "diffusion.latents", LatentDataConfig(latents=data, check=data, validation_share=0.25)),
        model=Choice("models", "diffusion.unet", UNetConfig(dim=8, dim_mults=(1, 2))),
        grid=GridConfig(per_class=1, steps=2),
        steps=6,
        evaluate_every_steps=6,
        log_every_steps=1,
        batch_size=4,
    )
    summary = train.run(config, context("train")).summary
    lines = [json.loads(line) for line in (Path(out) / "train/metrics.jsonl").read_text().splitlines()]
    in_sampling = count_predictions(Sampler) if backend == "xla" else []
    drawn = sample.SampleConfig(weights=(str(Path(out) / "train"),), per_class=3, steps=4, batch_size=4, rescale=0.5)
    sample.run(drawn, context("sample"))
    return {"summary": dict(summary), "lines": lines, "counts": counts, "in_sampling": in_sampling}


def made_up_latents(folder: Path) -> Path:
    """Latents of 8 x 8, their report, and an autoencoder of random weights that is said to have made them."""

    from ecg_diffusion.autoencoder.inference import open_autoencoder
    from ecg_diffusion.autoencoder.network import VaeConfig, build_autoencoder
    from ecg_diffusion.latents import cache, report

    torch.manual_seed(0)
    build_autoencoder(VaeConfig(channels=(4, 4, 4, 4))).save_pretrained(folder / "vae")
    vae = {"path": str(folder / "vae"), "digest": open_autoencoder(folder / "vae").digest}
    mean = np.random.default_rng(0).standard_normal((16, 4, 8, 8)).astype(np.float32)
    labels, names = np.arange(16) % 2, [str(number) for number in range(16)]
    found = cache.LatentCache(
        mean=mean, std=np.full_like(mean, 0.1), labels=labels, classes=["ID_1", "ID_2"], names=names, vae=vae
    )
    found.write(folder / cache.FILE)
    channel = report.Range(min=-4, max=4, mean=0, std=1)
    report.LatentReport(
        images="", vae=vae, pictures=16, shape=(4, 8, 8), overall=channel, channels=(channel,) * 4, l1=0, mse=0
    ).write(folder / report.FILE)
    return folder


def count_predictions(sampler: Any) -> list[dict[str, int]]:
    """Count within every step of sampling, from now on."""
    counts: list[dict[str, int]] = []
    original = sampler._predict

    def counted(self: Any, *arguments: Any) -> Any:
        before = counters()
        result = original(self, *arguments)
        counts.append({name: value - before[name] for name, value in counters().items()})
        return result

    sampler._predict = counted
    return counts


def shipped_classifier(out: str, backend: str = "xla") -> dict[str, Any]:
    """Logits that the shipped classifier gives whole and printed recordings."""
    from importlib.resources import files

    from ecg_classify.models.inference import build_classifier
    from ecg_classify.signals import prepare_signal
    from ecg_core.metrics.snr import restrict_to_layout
    from ecg_core.paper import LAYOUT_3X4_1R
    from ecg_core.synthetic import synthesize_record
    from ecg_core.training.weights import read_weights

    torch.set_num_threads(1)
    records = [synthesize_record(seed=seed, heart_rate_bpm=50 + 40 * seed) for seed in range(3)]
    records += [restrict_to_layout(record, LAYOUT_3X4_1R) for record in records]
    prepared = [prepare_signal(record) for record in records]
    device = open_backend(backend)
    device.setup(seed=0)
    weights = read_weights(Path(str(files("ecg_classify.weights"))) / "classifier.safetensors")
    net = device.prepare(build_classifier(weights), train=False)
    signal, seen = (np.stack([getattr(each, name) for each in prepared]) for name in ("signal", "seen"))
    with torch.no_grad():
        logits = net(torch.from_numpy(signal).to(device.device), torch.from_numpy(seen).to(device.device))
    return {"logits": device.to_host(logits).tolist(), **device.diagnostics()}


def interrupt(out: str) -> dict[str, Any]:
    """An interrupted run and a whole one on XLA; whether they end with the same bits."""

    def visit(step: int) -> None:
        if step == 8:
            os.kill(os.getpid(), signal.SIGTERM)

    config = DemoConfig(**SMALL)
    message = ""
    try:
        fit(f"{out}/cut", "xla", data=Heartbeats(config, visit=visit), **FULL)
    except RunInterrupted as error:
        message = str(error)
    cut = fit(f"{out}/cut", "xla", resume=True, **FULL)
    whole = fit(f"{out}/whole", "xla", **FULL)
    left, right = (read_checkpoint(find_checkpoint(Path(out) / name, "latest")).parts for name in ("cut", "whole"))
    same = {
        f"{part}/{name}": torch.equal(tensor, right[part][name])
        for part, tensors in left.items()
        for name, tensor in tensors.items()
    }
    return {"message": message, "same": same, "cut": cut["lines"], "whole": whole["lines"]}


def part(out: str, backend: str, epochs: str, resume: str = "") -> dict[str, Any]:
    """Some epochs at a constant rate, the first or the next ones."""
    constant = ScheduleConfig(name="constant")
    return fit(out, backend, epochs=int(epochs), resume=bool(resume), schedule=constant, ema=EmaConfig(decay=0.9))


def main() -> None:
    """Run the scenario that the command line names."""
    name, result_file, *words = sys.argv[1:]
    result = globals()[name](**dict(word.split("=", 1) for word in words))
    Path(result_file).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
