from __future__ import annotations

from ecg_core import competition_snr, read_record
from ecg_core.metrics.snr import restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_digitize.tasks.demo import DemoConfig, run


def test_the_demo_reports_the_score_of_the_files_it_writes(context):
    summary = run(DemoConfig(), context).summary
    truth = restrict_to_layout(read_record(context.out_dir / "truth.hea"), LAYOUT_3X4_1R)
    score = competition_snr(truth, read_record(context.out_dir / "page.hea"))
    assert abs(score.db - summary["snr_db"]) < 0.1
    assert summary["snr_db"] > 12
    assert (context.out_dir / "page.png").exists()
    assert (context.out_dir / "page_overlay.jpg").exists()
