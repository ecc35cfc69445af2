"""Every notebook runs from top to bottom, and its cells in any order after the one that sets up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("matplotlib")
nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("backwards", [False, True], ids=["downwards", "upwards"])
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_run_in_any_order_after_the_set_up(
    path: Path, backwards: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECG_WORK", str(tmp_path / "work"))
    monkeypatch.setenv("ECG_EPOCHS", "1")
    monkeypatch.setenv("ECG_WIDTH", "8")
    monkeypatch.delenv("ECG_RECORDS", raising=False)
    notebook = nbformat.read(path, as_version=4)
    first, *others = notebook.cells if notebook.cells[0].cell_type == "code" else notebook.cells[1:]
    assert first.id == "set-up"
    notebook.cells = [first, *(reversed(others) if backwards else others)]
    nbclient.NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    files = {file.relative_to(tmp_path / "work").as_posix() for file in (tmp_path / "work").rglob("*")}
    assert files >= {"prepared/splits.json", "run/metrics.jsonl", "figures/evaluation.json", "weights/classifier.onnx"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_what_it_printed(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in cells)
