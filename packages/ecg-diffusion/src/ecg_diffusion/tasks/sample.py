"""Task `diffusion.sample`: draw pictures of every class by trained checkpoints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import attrs

from ecg_core.atomic import atomic_write_text
from ecg_core.backends import open_backend
from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import CheckpointError, ConfigError
from ecg_core.execution.outputs import within
from ecg_core.progress import progress

if TYPE_CHECKING:
    from ecg_core.protocols import Backend
    from ecg_core.training.weights import Weights
    from ecg_diffusion.sampling.sampler import Denoiser, Sampler

FILE = "samples.json"


@attrs.frozen(kw_only=True)
class SampleConfig:
    """Options of `diffusion.sample`."""

    weights: tuple[str, ...] = option((), help="run folders of diffusion.train, or checkpoints of them")
    which: str = option("best", help="of the checkpoints of a run folder", choices=("best", "latest", "all"))
    classes: tuple[str, ...] = option((), help="names of the classes to draw; empty: all")
    per_class: int = option(50, help="pictures of each class", minimum=1)
    solver: str = option("dpmsolver++", help="how noise is removed", choices=("dpmsolver++", "ddim", "ddpm"))
    steps: int = option(25, help="of the solver: 15 to 25 for dpmsolver++, 100 for ddim, 1000 for ddpm", minimum=1)
    guidance: float = option(3.0, help="scale of the guidance: 1 is none, more exaggerates what a class is", minimum=0)
    rescale: float = option(
        0.0,
        help="how far the spread of guided predictions is brought back to that of predictions without guidance",
        minimum=0,
        maximum=1,
    )
    vae: Path | None = option(None, help="autoencoder; by default where it was in training")
    batch_size: int = option(16, help="pictures at a time", minimum=1)


def run(config: SampleConfig, context: RunContext) -> TaskResult:
    """Write ``<checkpoint>/<class>/0000.png`` and ``samples.json``; earlier pictures of the same settings stay.

    Raises:
        BackendUnavailable: the backend is not here.
        CheckpointError: a checkpoint or its autoencoder is missing, damaged, or of something else.
        ConfigError: no weights are named, a class is unknown or no name of a folder, two checkpoints have one name, or
            the run folder holds samples of other settings.
    """
    if not config.weights:
        raise ConfigError("weights: name at least one run folder of diffusion.train, or checkpoints of it")
    result: TaskResult = open_backend(context.backend).launch(_sample, config, context, devices=1)
    return result


def _sample(backend: Backend, config: SampleConfig, context: RunContext) -> TaskResult:
    from ecg_core.training.weights import read_weights

    paths = find_checkpoints(config)
    counts: dict[str, int] = {}
    backend.setup(seed=context.seed)
    try:
        for path in paths:
            weights = read_weights(path)
            sampler = _open_sampler(backend, config, context, weights)
            counts[path.stem] = _draw(config, context, weights, sampler)
    finally:
        backend.close()
    return TaskResult(summary={"drawn": counts, "folder": str(context.out_dir)})


def find_checkpoints(config: SampleConfig) -> list[Path]:
    """Find the checkpoints that the options name.

    Raises:
        CheckpointError: one is missing.
        ConfigError: two would be filed under one name.
    """
    from ecg_core.training.checkpoint import CHECKPOINTS_FOLDER, META_FILE, CheckpointFolder, find_checkpoint

    found: list[Path] = []
    for each in map(Path, config.weights):
        if each.is_file() or (each / META_FILE).exists():
            found.append(each)
        elif config.which == "all":
            folder = CheckpointFolder(each / CHECKPOINTS_FOLDER)
            trained = [path for path in reversed(folder.newest_first()) if path != folder.path(0)]
            if not trained:
                raise CheckpointError(f"{each} holds no checkpoint: it should be a run folder of diffusion.train")
            found += trained
        else:
            found.append(find_checkpoint(each, "latest" if config.which == "latest" else "best"))
    names = [path.stem for path in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(
            f"weights: several are called {', '.join(twice)}; draw each into a folder of its own by --out"
        )
    return found


def _draw(config: SampleConfig, context: RunContext, weights: Weights, sampler: Sampler) -> int:
    """Draw the missing pictures of one checkpoint; returns how many it has now."""
    from ecg_core.pictures import write_png
    from ecg_diffusion.sampling.sampler import SampleRequest

    name, labels = weights.path.stem, _labels(config.classes, sampler.model.classes)
    note_settings(context.out_dir, _settings(sampler, context), name, _origin(weights))
    requests = [SampleRequest(label, number) for number in range(config.per_class) for label in labels]
    files = {each: within(context.out_dir, f"{name}/{each.label}/{each.number:04}.png") for each in requests}
    todo = [each for each in requests if not files[each].exists()]
    with progress(len(requests), f"{context.task} {name}", unit="pictures", done=len(requests) - len(todo)) as bar:
        for each, picture in sampler.draw(todo):
            write_png(files[each], picture)
            bar.advance()
    return len(requests)


def _open_sampler(backend: Backend, config: SampleConfig, context: RunContext, weights: Weights) -> Sampler:
    from ecg_diffusion.autoencoder.inference import find_autoencoder
    from ecg_diffusion.denoiser.inference import build_denoiser, contract_of
    from ecg_diffusion.sampling.sampler import Sampler

    model = build_denoiser(weights)
    autoencoder = find_autoencoder(config.vae, contract_of(weights)["vae"])
    autoencoder.to(backend.device)
    return Sampler(
        model=cast("Denoiser", backend.prepare(model, train=False)),
        autoencoder=autoencoder,
        device=backend.device,
        solver=config.solver,
        steps=config.steps,
        guidance=config.guidance,
        rescale=config.rescale,
        batch_size=config.batch_size,
        seed=context.seed,
        autocast=partial(backend.autocast, context.precision),
    )


def _labels(asked: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    unknown = [label for label in asked if label not in known]
    if unknown:
        raise ConfigError(f"classes: {', '.join(unknown)} unknown to these weights; they know {', '.join(known)}")
    return asked or known


def _settings(sampler: Sampler, context: RunContext) -> dict[str, Any]:
    from ecg_diffusion.sampling.sampler import settings_of

    return {**settings_of(sampler), "precision": context.precision, "vae": sampler.autoencoder.digest}


def _origin(weights: Weights) -> dict[str, Any]:
    from ecg_core.training.weights import digest_of

    return {
        "path": str(weights.path.resolve()),
        "step": weights.about.get("step"),
        "digest": digest_of(weights.tensors),
    }


def note_settings(folder: Path, settings: dict[str, Any], name: str, checkpoint: dict[str, Any]) -> None:
    """Note in ``samples.json`` the settings and the checkpoint of what is about to be drawn.

    Raises:
        ConfigError: the folder holds samples of other settings, or of another checkpoint of this name.
    """
    file = folder / FILE
    content: dict[str, Any] = {"settings": settings, "checkpoints": {}}
    if file.exists():
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            before, earlier = dict(content["settings"]), dict(content["checkpoints"]).get(name, checkpoint)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{file} is damaged: {error!r}; remove it with its pictures, or choose another --out"
            ) from error
        other = [f"{key} was {before.get(key)!r}" for key in settings if before.get(key) != settings[key]]
        if earlier["digest"] != checkpoint["digest"]:
            other.append(f"{name} was another checkpoint, {earlier['path']}")
        if other:
            raise ConfigError(f"{folder} holds samples of other settings ({'; '.join(other)}); choose another --out")
    content["checkpoints"] = {**content["checkpoints"], name: checkpoint}
    atomic_write_text(file, json.dumps(content, indent=2) + "\n")
