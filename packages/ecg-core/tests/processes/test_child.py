"""What every child process does; that they end with their parent is tested with pools and ranks."""

from __future__ import annotations

import logging
import pickle
import sys
import threading
from collections.abc import Iterator

import pytest

from ecg_core.errors import ConfigError, DataError, EcgError
from ecg_core.processes.child import ROOT, fit_to_send, log_levels, main_hidden


class NeedsTwo(EcgError):
    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} is not {second}")


class Foreign(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")


class OtherThanItSays(Exception):
    def __reduce__(self) -> tuple[type, tuple[str]]:
        return str, ("a text",)


class Unchangeable(Exception):
    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("it cannot be changed")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (DataError("page7.png: the file is empty"), DataError, "page7.png: the file is empty"),
        (ConfigError("optim.lr: negative"), ConfigError, "optim.lr: negative"),
        (ZeroDivisionError("division by zero"), ZeroDivisionError, "division by zero"),
        (NeedsTwo("this", "that"), EcgError, "this is not that"),
        (Foreign(7, "cannot be copied"), RuntimeError, "Foreign: 7: cannot be copied"),
        (OtherThanItSays("words"), RuntimeError, "OtherThanItSays: words"),
        (Unchangeable("words"), RuntimeError, "Unchangeable: words"),
        (DataError("it holds", lambda: None), EcgError, "it holds"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_an_error_is_sent_in_its_words_and_says_where_it_happened(
    error: Exception, kind: type[Exception], words: str
) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        fail()
    sent = pickle.loads(pickle.dumps(fit_to_send(caught.value)))
    assert type(sent) is kind
    assert words in str(sent)
    [note] = sent.__notes__
    assert note.startswith("In MainProcess:\nTraceback")
    assert "in fail\n" in note


@pytest.fixture
def levels() -> Iterator[None]:
    names = {"acme_levels": logging.DEBUG, "acme_levels.loud.part": logging.ERROR}
    for name, level in names.items():
        logging.getLogger(name).setLevel(level)
    yield
    for name in names:
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_children_log_as_their_parent_does(levels: None) -> None:
    logging.getLogger("acme_levels.unset")
    found = log_levels()
    assert found[ROOT] == logging.root.level
    assert {name: level for name, level in found.items() if name.startswith("acme_levels")} == {
        "acme_levels": logging.DEBUG,
        "acme_levels.loud.part": logging.ERROR,
    }


def test_processes_that_are_started_at_once_leave_the_main_module_where_it_was() -> None:
    main = sys.modules["__main__"]
    first_is_in, second_is_in, first_is_out = (threading.Event() for _ in range(3))

    def first() -> None:
        with main_hidden():
            first_is_in.set()
            second_is_in.wait(0.2)  # in vain, where the second is kept waiting
        first_is_out.set()

    def second() -> None:
        first_is_in.wait(10)
        with main_hidden():
            second_is_in.set()
            first_is_out.wait(10)

    threads = [threading.Thread(target=each) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sys.modules["__main__"] is main
