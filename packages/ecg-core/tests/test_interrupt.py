from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from ecg_core import interrupt
from ecg_core.interrupt import StopRequest


@pytest.fixture(autouse=True)
def _handled() -> Iterator[None]:
    """A shell starts work in its background with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_first_signal_only_asks_and_handlers_come_back(number: signal.Signals):
    before = signal.getsignal(number)
    with StopRequest() as stop:
        assert stop.signal_name is None
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)  # at once: the same Ctrl-C, by way of torchrun
        assert stop.signal_name == number.name
    assert signal.getsignal(number) is before


def test_a_later_signal_acts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(interrupt, "SECONDS_BEFORE_REPEAT", 0.0)
    with pytest.raises(KeyboardInterrupt), StopRequest():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with StopRequest() as stop:
            os.kill(os.getpid(), signal.SIGINT)
            assert stop.signal_name is None
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_catch_nothing():
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def work() -> None:
        with StopRequest():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
