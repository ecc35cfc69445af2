"""Task `digitize.calibrate`: fit the confidence of the neural digitizer to pages whose recordings are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import attrs
import numpy as np

from ecg_core.config import option, recipe_of
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution.batch import Batch
from ecg_digitize.digitizers.neural.networks import CALIBRATION_FILE
from ecg_digitize.evaluation.pages import ScoredPages, score_all
from ecg_digitize.evaluation.plots import save_score_plots
from ecg_digitize.evaluation.reliability import calibration_error, confidence_and_outcome, log_loss
from ecg_digitize.evaluation.score import PageScore
from ecg_digitize.evaluation.tables import write_tables
from ecg_digitize.record.calibration import Calibration, Figure
from ecg_digitize.record.quality import RIGHT_DB

FIGURES = (
    Figure("clarity", speaks_for=True, least_scale=0.1),
    Figure("steep", speaks_for=True, least_scale=0.1),
    Figure("unread", speaks_for=False, least_scale=0.1),
    Figure("relation", speaks_for=False, least_scale=0.1),
    Figure("crossings", speaks_for=True, least_scale=0.3),
)
"""What is weighed of the figures that the digitizer and the assembled record tell. The others say the same again, or
what pages that are well read have in common and others need not have."""

UNDERSTOOD = ("right", "")
"""Structure of the pages that count: those read as they are printed, and real ones, of which nothing tells."""

SAME_SCALE = 0.004
"""Grid and print are equally wide but for such a part: after 2.5 s they are 10 ms apart."""

FOLDS = 5
"""Parts of the recordings; the confidence of their pages is judged by a calibration that was fitted to the others'."""

LEAST_LEADS = 100
"""A calibration needs at least so many leads that were read."""


@attrs.frozen(kw_only=True)
class CalibrateConfig(ScoredPages):
    """Options of `digitize.calibrate`."""

    method: str = option("neural", choices=("neural",), help="digitizer whose confidence is fitted")


def run(config: CalibrateConfig, context: RunContext) -> TaskResult:
    """Write ``confidence.json``, to be laid beside the networks, and what it comes from.

    It says how well traces of a page are read that was understood. Printed pages that were not are left out: what of a
    page is understood is for doubts to tell, not for what its traces look like. So are those on preprinted paper whose
    grid is not as wide as the print has it: nothing that is seen tells by how much time is stretched.

    It comes from ``snr.csv`` and ``snr.json``, as `digitize.evaluate` writes them. ``reliability.png`` shows the
    confidence that each page gets from a calibration that was fitted without its recording.

    Raises:
        ConfigError: no pages or records named, or pages without recordings.
        DataError: a page has no recording, or too few leads were read.
        PluginError: no such layout, style or degradation.
    """
    with Batch(context, recipe_of(config)) as batch:
        made, scores = score_all(config, batch)
        write_tables(scores, batch)
        calibration, held_out = fit(scores)
        path = calibration.write(batch.table(CALIBRATION_FILE))
        if config.plots:
            save_score_plots(held_out, batch)
    return made.task_result({"written": str(path), **calibration.about})


def fit(scores: Sequence[PageScore]) -> tuple[Calibration, list[PageScore]]:
    """Fit a calibration; gives it, and the scores with the confidence that each page gets from one fitted without it.

    Pages of one recording stay together: what is hard to read in it is so on all of them.

    Raises:
        ConfigError: the pages were read by a method that says nothing of evidence.
        DataError: too few leads were read, or all of one recording.
    """
    read = [score for score in scores if score.evidence and _counts(score)]
    if scores and not any(score.evidence for score in scores) and any(not score.error for score in scores):
        raise ConfigError("nothing to calibrate: only the neural digitizer tells what speaks for a lead")
    vectors, right = leads_of(read)
    if len(right) < LEAST_LEADS or right.all() or not right.any():
        raise DataError(
            f"{len(right)} leads were read, {int(right.sum())} of them right; a calibration needs {LEAST_LEADS} at "
            "least, of both kinds: name more pages or harsher degradations"
        )
    held_out: list[PageScore] = []
    for fold, rest in _folds(read):
        judge = Calibration.fit(FIGURES, *leads_of(rest), {})
        held_out += [_with_confidence(score, judge) for score in fold]
    claimed, outcome = confidence_and_outcome(held_out)
    about = {
        "right": f"a lead with a competition SNR of {RIGHT_DB:g} dB or more",
        "leads": len(right),
        "pages": len(read),
        "recordings": len({_recording(score) for score in read}),
        "pages left out": sum(bool(score.evidence) for score in scores) - len(read),
        "share right": round(float(right.mean()), 3),
        "cross-validated calibration error": round(calibration_error(claimed, outcome), 4),
        "cross-validated log loss": round(log_loss(claimed, outcome), 4),
        "log loss of the share alone": round(log_loss(np.full(len(right), right.mean()), right), 4),
    }
    return Calibration.fit(FIGURES, vectors, right, about), held_out


def _folds(scores: Sequence[PageScore]) -> Iterator[tuple[list[PageScore], list[PageScore]]]:
    """The pages of each part of the recordings, and those of all the others.

    Raises:
        DataError: there is one recording only.
    """
    number = {name: index for index, name in enumerate(sorted({_recording(score) for score in scores}))}
    if len(number) < 2:
        raise DataError("all pages show one recording; a calibration is judged by others: name pages of several")
    for fold in range(min(FOLDS, len(number))):
        mine = [number[_recording(score)] % FOLDS == fold for score in scores]
        yield (
            [score for score, own in zip(scores, mine, strict=True) if own],
            [score for score, own in zip(scores, mine, strict=True) if not own],
        )


def _recording(score: PageScore) -> str:
    """Name of a page's recording, whether it was printed or is the truth of a picture."""
    return PurePath(score.truth).stem


def _counts(score: PageScore) -> bool:
    """Whether a page was understood, and its paper tells the time of its print."""
    return score.structure in UNDERSTOOD and score.paper_off <= SAME_SCALE


def leads_of(scores: Sequence[PageScore]) -> tuple[np.ndarray, np.ndarray]:
    """The evidence for every lead that was read, shape (leads, features), and whether each was read right."""
    pairs = [
        (_as_vector(own), score.snr.lead_db[lead] >= RIGHT_DB)
        for score in scores
        for lead, own in score.evidence.items()
        if lead in score.snr.lead_db
    ]
    return np.array([vector for vector, _ in pairs]).reshape(-1, len(FIGURES)), np.array([each for _, each in pairs])


def _as_vector(evidence: Mapping[str, float]) -> np.ndarray:
    """Figures of a lead in the order of `FIGURES`."""
    return np.array([evidence[each.name] for each in FIGURES], float)


def _with_confidence(score: PageScore, calibration: Calibration) -> PageScore:
    confidence: dict[str, Any] = {lead: calibration.probability(own) for lead, own in score.evidence.items()}
    return attrs.evolve(score, confidence=confidence)
