"""What would end the process is a fault of the plugin that raised it, unless the user sent a signal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ecg_core.errors import DataError, PluginBroken
from ecg_core.plugins.guard import UserSignals, guarded


def end(error: BaseException) -> None:
    raise error


@pytest.fixture(params=["SIGINT", "SIGTERM", "SIGHUP"])
def number(request: pytest.FixtureRequest) -> Iterator[int]:
    """A signal that a handler of somebody answers by an exception."""
    number = getattr(signal, request.param)

    def answer(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(number, answer)
    yield number
    assert signal.getsignal(number) is answer, "it is as it was"
    signal.signal(number, before)


@pytest.mark.parametrize("error", [SystemExit(0), SystemExit("no licence"), KeyboardInterrupt()])
def test_what_would_end_the_process_is_an_error_that_names_the_plugin(error: BaseException) -> None:
    with pytest.raises(PluginBroken) as caught, guarded("The format edf of acme-kit 1.2", "read"):
        end(error)
    assert str(caught.value).startswith(f"The format edf of acme-kit 1.2 is broken: it raised {type(error).__name__}")
    assert "in read, which ends the whole process. Tell its authors, or uninstall it." in str(caught.value)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [ValueError("bad"), DataError("damaged"), GeneratorExit()])
def test_errors_pass_through(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, guarded("It"):
        end(error)
    assert caught.value is error


def test_a_signal_of_the_user_is_none_of_the_plugins_doing(number: int) -> None:
    with pytest.raises(KeyboardInterrupt), guarded("It"), guarded("It"):
        signal.raise_signal(number)


def test_a_signal_whose_handler_was_set_meanwhile_still_counts(number: int) -> None:
    """As a training does, whose handler passes the second signal on to the one before."""
    with pytest.raises(KeyboardInterrupt), guarded("It"):
        before = signal.getsignal(number)
        signal.signal(number, lambda *_: None)
        signal.raise_signal(number)
        signal.signal(number, before)
        signal.raise_signal(number)


def test_a_handler_that_was_set_to_stay_stays() -> None:
    def own(*_: object) -> None: ...

    before = signal.getsignal(signal.SIGINT)
    try:
        with guarded("It"):
            signal.signal(signal.SIGINT, own)
        assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with UserSignals():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_another_thread() -> None:
    """There Python allows no handlers, and no signal is answered."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with guarded("It"):
                sys.exit(0)
        except PluginBroken as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(errors) == 1


def test_the_distribution_is_found_by_its_code(distribution: Callable[..., Path]) -> None:
    distribution(
        "acme-kit",
        entry_points={"ecg.formats": {"edf": "acme_kit.plugin:edf"}},
        modules={"acme_kit.codec": "import sys\ndef read():\n    sys.exit(0)\n"},
    )
    from acme_kit.codec import read

    with (
        pytest.raises(PluginBroken, match=r"^Code of acme-kit 1\.0 is broken: it raised SystemExit: 0, which"),
        guarded(),
    ):
        read()
