from __future__ import annotations

from pathlib import Path

import pytest

from ecg_core.plots import save_plots


def blank():
    from matplotlib.figure import Figure

    return Figure(figsize=(2, 1))


def test_figures_become_pictures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.image import imread

    files = save_plots({"one.png": blank, "two.png": blank}, tmp_path / "new", package="ecg-any")
    assert files == [tmp_path / "new" / "one.png", tmp_path / "new" / "two.png"]
    assert [imread(file).shape[:2] for file in files] == [(110, 220)] * 2


def test_a_figure_that_cannot_be_drawn_leaves_none(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(ZeroDivisionError):
        save_plots({"one.png": lambda: 1 / 0}, tmp_path, package="ecg-any")
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_it_says_what_is_missing(tmp_path: Path, monkeypatch, caplog) -> None:
    monkeypatch.setattr("ecg_core.plots.find_spec", lambda _name: None)
    caplog.set_level("INFO")
    assert save_plots({"one.png": lambda: 1 / 0}, tmp_path, package="ecg-any") == []
    assert caplog.messages == ["no one.png: it needs matplotlib, pip install 'ecg-any[plots]'"]
