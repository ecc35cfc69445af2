"""A stranger's digitizer and engine are used through `ecg digitize` by their names alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("ecg_digitize")

from ecg_core import read_record, synthesize_record
from ecg_core.pictures import write_picture
from ecg_render import render_page

VIOLET = (120, 90, 200)


@pytest.fixture
def acme(ecg: Callable[..., Any]) -> Callable[..., Any]:
    """The command where acme-ecg is installed."""
    return partial(ecg, plugins=("acme-ecg",))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page without Acme's mark."""
    path = tmp_path / "page.png"
    write_picture(path, render_page(synthesize_record(seed=2), dots_per_inch=150).image)
    return path


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """A page of Acme's: a violet corner is all it takes."""
    image = np.full((1700, 2200, 3), 255, np.uint8)
    image[:40, :40] = VIOLET
    path = tmp_path / "marked.png"
    write_picture(path, image)
    return path


def quality(folder: Path, stem: str) -> dict[str, Any]:
    return json.loads((folder / f"{stem}_quality.json").read_text())


def test_both_are_listed_and_told(acme: Callable[..., Any]):
    assert "acme-ecg" in acme("list", "digitizers").out
    assert "acme-onnx" in acme("list", "engines").out
    assert "status" in acme("info", "digitizers/acme").out
    help_text = acme("digitize", "--help").out
    assert "--digitizers.acme.tolerance" in help_text
    assert "--engine, --digitizers.neural.engine" in help_text


def test_the_digitizer_reads_its_pages_by_name_and_by_itself(acme: Callable[..., Any], marked: Path, tmp_path: Path):
    for out, words in (("named", ["--method", "acme"]), ("auto", [])):
        ran = acme("digitize", marked, *words, "--out", out)
        assert ran.code == 0, ran.err
        found = quality(tmp_path / out, "marked")
        assert (found["method"], found["verdict"], found["engine"]) == ("acme", "good", None)
        assert found["geometry"]["mark"] == list(VIOLET)
        assert found["source"] == {"file": str(marked), "page": 1}
        record = read_record(tmp_path / out / "marked.hea")
        assert record.signal_mv.shape == (12, 5000)
        at_s = np.arange(5000) / 500
        np.testing.assert_allclose(record.lead_mv("II"), np.sin(2 * np.pi * 1.2 * at_s), atol=2e-3)
        assert (tmp_path / out / "marked_overlay.jpg").exists()


def test_other_pages_are_left_to_others(acme: Callable[..., Any], page: Path, tmp_path: Path):
    ran = acme("digitize", page, "--out", "out")
    assert ran.code == 0, ran.err
    assert quality(tmp_path / "out", "page")["method"] == "neural"
    ran = acme("digitize", page, "--method", "acme", "--out", "other")
    assert ran.code == 1
    assert "the corner is not violet, as on a page of Acme's; found [" in ran.err


def test_its_options_are_flags(acme: Callable[..., Any], marked: Path):
    ran = acme("digitize", marked, "--method", "acme", "--digitizers.acme.tolerance", "300", "--out", "out")
    assert ran.code == 2
    assert "digitizers.acme.tolerance: must be at most 255, found 300" in ran.err


def test_the_engine_runs_the_shipped_networks(acme: Callable[..., Any], page: Path, tmp_path: Path):
    for engine in ("onnx", "acme-onnx"):
        ran = acme("digitize", page, "--engine", engine, "--out", engine)
        assert ran.code == 0, ran.err
        assert quality(tmp_path / engine, "page")["engine"] == engine
    one, other = (read_record(tmp_path / engine / "page.hea").signal_mv for engine in ("onnx", "acme-onnx"))
    np.testing.assert_array_equal(np.isfinite(one), np.isfinite(other))
    assert np.nanmax(np.abs(one - other)) < 0.01


def test_what_is_not_installed_is_told_with_what_is(acme: Callable[..., Any], page: Path):
    ran = acme("digitize", page, "--engine", "acme-onxx", "--out", "out")
    assert ran.code == 3
    assert "engine 'acme-onxx'. Did you mean acme-onnx?" in ran.err
    ran = acme("digitize", page, "--method", "acmee", "--out", "out")
    assert ran.code == 3
    assert "digitizer 'acmee'. Did you mean acme?" in ran.err
