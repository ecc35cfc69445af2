"""Task `classify.cross_validate`: a training for every fold, each tested on what it has not seen."""

from __future__ import annotations

import attrs

from ecg_classify.classifier import Classifier
from ecg_classify.data.index import read_index
from ecg_classify.evaluation.plots import save_figure_plots
from ecg_classify.evaluation.report import Predictions, write_report
from ecg_classify.evaluation.temperature import best_temperature, with_temperature
from ecg_classify.options import RecordingsConfig
from ecg_classify.tasks.evaluate import predict_entries, summary
from ecg_classify.tasks.train import ClassifyTrainConfig
from ecg_classify.tasks.train import run as train
from ecg_core.config import option, to_plain
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError


@attrs.frozen(kw_only=True)
class CrossValidateConfig(ClassifyTrainConfig):
    """Options of `classify.cross_validate`."""

    num_folds: int = option(5, help="parts, each tested on once", minimum=3)
    bootstrap_rounds: int = option(1000, help="draws for the intervals of 95 %; 0: none", minimum=0)


def run(config: CrossValidateConfig, context: RunContext) -> TaskResult:
    """Train in ``fold-0``, ``fold-1`` … and report on the claims of all folds together.

    Each fold's temperature is fitted to its validation split, as `classify.export` does.

    A resumed run goes on with the fold that it was in.

    Raises:
        ConfigError: the data set does not read prepared recordings.
        EcgError: as of `classify.train` and `classify.evaluate`.
    """
    recordings = _recordings(config)
    together: Predictions | None = None
    failures: list[Failure] = []
    for fold in range(config.num_folds):
        part = attrs.evolve(recordings, folds=config.num_folds, fold=fold)
        of_fold = attrs.evolve(config, data=attrs.evolve(config.data, options=part))
        inner = _context(of_fold, context, fold)
        train(of_fold, inner)
        claims, failed = _tested(of_fold, part, inner)
        together = claims if together is None else together.joined(claims)
        failures += failed
    if together is None or not len(together.names):
        raise DataError("no recording could be tested on")
    figures = write_report(together, context.out_dir, rounds=config.bootstrap_rounds, seed=context.seed)
    save_figure_plots(together, context.out_dir)
    return TaskResult(summary=summary(figures), failures=failures)


def _recordings(config: CrossValidateConfig) -> RecordingsConfig:
    """The options of the data set, which must be of prepared recordings, so that they can be dealt into folds."""
    if not isinstance(config.data.options, RecordingsConfig):
        raise ConfigError(
            f"data: {config.data.name} cannot be dealt into folds, since its options are no "
            "ecg_classify.options.RecordingsConfig; take classify.prepared, or train with classify.train"
        )
    return config.data.options


def _tested(
    config: ClassifyTrainConfig, recordings: RecordingsConfig, context: RunContext
) -> tuple[Predictions, list[Failure]]:
    """Predictions of a fold's network for the recordings that it is to be tested on."""
    classifier = Classifier.load(str(context.out_dir))
    found = {}
    failures: list[Failure] = []
    for split in ("validation", "test"):
        entries = [each for each in read_index(recordings, seed=context.seed) if each.split == split]
        found[split], failed = predict_entries(
            classifier, entries, recordings.prepared_folder(), context, batch_size=config.batch_size
        )
        failures += failed if split == "test" else []
    temperature = best_temperature(found["validation"].probabilities, found["validation"].targets)
    claims = found["test"]
    return attrs.evolve(claims, probabilities=with_temperature(claims.probabilities, temperature)), failures


def _context(config: CrossValidateConfig, context: RunContext, fold: int) -> RunContext:
    """A run of `classify.train` in a folder of its own, so that its checkpoints can be used as any other's."""
    out_dir = context.out_dir / f"fold-{fold}"
    resume = context.resume and (out_dir / "checkpoints").exists()
    out_dir.mkdir(parents=True, exist_ok=True)
    plain = {name: value for name, value in to_plain(config).items() if name in attrs.fields_dict(ClassifyTrainConfig)}
    return attrs.evolve(context, task="classify.train", out_dir=out_dir, resume=resume, config=plain)
