from __future__ import annotations

import io
import logging

import pytest

from ecg_core import progress as module
from ecg_core.progress import LineProgress, LiveProgress, progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the progress sees, in its first item."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_line_every_ten_seconds_and_one_at_the_end(clock: list[float], caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO), LineProgress(40, "drawing", "pages") as bar:
        for _ in range(24):
            clock[0] += 0.5
            bar.advance(loss=0.25)
    assert caplog.messages == [
        "drawing: 20/40 pages (2/s, 10 s left) loss=0.25",
        "drawing: 24/40 pages (2/s, 8 s left) loss=0.25",
    ]


def test_a_resumed_run_counts_only_what_it_does_itself_in_the_rate(
    clock: list[float], caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.INFO), LineProgress(100, "training", "steps", done=90) as bar:
        clock[0] += 2.0
        bar.advance(4)
    assert caplog.messages == ["training: 94/100 steps (2/s, 3 s left)"]


def test_an_unknown_total_and_no_unit(clock: list[float], caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO), LineProgress(None, "reading") as bar:
        clock[0] += 1.0
        bar.advance(3)
    assert caplog.messages == ["reading: 3 (3/s)"]


def test_work_that_never_began(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO), LineProgress(0, "reading", "files"):
        pass
    assert caplog.messages == ["reading: 0/0 files (0/s)"]


@pytest.mark.parametrize(("is_terminal", "kind"), [(True, LiveProgress), (False, LineProgress)])
def test_a_bar_on_a_terminal_and_lines_elsewhere(monkeypatch: pytest.MonkeyPatch, is_terminal: bool, kind: type):
    stream = io.StringIO()
    stream.isatty = lambda: is_terminal
    monkeypatch.setattr("sys.stderr", stream)
    assert isinstance(progress(3, "drawing"), kind)


def test_the_bar_shows_count_rate_and_figures(monkeypatch: pytest.MonkeyPatch):
    stream = io.StringIO()
    stream.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("COLUMNS", "200")
    with progress(3, "drawing", unit="pages") as bar:
        bar.advance(2, loss=0.25)
        bar.advance()
    shown = stream.getvalue()
    assert all(text in shown for text in ("drawing", "3/3", "pages/s", "loss 0.25"))
