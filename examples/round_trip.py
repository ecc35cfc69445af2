"""From a record to a scanned page and back: make an ECG, print it, scan it, read it, and compare.

Run it by ``python examples/round_trip.py``; it needs ecg-core, ecg-render and ecg-digitize.
"""

from __future__ import annotations

from pathlib import Path

from ecg_core import competition_snr, synthesize_record, write_record
from ecg_core.metrics.snr import restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_digitize import digitize, save_digitization
from ecg_render import degrade_as_scan, render_page

OUT_DIR = Path("round-trip")

record = synthesize_record(seed=1)
page = degrade_as_scan(render_page(record), seed=1)
result = digitize(page.image)
snr = competition_snr(restrict_to_layout(record, LAYOUT_3X4_1R), result.record)

write_record(record, OUT_DIR / "truth.hea")
files = save_digitization(result, OUT_DIR, "page")
print(f"{snr.db:.2f} dB, {result.verdict}; written: {', '.join(map(str, files))}")
