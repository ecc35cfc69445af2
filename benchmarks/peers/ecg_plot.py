"""Draw pages by ecg-plot 0.3: `python ecg_plot.py JOB.json`, see `benchmarks/drawing_tools.py` for the job.

It gives every lead a panel with a grid, a pulse and seconds of its own, and draws the samples as they are.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

sys.path.remove(str(Path(__file__).parent))  # this file has the name of the package

import ecg_plot


def main() -> None:
    """Draw every page of the job, and write what was drawn."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    signal_mv, names = np.load(job["signal"]), job["lead_names"]
    for page in job["pages"]:
        rows, rhythm = page["rows"], page["rhythm_leads"]
        leads = [
            row[column]
            for column in range(len(rows[0]))
            for row in rows
            if len(row) > column and row not in ([lead] for lead in rhythm)
        ]
        if len(rows[0]) == 4:
            how = {"layout": "12lead", "time_mode": "sequential", "rhythm_lead": rhythm[0]}
        elif len(rows[0]) == 2:
            how = {"layout": "columns", "columns": 2, "time_mode": "sequential"}
        else:
            how = {"layout": "stacked"}
        chart = ecg_plot.plot(
            signal_mv[[names.index(lead) for lead in leads]],
            lead_names=leads,
            sample_rate=job["sampling_rate_hz"],
            window=(0, page["record_s"]),
            title="Drawn for a benchmark",
            **how,
        )
        chart.save(page["file"], dpi=page["dots_per_inch"])
    np.save(job["drawn"], signal_mv)


if __name__ == "__main__":
    main()
