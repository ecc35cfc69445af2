from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest

from ecg_core.formats import write_record
from ecg_core.synthetic import synthesize_record

NUM_RECORDS = 24
MAIN = "from ecg_core.cli.main import main; main()"


def command(records: Path, out: Path, *words: str) -> list[str]:
    options = ["dots_per_inch=100", "executor.workers=2", "degradation=jpeg", f"inputs=[{records}]", *words]
    flags = [word for option in options for word in ("--set", option)]
    return [sys.executable, "-c", MAIN, "run", "render.pages", "--out", str(out), *flags]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGINT to a child works differently there")
@pytest.mark.timeout(240)
def test_interrupted_half_way_and_started_again_nothing_is_missing_or_done_twice(tmp_path: Path) -> None:
    records, out = tmp_path / "records", tmp_path / "out"
    for number in range(NUM_RECORDS):
        write_record(synthesize_record(seed=number), records / f"{number:02d}.npz")
    process = subprocess.Popen(command(records, out), stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 120
    while len(list(out.glob("*_mask.png"))) < 4 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=100)

    if process.returncode != 0:  # else the machine was quicker than the signal
        assert process.returncode == 1
        assert "Go on with: ecg run render.pages" in told
    first = {path.name: path.stat().st_mtime_ns for path in out.glob("*.png")}
    ids = [json.loads(line)["id"] for line in (out / "metadata.jsonl").read_text().splitlines()]
    assert all(cv2.imread(str(out / f"{name}.png")) is not None for name in ids)
    assert not list(out.glob(".*.tmp*"))

    subprocess.run([*command(records, out), "--resume"], check=True, capture_output=True, timeout=100)
    names = {path.name: path.stat().st_mtime_ns for path in out.glob("*.png")}
    assert len(names) == 2 * NUM_RECORDS
    assert all(names[f"{name}.png"] == first[f"{name}.png"] for name in ids)
    lines = (out / "metadata.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"{number:02d}" for number in range(NUM_RECORDS)]
