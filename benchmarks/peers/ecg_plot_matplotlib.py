"""Draw pages by ecg-plot 0.2: `python ecg_plot_matplotlib.py JOB.json`, see `benchmarks/drawing_tools.py` for the job.

The version that most scripts use: one sheet of Matplotlib that is all grid, 0.4 inches a millivolt and an inch a
second, names below the traces, and every column shows the same seconds.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")
sys.path.remove(str(Path(__file__).parent))  # a file there has the name of the package

import matplotlib.pyplot as plt
from ecg_plot import ecg_plot


def main() -> None:
    """Draw every page of the job, and write what was drawn."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    signal_mv, names, rate_hz = np.load(job["signal"]), job["lead_names"], job["sampling_rate_hz"]
    for page in job["pages"]:
        rows = page["rows"]
        leads = [row[column] for column in range(len(rows[0])) for row in rows]
        shown = signal_mv[[names.index(lead) for lead in leads], : round(page["record_s"] * rate_hz)]
        ecg_plot.plot(shown, sample_rate=rate_hz, title="", lead_index=leads, columns=len(rows[0]))
        plt.savefig(page["file"], dpi=page["dots_per_inch"])
        plt.close()
    np.save(job["drawn"], signal_mv)


if __name__ == "__main__":
    main()
