"""Training of the classifier on one training set after the other, and use of the trained ones."""

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

from ecg_core.atomic import name_aside
from ecg_core.backends import open_backend
from ecg_core.config import to_plain
from ecg_core.context import RunContext, resume_command
from ecg_core.errors import RunInterrupted
from ecg_core.protocols import Backend, Model
from ecg_core.training import fit
from ecg_core.training.config import OptimConfig, ScheduleConfig, TrainingConfig
from ecg_core.training.weights import Weights, read_weights, write_weights
from ecg_diffusion.evaluation.batches import PictureBatches, plain_batches
from ecg_diffusion.evaluation.classifier import ClassifierConfig, ClassifierRequest
from ecg_diffusion.evaluation.pictures import Pictures
from ecg_diffusion.evaluation.result_cache import ResultCache
from ecg_diffusion.evaluation.study import Study
from ecg_diffusion.evaluation.training_sets import TrainingSet

WORK_FOLDER = "training"
"""The training in progress is written aside for it, in a folder that nobody else has, and removed afterwards."""

FIGURES = ("accuracy", "macro_f1")
WEIGHTS = ".safetensors"

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True, eq=False)
class Predictions:
    """The output of a classifier for some pictures.

    Attributes:
        features: features of its last layer but one, float32, shape (pictures, features).
        classes: predicted class of each, shape (pictures,).
    """

    features: np.ndarray
    classes: np.ndarray


class Classifiers:
    """Classifiers of a study, each trained once.

    Args:
        study: the pictures.
        config: options of classifier and training.
        context: context of the task.
        results: figures of classifiers trained already.
    """

    def __init__(self, study: Study, config: ClassifierConfig, context: RunContext, results: ResultCache) -> None:
        self._study, self._config, self._context, self._results = study, config, context, results

    def figures(self, training_set: TrainingSet, seed: int, *, keep_weights: bool = False) -> dict[str, float]:
        """Return accuracy and macro F1 on the test pictures after training on a training set.

        Raises:
            EcgError: as `ecg_core.training.fit`.
        """
        name, train = self._name(training_set, seed), training_set.draw(self._study, seed)
        made_of = self._made_of(train, seed)
        found = self._results.get(name, made_of)
        if found is None or (keep_weights and not self._results.path(name, WEIGHTS).exists()):
            found = self._train(train, seed, self._results.path(name, WEIGHTS) if keep_weights else None)
            self._results.put(name, made_of, found)
            log.info("%s: accuracy %.3f, macro F1 %.3f", name, found["accuracy"], found["macro_f1"])
        return found

    def predict(self, pictures: Pictures, training_set: TrainingSet, seed: int) -> Predictions:
        """Apply the classifier of a training set, whose weights were kept, to pictures."""
        model = self._network()
        read_weights(self._results.path(self._name(training_set, seed), WEIGHTS)).put_into(model)
        backend = open_backend(self._context.backend)
        features, classes = backend.launch(_predict, model, pictures, self._config.batch_size, devices=1)
        return Predictions(features=features, classes=classes)

    def _name(self, training_set: TrainingSet, seed: int) -> str:
        return f"{training_set.name}-seed-{seed}"

    def _made_of(self, train: Pictures, seed: int) -> dict[str, Any]:
        """Collect everything that determines the figures."""
        sets = {"train": train, "test": self._study.test}
        pictures = {name: [*zip(each.digests, each.targets.tolist(), strict=True)] for name, each in sets.items()}
        return {"config": to_plain(self._config), "precision": self._context.precision, "seed": seed, **pictures}

    def _network(self) -> nn.Module:
        request = ClassifierRequest(num_classes=len(self._study.labels), side_px=self._config.side_px)
        network: nn.Module = self._config.model.make(request)
        return network

    def _train(self, train: Pictures, seed: int, weights: Path | None) -> dict[str, float]:
        folder = name_aside(self._context.out_dir / WORK_FOLDER)
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
        """Describe weights without the paths of the data."""
        return {**weights.about, "config": to_plain(self._config), "classes": list(self._study.labels)}


def training_config(config: ClassifierConfig) -> TrainingConfig:
    """Options of one training: it is measured on the test once, at its end, and no decision depends on that."""
    return TrainingConfig(
        steps=config.steps,
        optim=OptimConfig(lr=config.lr, weight_decay=config.weight_decay),
        schedule=ScheduleConfig(warmup_steps=config.steps // 20),
        log_every_steps=max(1, config.steps // 4),
        evaluate_every_steps=config.steps,
        checkpoint_every_steps=config.steps,
        keep=1,
    )


def _predict(backend: Backend, model: Any, pictures: Pictures, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features and predicted classes, computed on one device."""
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
    features, classes = (torch.cat(each).numpy()[: len(pictures)] for each in zip(*found, strict=True))
    return features, classes
