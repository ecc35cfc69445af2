"""Files whose names are no UTF-8, or steer a terminal, go through every everyday command as any other."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecg_core import synthesize_record, write_record
from ecg_core.pictures import write_picture

NAMES = (b"a\xff", b"b\x1b[31mred", b"c\nError: forged")


def odd_files(folder: Path, source: Path) -> list[str]:
    files = [os.fsdecode(name) + source.suffix for name in NAMES]
    for name in files:
        try:
            shutil.copy(source, folder / name)
        except OSError:
            pytest.skip("this file system has no such names")
    source.unlink()
    return files


def check(ran: Any, out: Path) -> None:
    assert ran.code == 0, ran.err
    for text in (ran.err, ran.out, (out / "run.log").read_text(encoding="utf-8")):
        assert "\x1b" not in text
        assert "\nError: forged" not in text
    assert "Logging error" not in ran.err


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "words"), [("render", ("--dots-per-inch", "60")), ("classify", ())])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_recordings(ecg: Callable[..., Any], tmp_path: Path, verb: str, words: tuple[str, ...], workers: str) -> None:
    pytest.importorskip(f"ecg_{verb}")
    (path,) = write_record(synthesize_record(seed=3), tmp_path / "r.npz")
    files = odd_files(tmp_path, path)
    line = (verb, *files, "--executor.workers", workers, *words, "--out", "made")
    check(ecg(*line), tmp_path / "made")
    check(ecg(*line, "--resume"), tmp_path / "made")


@pytest.mark.slow
def test_pages(ecg: Callable[..., Any], tmp_path: Path) -> None:
    pytest.importorskip("ecg_digitize")
    render_page = pytest.importorskip("ecg_render").render_page
    write_picture(tmp_path / "page.png", render_page(synthesize_record(seed=3), dots_per_inch=100).image)
    files = odd_files(tmp_path, tmp_path / "page.png")
    check(ecg("digitize", *files, "--out", "made"), tmp_path / "made")
    told = [json.loads(file.read_text())["source"]["file"] for file in (tmp_path / "made").glob("*_quality.json")]
    assert sorted(Path(file).name for file in told) == sorted(files)
