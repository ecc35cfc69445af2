"""Task ``digitize.evaluate``: the competition's SNR of pages whose recordings are known, by lead and by degradation."""

from __future__ import annotations

import attrs

from ecg_core.config import recipe_of
from ecg_core.context import RunContext, TaskResult
from ecg_core.execution.batch import Batch
from ecg_digitize.evaluation.pages import ScoredPages, score_all
from ecg_digitize.evaluation.plots import save_score_plots
from ecg_digitize.evaluation.tables import summary, write_tables


@attrs.frozen(kw_only=True)
class EvaluateConfig(ScoredPages):
    """Options of `digitize.evaluate`."""


def run(config: EvaluateConfig, context: RunContext) -> TaskResult:
    """Score every page, write tables and plots to the run folder, and name the pages that were not read.

    Raises:
        ConfigError: no pages or records named, or pages without recordings.
        DataError: a page has no recording.
        PluginError: no such layout, style or degradation.
    """
    with Batch(context, recipe_of(config)) as batch:
        made, scores = score_all(config, batch)
        write_tables(scores, batch)
        if config.plots and scores:
            save_score_plots(scores, batch)
    return made.task_result(summary(scores))
