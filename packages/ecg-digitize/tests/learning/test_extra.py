"""What is missing to train is told with what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT = "import sys; sys.modules[{module!r}] = None\nfrom ecg_core.cli.main import main\nmain({words!r})"


@pytest.mark.parametrize("task", ["digitize.train_stage0", "digitize.train_all", "digitize.export"])
def test_a_task_that_needs_the_renderer_says_which_extra_brings_it(task: str, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    script = WITHOUT.format(module="ecg_render", words=["run", task, "--out", str(tmp_path / "run")])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 3
    assert "pip install 'ecg-digitize[torch]'" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("module", ["ecg_digitize.learning.options", "ecg_digitize.learning.train"])
def test_options_need_no_torch(module: str) -> None:
    script = f"import sys; sys.modules['torch'] = None\nimport {module}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
