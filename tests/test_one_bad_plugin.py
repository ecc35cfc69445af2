"""Where all plugins of a kind are asked, one that is broken, foreign or named as ours changes nothing but a line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ecg_render")
pytest.importorskip("ecg_digitize")

from ecg_core import read_record, synthesize_record
from ecg_core.pictures import write_picture
from ecg_render import render_page

SPECS = """
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_core.plugins.spec import DegradationSpec, DigitizerSpec, FormatSpec, LayoutSpec, StyleSpec
newer = LayoutSpec(implementation="acme_bad:LAYOUT_3X4_1R", summary="of the future", api=99)
wrong = LayoutSpec(implementation="builtins:len", summary="no layout")
ends = LayoutSpec(implementation="acme_ends:layout", summary="ends the process")
shadow = LayoutSpec(implementation="builtins:len", summary="named as ours")
header = FormatSpec(implementation="acme_bad:Header", suffixes=(".hea", ".csv"), summary="claims what is ours")
style = StyleSpec(implementation="acme_absent:style", summary="lost")
degradation = DegradationSpec(implementation="acme_absent:degrade", summary="lost")
digitizer = DigitizerSpec(implementation="builtins:dict", summary="named as ours")
class Header:
    def read(self, path): raise SystemExit(0)
    def write(self, record, path): raise SystemExit(0)
"""
ENTRY_POINTS = """
[ecg.layouts]
acme-broken = acme_absent:layout
acme-newer = acme_bad:newer
acme-wrong = acme_bad:wrong
acme-ends = acme_bad:ends
3x4 = acme_bad:shadow
[ecg.formats]
acme-header = acme_bad:header
acme-broken = acme_absent:format
[ecg.styles]
acme-lost = acme_bad:style
[ecg.degradations]
acme-lost = acme_bad:degradation
[ecg.digitizers]
neural = acme_bad:digitizer
acme-broken = acme_absent:digitizer
"""
TOLD = ("acme-broken", "acme-newer", "acme-wrong", "acme-ends", "3x4")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    info = folder / "acme_bad-6.6.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-bad\nVersion: 6.6\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (folder / "acme_bad.py").write_text(SPECS)
    (folder / "acme_ends.py").write_text("raise KeyboardInterrupt\n")
    return folder


def ecg(site: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    inherited = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(site), *inherited]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "ecg_core.cli", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=200, check=False
    )


@pytest.mark.slow
def test_pages_are_digitized_as_without_it(site: Path, tmp_path: Path) -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=120)
    for name in ("a", "b"):
        write_picture(tmp_path / f"{name}.png", page.image)
    ran = ecg(site, tmp_path, "digitize", "a.png", "b.png", "--workers", "2", "--out", "made", "--json")
    assert ran.returncode == 0, ran.stderr
    for name in TOLD:
        assert sum(name in line for line in ran.stderr.splitlines() if "left out: The layout" in line) == 1
    assert json.loads(ran.stdout)["failures"] == []
    read = read_record(tmp_path / "made" / "a.hea", format="ecg-core:wfdb")
    assert len(read.lead_names) >= 12
    assert (tmp_path / "made" / "a.csv").exists()
    assert json.loads((tmp_path / "made" / "a_quality.json").read_text())["layout"] == "3x4+1R"


def test_pages_are_printed_with_any_plugin_that_works(site: Path, tmp_path: Path) -> None:
    from ecg_core import write_record

    for number in range(3):
        write_record(synthesize_record(seed=number), tmp_path / f"r{number}.npz")
    words = ("render", "r0.npz", "r1.npz", "r2.npz", "--layout", "all", "--style", "all", "--dots-per-inch", "60")
    ran = ecg(site, tmp_path, *words, "--out", "made")
    assert ran.returncode == 0, ran.stderr
    begins = ("warning: left out: The layout", "warning: left out: The style")
    told = [line for line in ran.stderr.splitlines() if line.startswith(begins)]
    for name in (*TOLD, "acme-lost"):
        assert sum(name in line for line in told) == 1


def test_listings_show_them(site: Path, tmp_path: Path) -> None:
    assert ecg(site, tmp_path, "list", "--long").returncode == 0
    ran = ecg(site, tmp_path, "doctor")
    assert ran.returncode == 0, ran.stderr
    assert "acme-broken" in ran.stdout
