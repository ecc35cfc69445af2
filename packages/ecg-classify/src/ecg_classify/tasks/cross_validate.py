"""Task `classify.cross_validate`: a training for every fold, each tested on what it has not seen."""

from __future__ import annotations

import attrs

from ecg_classify.classifier import Classifier
from ecg_classify.data.index import read_index
from ecg_classify.evaluation.plots import try_to_draw
from ecg_classify.evaluation.report import Predictions, write_report
from ecg_classify.tasks.evaluate import predict_entries, summary
from ecg_classify.tasks.train import ClassifyTrainConfig
from ecg_classify.tasks.train import run as train
from ecg_core.config import option, to_plain
from ecg_core.errors import DataError
from ecg_core.run import Failure, RunContext, TaskResult


@attrs.frozen(kw_only=True)
class CrossValidateConfig(ClassifyTrainConfig):
    """Options of `classify.cross_validate`."""

    num_folds: int = option(5, help="parts, each tested on once", minimum=3)
    bootstrap_rounds: int = option(1000, help="draws for the intervals of 95 %; 0: none", minimum=0)


def run(config: CrossValidateConfig, context: RunContext) -> TaskResult:
    """Train in ``fold-0``, ``fold-1`` … and report on the claims of all folds together.

    A resumed run goes on with the fold that it was in.

    Raises:
        EcgError: as of `classify.train` and `classify.evaluate`.
    """
    together: Predictions | None = None
    failures: list[Failure] = []
    for fold in range(config.num_folds):
        of_fold = attrs.evolve(config, data=attrs.evolve(config.data, folds=config.num_folds, fold=fold))
        inner = _context(of_fold, context, fold)
        train(of_fold, inner)
        entries = [each for each in read_index(of_fold.data, seed=context.seed) if each.split == "test"]
        claims, failed = predict_entries(Classifier.load(str(inner.out_dir)), entries, of_fold.data, inner)
        together = claims if together is None else together.joined(claims)
        failures += failed
    if together is None or not len(together.names):
        raise DataError("no recording could be tested on")
    figures = write_report(together, context.out_dir, rounds=config.bootstrap_rounds, seed=context.seed)
    try_to_draw(together, context.out_dir)
    return TaskResult(summary=summary(figures), failures=failures)


def _context(config: CrossValidateConfig, context: RunContext, fold: int) -> RunContext:
    """A run of `classify.train` in a folder of its own, so that its checkpoints can be used as any other's."""
    out_dir = context.out_dir / f"fold-{fold}"
    resume = context.resume and (out_dir / "checkpoints").exists()
    out_dir.mkdir(parents=True, exist_ok=True)
    plain = {name: value for name, value in to_plain(config).items() if name in attrs.fields_dict(ClassifyTrainConfig)}
    return attrs.evolve(context, task="classify.train", out_dir=out_dir, resume=resume, config=plain)
