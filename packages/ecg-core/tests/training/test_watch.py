from __future__ import annotations

import logging

import pytest

from ecg_core.training.watch import CompilationWatch


@pytest.fixture(autouse=True)
def all_logged(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING)


def test_a_step_that_compiles_again_is_told_of(caplog: pytest.LogCaptureFixture):
    watch = CompilationWatch()
    watch.begin({"compilations": 3})
    watch.end({"compilations": 5}, step=10)  # the first stretch may
    watch.begin({"compilations": 8})  # and so may the evaluation after it
    watch.end({"compilations": 8}, step=20)
    assert caplog.messages == []
    watch.begin({"compilations": 8})
    watch.end({"compilations": 11}, step=30)
    assert "up to step 30 the step was compiled 3 more times" in caplog.text


def test_operators_that_fall_back_are_named_once(caplog: pytest.LogCaptureFixture):
    watch = CompilationWatch()
    for fallbacks in ([], ["aten::median"], ["aten::median"], ["aten::median", "aten::nonzero"]):
        watch.end({"compilations": 1, "fallbacks": fallbacks}, step=1)
    assert [message.rpartition(": ")[2] for message in caplog.messages] == ["aten::median", "aten::nonzero"]


def test_a_backend_that_compiles_nothing_is_no_trouble(caplog: pytest.LogCaptureFixture):
    watch = CompilationWatch()
    for step in range(3):
        watch.begin({"hardware": "CPU"})
        watch.end({"hardware": "CPU"}, step)
    assert caplog.messages == []
