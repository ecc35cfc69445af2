from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def test_its_options_are_read_without_torch():
    code = "import sys; from ecg_core.training.demo import DemoConfig; DemoConfig(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_it_learns_to_tell_heartbeats_apart(tmp_path: Path):
    torch = pytest.importorskip("torch")
    from ecg_core.context import RunContext
    from ecg_core.training.demo import DemoConfig, run

    torch.set_num_threads(1)
    result = run(DemoConfig(), RunContext(task="demo.fit", out_dir=tmp_path, backend="cpu"))
    assert result.summary["steps"] == 100
    assert result.summary["validation_accuracy"] > 0.98
    assert not result.failures


def test_its_beats_have_the_widths_they_are_named_for():
    pytest.importorskip("torch")
    from ecg_core.training.demo_parts import NARROW_S, SAMPLES, SAMPLING_RATE_HZ, WIDE_S, MadeUpHeartbeats

    data = MadeUpHeartbeats(batches=25, batch_size=64, noise_mv=0.0, seed=0)
    first, again = (next(data.batches("train", epoch=0)) for _ in range(2))
    assert first["signal_mv"].shape == (64, 1, SAMPLES)
    assert bool((first["signal_mv"] == again["signal_mv"]).all())
    area_mv_s = first["signal_mv"].sum((1, 2)) / SAMPLING_RATE_HZ
    peak_mv = first["signal_mv"].amax((1, 2))
    width_s = area_mv_s / peak_mv / 2.5066  # a Gaussian's area over its height is sigma times the root of 2 pi
    assert width_s[first["is_wide"] == 0].tolist() == pytest.approx(
        [NARROW_S] * int((first["is_wide"] == 0).sum()), rel=0.1
    )
    assert width_s[first["is_wide"] == 1].tolist() == pytest.approx(
        [WIDE_S] * int((first["is_wide"] == 1).sum()), rel=0.1
    )
