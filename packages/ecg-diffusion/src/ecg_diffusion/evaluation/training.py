"""Train the classifier on one training set after the other, and use the trained ones."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import attrs
import numpy as np
import torch
from torch import nn

from ecg_core.backends import open_backend
from ecg_core.config import to_plain
from ecg_core.context import RunContext
from ecg_core.errors import RunInterrupted
from ecg_core.plugins.registry import registry
from ecg_core.protocols import Backend, Model
from ecg_core.training import fit
from ecg_core.training.archive import resume_command
from ecg_core.training.config import OptimConfig, ScheduleConfig, TrainingConfig
from ecg_core.training.weights import Weights, read_weights, write_weights
from ecg_diffusion.evaluation.arms import Arm
from ecg_diffusion.evaluation.batches import PictureBatches, plain_batches
from ecg_diffusion.evaluation.config import ClassifierConfig, ResNet18Config
from ecg_diffusion.evaluation.kept import Kept
from ecg_diffusion.evaluation.pictures import Pictures
from ecg_diffusion.evaluation.study import Study

WORK_FOLDER = "training"
"""Of the training in progress; it is gone afterwards."""

FIGURES = ("accuracy", "macro_f1")
WEIGHTS = ".safetensors"

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True, eq=False)
class Seen:
    """What a classifier makes of some pictures.

    Attributes:
        features: of its last layer but one, float32, shape (pictures, features).
        claimed: class that it takes each for, shape (pictures,).
    """

    features: np.ndarray
    claimed: np.ndarray


class Classifiers:
    """Classifiers of a study, each trained once.

    Args:
        study: the pictures.
        config: of classifier and training.
        context: of the task.
        kept: what is known already.
    """

    def __init__(self, study: Study, config: ClassifierConfig, context: RunContext, kept: Kept) -> None:
        self._study, self._config, self._context, self._kept = study, config, context, kept

    def figures(self, arm: Arm, seed: int, *, keep_weights: bool = False) -> dict[str, float]:
        """Accuracy and macro F1 on the test pictures after a training on those of an arm.

        Raises:
            EcgError: as `ecg_core.training.fit`.
        """
        name, train = self._name(arm, seed), arm.draw(self._study, seed)
        made_of = self._made_of(train, seed)
        found = self._kept.get(name, made_of)
        if found is None or (keep_weights and not self._kept.path(name, WEIGHTS).exists()):
            found = self._train(train, seed, self._kept.path(name, WEIGHTS) if keep_weights else None)
            self._kept.put(name, made_of, found)
            log.info("%s: accuracy %.3f, macro F1 %.3f", name, found["accuracy"], found["macro_f1"])
        return found

    def look_at(self, pictures: Pictures, arm: Arm, seed: int) -> Seen:
        """What the classifier of an arm, whose weights were kept, makes of pictures."""
        model = self._network()
        read_weights(self._kept.path(self._name(arm, seed), WEIGHTS)).put_into(model)
        backend = open_backend(self._context.backend)
        features, claimed = backend.launch(_look, model, pictures, self._config.batch_size, devices=1)
        return Seen(features=features, claimed=claimed)

    def _name(self, arm: Arm, seed: int) -> str:
        return f"{arm.name}-seed-{seed}"

    def _made_of(self, train: Pictures, seed: int) -> dict[str, Any]:
        """All that the figures follow from."""
        sets = {"train": train, "test": self._study.test}
        shown = {name: [*zip(each.digests, each.targets.tolist(), strict=True)] for name, each in sets.items()}
        return {"config": to_plain(self._config), "precision": self._context.precision, "seed": seed, **shown}

    def _network(self) -> nn.Module:
        network: nn.Module = registry().load("models", self._config.model)(
            ResNet18Config(num_classes=len(self._study.labels))
        )
        return network

    def _train(self, train: Pictures, seed: int, weights: Path | None) -> dict[str, float]:
        folder = self._context.out_dir / WORK_FOLDER
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            summary = self._fit(train, seed, folder)
            if weights is not None:
                read = read_weights(folder, "latest")
                write_weights(weights, attrs.evolve(read, about=self._about(read)))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return {name: float(summary[f"validation_{name}"]) for name in FIGURES}

    def _fit(self, train: Pictures, seed: int, folder: Path) -> Mapping[str, Any]:
        config = self._config
        torch.manual_seed(seed)
        data = PictureBatches(train, self._study.test, batch_size=config.batch_size, shift=config.shift, seed=seed)
        # hooks hear of the whole evaluation, whose folder stays, and not of each of its trainings
        inner = attrs.evolve(self._context, out_dir=folder, seed=seed, resume=False, tell_hooks=False)
        try:
            return fit(cast(Model, self._network()), data, training_config(config), inner)
        except RunInterrupted as error:
            raise RunInterrupted(
                f"{self._context.task} was stopped; the classifiers trained so far are kept. "
                f"Go on with: {resume_command(self._context)}"
            ) from error

    def _about(self, weights: Weights) -> dict[str, Any]:
        """What is told of weights: not the paths of the data."""
        return {**weights.about, "config": to_plain(self._config), "classes": list(self._study.labels)}


def training_config(config: ClassifierConfig) -> TrainingConfig:
    """One training: no figure of the test decides on it, which is measured on once, at its end."""
    return TrainingConfig(
        steps=config.steps,
        optim=OptimConfig(lr=config.lr, weight_decay=config.weight_decay),
        schedule=ScheduleConfig(warmup_steps=config.steps // 20),
        log_every_steps=max(1, config.steps // 4),
        evaluate_every_steps=config.steps,
        checkpoint_every_steps=config.steps,
        keep=1,
    )


def _look(backend: Backend, model: Any, pictures: Pictures, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Features and claimed classes, on one device."""
    backend.setup(seed=0)
    try:
        backend.prepare(model, train=False)
        found: list[tuple[torch.Tensor, torch.Tensor]] = []
        with torch.inference_mode():
            for batch in backend.loader(plain_batches(pictures, batch_size)):
                features = model.features(batch["pixels"])
                found.append(backend.to_host((features.float(), model.head(features).argmax(dim=1))))
                backend.sync()
    finally:
        backend.close()
    features, claimed = (torch.cat(each).numpy()[: len(pictures)] for each in zip(*found, strict=True))
    return features, claimed
