"""Benchmarks whose figures are counts: they count what lies before them, and take the options that they describe."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ecg_core import Record, competition_snr, synthesize_record
from ecg_core.leads import STANDARD_LEADS
from ecg_core.paper import LAYOUT_3X4_1R

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"

A_TOOL = """
import json, sys
import numpy as np
from PIL import Image
from ecg_core import Record
from ecg_core.plugins.registry import registry
from ecg_render import render_page

job = json.load(open(sys.argv[1]))
signal_mv = np.load(job["signal"]) * 0.5
record = Record(signal_mv=signal_mv, sampling_rate_hz=job["sampling_rate_hz"], lead_names=job["lead_names"])
for page in job["pages"]:
    assert page["rows"] == [["I", "V1"], ["II", "V2"], ["III", "V3"], ["aVR", "V4"], ["aVL", "V5"], ["aVF", "V6"]]
    drawn = render_page(record, layout=registry().load("layouts", "6x2"), dots_per_inch=page["dots_per_inch"])
    Image.fromarray(drawn.image).save(page["file"], resolution=page["dots_per_inch"])
np.save(job["drawn"], signal_mv)
"""
"""Draws pages as a tool's script is asked to; its signals are half as tall as those that it is given."""


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


def test_the_bound_of_a_picture_is_what_its_columns_of_pixels_hold():
    """Slow waves are all there at 150 dpi, also of a lead that begins late; noise finer than a pixel is lost, more of
    it at 150 dpi than at 200. 148 columns of pixels a second hold some 30 % of what noise at 500 Hz is."""
    ideally_read = runpy.run_path(str(BENCHMARKS / "drawing_tools.py"))["ideally_read"]
    at_s = np.arange(5000) / 500
    slow, noise = np.sin(2 * np.pi * 5 * at_s), np.random.default_rng(0).normal(0, 0.02, len(at_s))
    late = np.where(at_s < 2.5, np.nan, slow)
    truth = Record(signal_mv=np.array([slow, noise, late]), sampling_rate_hz=500, lead_names=("I", "II", "III"))
    coarse, fine = (competition_snr(truth, ideally_read(truth, dpi)).lead_db for dpi in (150, 200))
    assert coarse["I"] > 25 and coarse["III"] > 25
    assert 0.5 < coarse["II"] < fine["II"] < 3


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="an environment's Python is a shell script here")
def test_drawing_tools_compares_with_what_a_tool_really_drew(tmp_path: Path):
    python = tmp_path / "ecg-plot" / "bin" / "python"
    python.parent.mkdir(parents=True)
    script = tmp_path / "tool.py"
    script.write_text(A_TOOL)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$2"\n')
    python.chmod(0o755)
    out = tmp_path / "pages.json"
    words = ("--tools", "ecg-plot", "--layouts", "6x2", "--records", "1")
    told = run("drawing_tools", *words, "--environments", tmp_path, "--json", out)
    pages = json.loads(out.read_text())["pages"]
    assert [page["format"] for page in pages] == ["png 150", "png 200", "pdf"]
    assert [page["outcome"] for page in pages] == ["right"] * 3
    assert all(set(page["lead_db"]) == set(STANDARD_LEADS) for page in pages)
    assert all(page["page_db"] > 14 for page in pages)
    assert [set(page["bound_db"]) for page in pages] == [set(STANDARD_LEADS), set(STANDARD_LEADS), set()]
    assert "6x2" in told


@pytest.mark.slow
def test_rasterised_compares_pictures_with_their_lines(tmp_path: Path):
    write = runpy.run_path(str(ROOT / "packages" / "ecg-digitize" / "tests" / "vector" / "conftest.py"))
    write["write_page"](tmp_path / "page.pdf", synthesize_record(seed=2), write["Look"](layout=LAYOUT_3X4_1R))
    nothing_told = write["Look"](layout=LAYOUT_3X4_1R, names=False, pulses=False, grid_mm=())
    write["write_page"](tmp_path / "bare.pdf", synthesize_record(seed=2), nothing_told)
    out = tmp_path / "pages.json"
    told = run("rasterised", tmp_path, "--degradations", "none", "--dpi", "200", "--json", out)
    found = json.loads(out.read_text())
    assert list(found["not read by their lines"]) == ["bare.pdf p1"] and "bare.pdf p1" in told
    (page,) = found["pages"]
    assert (page["page"], page["outcome"]) == ("page.pdf p1", "right")
    assert page["db"] > 14
