from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ecg_core.context import RunContext
from ecg_core.plugins.entry import PluginEntry
from ecg_core.plugins.events import fire, installed_hooks
from ecg_core.plugins.hooks import HookSpecs, hookimpl, hookspec, make_manager, register_guarded


def entry(plugin: Any, name: str = "log", distribution: str = "acme-kit") -> PluginEntry:
    """An entry whose loading gives this plugin, or raises it."""

    def load() -> Any:
        if isinstance(plugin, BaseException):
            raise plugin
        return plugin

    owner = SimpleNamespace(name=distribution, version="1.2")
    return PluginEntry("hooks", name, "acme.hooks", SimpleNamespace(dist=owner, load=load))


@pytest.fixture
def context(tmp_path: Path) -> RunContext:
    return RunContext(task="x.y", out_dir=tmp_path)


class Recorder:
    """A hook plugin that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    @hookimpl
    def run_start(self, context: RunContext) -> None:
        self.told.append(("run_start", context.task))

    @hookimpl
    def step_end(self, step: int) -> None:
        self.told.append(("step_end", step))

    @hookimpl
    def run_end(self) -> None:
        self.told.append("run_end")


def test_a_function_may_take_fewer_arguments_than_its_event_has(context: RunContext):
    manager, recorder = make_manager(), Recorder()
    assert register_guarded(manager, entry(recorder)) is None
    fire("run_start", manager=manager, context=context)
    fire("step_end", manager=manager, context=context, step=3, metrics={"loss": 0.5})
    fire("run_end", manager=manager, context=context, summary={}, error=None)
    assert recorder.told == [("run_start", "x.y"), ("step_end", 3), "run_end"]


def test_a_module_of_functions_is_a_plugin_too(context: RunContext):
    told = []
    module = ModuleType("acme_hooks")
    module.run_start = hookimpl(lambda context: told.append(context.task))
    manager = make_manager()
    assert register_guarded(manager, entry(module)) is None
    fire("run_start", manager=manager, context=context)
    assert told == ["x.y"]


def test_a_hook_that_raises_is_logged_and_the_next_is_told(context: RunContext, caplog: pytest.LogCaptureFixture):
    class Failing:
        @hookimpl
        def run_start(self) -> None:
            raise OSError("no\nnetwork")

    manager, before, after = make_manager(), Recorder(), Recorder()
    for name, plugin in (("before", before), ("failing", Failing()), ("after", after)):
        assert register_guarded(manager, entry(plugin, name)) is None
    with caplog.at_level(logging.WARNING):
        fire("run_start", manager=manager, context=context)
    assert before.told == after.told == [("run_start", "x.y")]
    assert caplog.messages == ["hook plugin acme-kit:failing failed in run_start: OSError: no network"]


@pytest.mark.parametrize("error", [SystemExit(0), KeyboardInterrupt()])
def test_a_hook_that_would_end_the_process_is_told_as_broken_and_the_next_is_told(
    context: RunContext, caplog: pytest.LogCaptureFixture, error: BaseException
):
    class Ending:
        @hookimpl
        def run_start(self) -> None:
            raise error

    manager, before, after = make_manager(), Recorder(), Recorder()
    for name, plugin in (("before", before), ("ending", Ending()), ("after", after)):
        assert register_guarded(manager, entry(plugin, name)) is None
    fire("run_start", manager=manager, context=context)
    assert before.told == after.told == [("run_start", "x.y")]
    [message] = caplog.messages
    assert message.startswith(f"The hook plugin acme-kit:ending is broken: it raised {type(error).__name__}")


def test_ctrl_c_while_a_hook_is_told_ends_the_run(context: RunContext):
    class Slow:
        @hookimpl
        def run_start(self) -> None:
            signal.raise_signal(signal.SIGINT)

    manager = make_manager()
    assert register_guarded(manager, entry(Slow())) is None
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what starts the tests may ignore it
    with pytest.raises(KeyboardInterrupt):
        fire("run_start", manager=manager, context=context)
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("error", [SystemExit(0), KeyboardInterrupt()])
def test_a_hook_module_that_would_end_the_process(error: BaseException):
    assert f"importing acme.hooks failed with {type(error).__name__}" in broken_message(error)


def broken_message(plugin: Any) -> str:
    manager = make_manager()
    failure = register_guarded(manager, entry(plugin))
    assert failure is not None
    assert not manager.get_plugins()
    return str(failure)


def test_a_hook_module_that_cannot_be_imported():
    message = broken_message(ImportError("cannot import name 'x'"))
    assert message.startswith(
        "The hook log of acme-kit 1.2 cannot be used: importing acme.hooks failed with ImportError"
    )


def test_an_argument_that_the_event_does_not_have():
    class Wrong:
        @hookimpl
        def run_start(self, contxt: RunContext) -> None: ...

    message = broken_message(Wrong())
    assert message.startswith("The hook log of acme-kit 1.2 cannot be used: PluginValidationError")
    assert "run_start" in message
    assert "contxt" in message
    assert "ecg_core.plugins.hooks.HookSpecs" in message
    assert "\n" not in message


def test_an_event_that_does_not_exist():
    class Unknown:
        @hookimpl
        def run_begin(self) -> None: ...

    assert "unknown hook 'run_begin'" in broken_message(Unknown())


def test_a_plugin_that_would_never_be_told_anything():
    class Undecorated:
        def run_start(self) -> None: ...

    assert "no function in it carries @hookimpl" in broken_message(Undecorated())


def test_a_wrapper_is_refused_since_events_are_told_one_by_one():
    class Wrapping:
        @hookimpl(wrapper=True)
        def run_start(self) -> Any:
            yield

    assert "run_start is a wrapper" in broken_message(Wrapping())


def test_a_broken_hook_is_logged_once_and_the_good_one_is_told(
    distribution: Callable[..., Path], context: RunContext, caplog: pytest.LogCaptureFixture
):
    distribution(
        "acme-kit",
        entry_points={"ecg.hooks": {"bad": "acme_absent", "good": "acme_good"}},
        modules={
            "acme_good": "from ecg_core.plugins.hooks import hookimpl\n"
            "@hookimpl\n"
            "def run_start(context):\n"
            "    (context.out_dir / 'told.txt').write_text(context.task)\n"
        },
    )
    with caplog.at_level(logging.WARNING):
        fire("run_start", context)
        fire("run_start", context)
    assert (context.out_dir / "told.txt").read_text() == "x.y"
    assert [message for message in caplog.messages if "acme" in message] == [
        "The hook bad of acme-kit 1.0 cannot be used: importing acme_absent failed with ModuleNotFoundError: "
        "No module named 'acme_absent'. The fault lies in the plugin itself: tell its authors, or uninstall it."
    ]
    assert installed_hooks().has_plugin("acme-kit:good")


def test_every_event_has_its_manual_and_takes_the_context():
    events = [value for value in vars(HookSpecs).values() if hasattr(value, "ecg_spec")]
    assert {event.__name__ for event in events} == {
        "run_start",
        "run_end",
        "step_end",
        "epoch_end",
        "evaluation_end",
        "picture_drawn",
        "checkpoint_saved",
    }
    assert hookspec.project_name == "ecg"
    for event in events:
        assert event.__doc__
        assert event.__code__.co_varnames[1] == "context"
