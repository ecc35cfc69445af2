from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ecg_core.logs import ConsoleFormatter, ConsoleHandler, log_to_console, log_to_file

pytestmark = pytest.mark.usefixtures("logging_as_it_was")


def test_information_is_bare_and_trouble_is_marked(capsys: pytest.CaptureFixture[str]):
    log_to_console()
    log = logging.getLogger("ecg_core.something")
    log.debug("detail")
    log.info("news")
    log.warning("trouble")
    assert capsys.readouterr().err == "news\nwarning: trouble\n"


def test_verbose_shows_details_of_the_library_and_not_of_others(capsys: pytest.CaptureFixture[str]):
    log_to_console(verbose=True)
    logging.getLogger("ecg_core.something").debug("ours")
    logging.getLogger("matplotlib.something").info("theirs")
    assert capsys.readouterr().err == "ours\n"


def test_calling_it_twice_shows_every_line_once(capsys: pytest.CaptureFixture[str]):
    log_to_console()
    log_to_console()
    logging.getLogger("ecg_core").info("news")
    assert capsys.readouterr().err == "news\n"


def test_the_run_log_holds_details_and_is_appended_to(tmp_path: Path):
    log_to_console()
    log = logging.getLogger("ecg_core.something")
    for text in ("first", "second"):
        with log_to_file(tmp_path):
            log.debug(text)
        log.debug("between the runs")
    lines = (tmp_path / "run.log").read_text().splitlines()
    assert [line.rpartition("DEBUG ")[2] for line in lines] == [
        "ecg_core.something: first",
        "ecg_core.something: second",
    ]


def test_lines_go_to_what_standard_error_is_at_the_moment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    handler = ConsoleHandler()
    handler.setFormatter(ConsoleFormatter())
    monkeypatch.setattr("sys.stderr", __import__("sys").stdout)
    handler.handle(logging.LogRecord("ecg_core", logging.INFO, "", 0, "above the bar", None, None))
    assert capsys.readouterr().out == "above the bar\n"
