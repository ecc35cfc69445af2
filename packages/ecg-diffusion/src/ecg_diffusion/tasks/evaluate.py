"""Task `diffusion.evaluate`: whether samples help a classifier of pictures that the generator never saw."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError
from ecg_core.plots import save_plots
from ecg_diffusion.evaluation.classifier import ClassifierConfig

if TYPE_CHECKING:
    from ecg_diffusion.evaluation.results import Evaluation
    from ecg_diffusion.evaluation.study import Study


@attrs.frozen(kw_only=True)
class EvaluateConfig:
    """Options of `diffusion.evaluate`."""

    images: Path | None = option(None, help="real pictures: a folder of a folder a class, ID_1 … ID_N")
    split: Path | None = option(None, help="split.json of diffusion.split that the generator was trained by")
    samples: Path | None = option(
        None, help="folder of diffusion.sample, or of class folders; without it real pictures alone are measured"
    )
    seeds: int = option(3, help="trainings of each kind; intervals need at least 2", minimum=1)
    share: float = option(1.0, help="samples for every real picture", above=0)
    real_counts: tuple[int, ...] = option(
        (5, 10, 25, 50), minimum=1, help="numbers of real pictures of each class at which the gain is measured"
    )
    checkpoint: str = option("", help="checkpoint whose samples to do that with; empty: the one of the largest gain")
    pairs: int = option(8, help="pairs of samples and nearest training pictures on the picture sheet", minimum=1)
    classifier: ClassifierConfig = option(factory=ClassifierConfig, help="the classifier")


def run(config: EvaluateConfig, context: RunContext) -> TaskResult:
    """Write ``evaluation.txt``, ``evaluation.json``, picture sheets, and a plot where matplotlib is installed.

    The figures of every trained classifier are kept in ``trained``, so that ``--resume`` goes on after the last one.

    Raises:
        ConfigError: an option is wrong.
        DataError: pictures are missing, classes differ, or the generator has seen the test.
        EcgError: as `ecg_core.training.fit`.
    """
    from ecg_diffusion.evaluation.compare import Comparison
    from ecg_diffusion.evaluation.plots import PLOT, draw
    from ecg_diffusion.evaluation.report import write_report
    from ecg_diffusion.evaluation.result_cache import ResultCache
    from ecg_diffusion.evaluation.study import read_study
    from ecg_diffusion.evaluation.training import Classifiers
    from ecg_diffusion.evaluation.training_sets import TrainingSets

    images, split = _required(config)
    results = ResultCache(context.out_dir, resume=context.resume)
    study = read_study(images, split, config.samples, config.classifier.side_px)
    comparison = Comparison(
        study=study,
        classifiers=Classifiers(study, config.classifier, context, results),
        training_sets=TrainingSets.of(study, config.share),
        seeds=range(context.seed, context.seed + config.seeds),
        pairs=config.pairs,
    )
    found = comparison.evaluate(
        real_counts=config.real_counts, checkpoint=config.checkpoint, steps=config.classifier.steps
    )
    write_report(found, context.out_dir)
    _write_sheets(found, study, images, context.out_dir)
    save_plots({PLOT: partial(draw, found)}, context.out_dir, package="ecg-diffusion")
    return TaskResult(summary=summary(found), failures=study.failures)


def summary(found: Evaluation) -> dict[str, Any]:
    """Summarise an evaluation for the end of the run."""
    from ecg_diffusion.evaluation.report import format_estimate

    gains = {
        name: format_estimate(each.compared.gain.accuracy, signed=True) for name, each in found.checkpoints.items()
    }
    recognised = {name: format_estimate(each.identity_accuracy) for name, each in found.checkpoints.items()}
    return {
        "accuracy, real": format_estimate(found.real_only.accuracy),
        "chance": round(found.chance, 3),
        **({"gain in accuracy": gains, "samples recognised": recognised} if gains else {}),
    }


def _required(config: EvaluateConfig) -> tuple[Path, Path]:
    if config.images is None:
        raise ConfigError("images: name the folder that has a folder of real pictures a class")
    if config.split is None:
        raise ConfigError("split: name the split.json of diffusion.split that the generator was trained by")
    return config.images, config.split


def _write_sheets(found: Evaluation, study: Study, images: Path, out_dir: Path) -> None:
    from ecg_diffusion.evaluation.report import write_sheets

    folders = {name: each.paths[0].parents[1] for name, each in study.samples.items()}
    write_sheets(found.checkpoints, folders, images, out_dir)
