"""Reading a page works with ecg-core and ecg-digitize alone; what prints pages says which extra brings the renderer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ecg_digitize")

from ecg_core.pictures import write_picture

WITHOUT_RENDERER = "import sys\nsys.modules['ecg_render'] = None  # as if it were not installed\n"


def run_without_renderer(*words: str) -> subprocess.CompletedProcess[str]:
    """`ecg` in a process in which ecg_render cannot be imported."""
    script = f"{WITHOUT_RENDERER}from ecg_core.cli.main import main\nmain({list(words)!r})\n"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    render = pytest.importorskip("ecg_render")
    from ecg_core.synthetic import synthesize_record

    path = tmp_path / "page.png"
    write_picture(path, render.render_page(synthesize_record(seed=1), dots_per_inch=120).image)
    return path


@pytest.mark.slow
def test_a_page_is_read_where_no_page_can_be_printed(page: Path, tmp_path: Path):
    done = run_without_renderer("digitize", str(page), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").glob("page*")} >= {"page.hea", "page.csv", "page_overlay.jpg"}


@pytest.mark.parametrize("task", ["digitize.demo", "digitize.evaluate", "digitize.calibrate"])
def test_what_prints_pages_names_the_extra(task: str):
    done = run_without_renderer("run", task, "--help")
    assert done.returncode == 3
    assert "pip install 'ecg-digitize[render]'" in done.stderr


@pytest.mark.parametrize("task", ["digitize.pages", "digitize.align", "digitize.inspect"])
def test_what_reads_pages_shows_its_options(task: str):
    assert run_without_renderer("run", task, "--help").returncode == 0
