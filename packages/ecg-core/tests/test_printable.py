"""What others call their files and leads never steers a terminal, and never stops what writes it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core import synthesize_record, write_record
from ecg_core.atomic import atomic_write_csv, atomic_write_text
from ecg_core.cli.show import show_result
from ecg_core.config import dump_yaml
from ecg_core.config.yaml12 import load
from ecg_core.context import Failure, TaskResult
from ecg_core.logs import log_to_console, log_to_file
from ecg_core.plugins.report import as_table
from ecg_core.printable import LINES, printable
from ecg_core.progress import LiveProgress

NO_UTF8 = os.fsdecode(b"page\xff.png")
STEERING = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\nError: forged\u202egnp"
ESCAPED = r"\x1b]0;owned\x07\x1b[2J\x9b31m\r\nError: forged\u202egnp"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (STEERING, ESCAPED),
        (NO_UTF8, r"page\udcff.png"),
        ("ÅΩ 心電図 ecg 1\N{NO-BREAK SPACE}mV 🫀", "ÅΩ 心電図 ecg 1\N{NO-BREAK SPACE}mV 🫀"),
        (Path(NO_UTF8), r"page\udcff.png"),
    ],
)
def test_what_is_hidden_is_shown(text: object, shown: str):
    assert printable(text) == shown


@given(st.text(st.characters(codec=None)))
def test_any_text_can_be_written_and_is_shown_the_same_again(text: str):
    shown = printable(text)
    shown.encode()
    assert printable(shown) == shown
    assert printable(text, keep=LINES).replace("\n", r"\n").replace("\t", r"\t") == shown


@pytest.mark.usefixtures("logging_as_it_was")
def test_a_log_line_stays_one_line_on_the_terminal_and_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    log_to_console()
    with log_to_file(tmp_path):
        logging.getLogger("ecg_core.something").warning("%s and %s", STEERING, NO_UTF8)
    line = rf"{ESCAPED} and page\udcff.png"
    assert capsys.readouterr().err == f"warning: {line}\n"
    assert (tmp_path / "run.log").read_text(encoding="utf-8").endswith(f"ecg_core.something: {line}\n")


@pytest.mark.usefixtures("logging_as_it_was")
def test_where_an_error_came_from_has_its_lines(tmp_path: Path):
    log_to_console()
    with log_to_file(tmp_path):
        try:
            raise ValueError(STEERING)
        except ValueError:
            logging.getLogger("ecg_core.something").debug("it failed", exc_info=True)
    text = (tmp_path / "run.log").read_text(encoding="utf-8")
    assert "it failed\nTraceback (most recent call last):\n" in text
    assert "\x1b" not in text


def test_a_table_has_a_line_a_row():
    assert as_table([(STEERING, "b"), ("a", NO_UTF8)]).splitlines() == [
        f"{ESCAPED}  b",
        rf"{'a'.ljust(len(ESCAPED))}  page\udcff.png",
    ]


def test_a_result(capsys: pytest.CaptureFixture[str]):
    result = TaskResult(summary={STEERING: {"name": NO_UTF8}}, failures=[Failure(NO_UTF8, STEERING)])
    show_result(result, Path(f"{NO_UTF8}\x1b"), as_json=False)
    shown = capsys.readouterr()
    assert shown.out == f"{ESCAPED}:\n  name: page\\udcff.png\nwritten to page\\udcff.png\\x1b\n"
    assert shown.err == f"1 failed:\n  page\\udcff.png: {ESCAPED}\n"
    show_result(result, Path("out"), as_json=True)
    assert json.loads(capsys.readouterr().out)["failures"] == [{"item": NO_UTF8, "reason": STEERING}]


def test_a_progress_bar(capsys: pytest.CaptureFixture[str]):
    with LiveProgress(1, f"[red]{STEERING}") as bar:
        bar.advance()
    assert f"[red]{ESCAPED[:12]}" in "".join(capsys.readouterr().err.split("\n"))


def test_files_of_ours_hold_any_name(tmp_path: Path):
    atomic_write_csv(tmp_path / "a.csv", ["record"], [[NO_UTF8]])
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "record\npage\\udcff.png\n"
    atomic_write_text(tmp_path / "a.txt", NO_UTF8)
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == r"page\udcff.png"
    assert load(dump_yaml({"inputs": [NO_UTF8, STEERING]})) == {"inputs": [NO_UTF8, STEERING]}


@pytest.mark.parametrize("name", ["a.hea", "a.mat", "a.csv", "a.npz"])
def test_a_record_may_tell_of_any_file(tmp_path: Path, name: str):
    made = synthesize_record(duration_s=1, sampling_rate_hz=100)
    record = attrs.evolve(made, metadata={"source": NO_UTF8})
    assert write_record(record, tmp_path / name)


@pytest.mark.usefixtures("toys")
class TestCommand:
    @pytest.fixture(autouse=True)
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    @pytest.mark.parametrize("name", [NO_UTF8, "a\x1b[31m\nError: forged"])
    @pytest.mark.parametrize(
        "words", [("{}",), ("count", "{}", "--strict", "--out", "{}"), ("run", "{}"), ("info", "{}")]
    )
    def test_words_of_the_line(self, ecg: Callable[..., Any], words: tuple[str, ...], name: str):
        ran = ecg(*(word.format(name) for word in words))
        assert "\x1b" not in ran.out + ran.err
        assert "\nError: forged" not in ran.out + ran.err
        (ran.out + ran.err).encode()

    def test_with_where_it_came_from(self, ecg: Callable[..., Any]):
        ran = ecg("run", "toy.\x1bx", "--traceback")
        assert "Traceback" in ran.err
        assert "\x1b" not in ran.err
