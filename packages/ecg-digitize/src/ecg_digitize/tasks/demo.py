"""Task ``digitize.demo``: the whole way on made-up data, from a record to a page and back."""

from __future__ import annotations

from typing import Any

import attrs

from ecg_core import competition_snr, synthesize_record, write_record
from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.metrics.snr import restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_core.pictures import write_picture
from ecg_core.plugins.registry import registry
from ecg_digitize.outputs.files import save_digitization
from ecg_digitize.pages.files import OVERLAY_SUFFIX
from ecg_digitize.reader import AUTO, digitize
from ecg_render import render_page


@attrs.frozen(kw_only=True)
class DemoConfig:
    """Options of `digitize.demo`."""

    heart_rate_bpm: float = option(
        70.0, minimum=30, maximum=200, help="heart rate of the synthetic record", unit="beats/min"
    )
    dots_per_inch: float = option(200.0, minimum=100, maximum=600, help="resolution of the page", unit="dpi")
    degradation: str | None = option("scan", help="what happens to the page, see `ecg list degradations`")
    method: str = option(AUTO, help="digitizer that reads the page, see `ecg list digitizers`; auto takes the best")


def run(config: DemoConfig, context: RunContext) -> TaskResult:
    """Make a record, print it, degrade the page, digitize it, and compare the two records.

    Writes ``truth``, ``page.png``, and what `ecg digitize` writes for the page.

    Raises:
        PluginError: no such degradation.
        DataError: the page could not be read.
    """
    truth = synthesize_record(seed=context.seed, heart_rate_bpm=config.heart_rate_bpm, name="truth")
    page = render_page(truth, dots_per_inch=config.dots_per_inch, seed=context.seed)
    if config.degradation:
        page = registry().load("degradations", config.degradation)(page, context.seed)
    write_record(truth, context.out_dir / "truth.hea", format="ecg-core:wfdb")
    picture = context.out_dir / "page.png"
    write_picture(picture, page.image)
    digitization = digitize(page.image, method=config.method)
    files = save_digitization(digitization, context.out_dir, "page")
    snr = competition_snr(restrict_to_layout(truth, LAYOUT_3X4_1R), digitization.record)
    summary: dict[str, Any] = {
        "snr_db": round(snr.db, 2),
        "lead_snr_db": {lead: round(db, 1) for lead, db in snr.lead_db.items()},
        "verdict": digitization.verdict,
        "page": str(picture),
        "overlay": next(str(file) for file in files if file.name.endswith(OVERLAY_SUFFIX)),
    }
    return TaskResult(summary=summary)
