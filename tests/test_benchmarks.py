"""Benchmarks whose figures are counts: they count what lies before them, and take the options that they describe."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def run(name: str, *words: str | Path) -> str:
    line = [sys.executable, BENCHMARKS / f"{name}.py", *words]
    done = subprocess.run(line, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def quality(**changes: object) -> str:
    sound = {"verdict": "good", "layout_rows": [["I"], ["II"]], "paper": {"speed_mm_per_s": 25.0}}
    return json.dumps({**sound, "leads": {"I": {"verdict": "good"}, "II": {"verdict": "good"}}, **changes})


def test_structure_counts_what_was_read_of_real_pages(tmp_path: Path):
    pages = [
        {"file": "right.png", "rows": [["I"], ["II"]], "speed_mm_per_s": 25, "kind": "scan", "maker": "A (its look)"},
        {"file": "two.pdf", "page": 1, "rows": [["I"], ["II"]], "speed_mm_per_s": 50, "kind": "pdf", "maker": "B"},
        {"file": "two.pdf", "page": 2, "rows": [["V1"], ["II"]], "speed_mm_per_s": 25, "kind": "pdf", "maker": "B"},
        {"file": "none.png", "rows": [["I"]], "speed_mm_per_s": 25, "kind": "scan", "maker": "A"},
        {"file": "may.png", "rows": [["?"]], "speed_mm_per_s": None, "kind": "scan", "maker": "A", "refusal_ok": True},
    ]
    (tmp_path / "structure.json").write_text(json.dumps(pages))
    (tmp_path / "right_quality.json").write_text(quality())
    (tmp_path / "two-p1_quality.json").write_text(quality(verdict="doubtful"))
    (tmp_path / "two-p2_quality.json").write_text(quality())
    out = tmp_path / "counts.json"
    told = run("structure", "--real", tmp_path, "--read", tmp_path, "--json", out)
    assert "silent  two.pdf p2" in told
    found = json.loads(out.read_text())
    expected = {"pages": 5, "right": 2, "told": 2, "silent": 1, "refused": 2, "refused though readable": 1}
    assert found["all"] == {**expected, "share": 0.4, "leads called good wrongly": 3}
    assert (found["makers"]["A"]["pages"], found["kinds"]["pdf"]["silent"]) == (3, 1)
    assert found["pages"]["two.pdf p1"]["wrongly_good"] == ["I", "II"]


@pytest.mark.slow
def test_layouts_reads_drawn_pages(tmp_path: Path):
    out = tmp_path / "counts.json"
    words = ("--pages", "1", "--layouts", "3x4+1R", "--styles", "standard", "--speeds", "25", "--gains", "10")
    run("layouts", *words, "--degradations", "none", "--json", out)
    found = json.loads(out.read_text())
    assert found["all"]["right"] == found["all"]["pages"] == 1
    assert found["pages"][0]["printed"] == "I aVR V1 V4 / II aVL V2 V5 / III aVF V3 V6 / II"
