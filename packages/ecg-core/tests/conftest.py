"""Fixtures for whoever tests plugins and the command line."""

from __future__ import annotations

import importlib
import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
import pytest

from ecg_core.plugins.events import installed_hooks
from ecg_core.plugins.registry import registry


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Makes a distribution that counts as installed: metadata and modules in a folder on ``sys.path``."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    before = set(sys.modules)

    def make(
        name: str,
        *,
        version: str = "1.0",
        entry_points: Mapping[str, Mapping[str, str]],
        modules: Mapping[str, str] | None = None,
    ) -> Path:
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        sections = (
            f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items())
            for group, points in entry_points.items()
        )
        (info / "entry_points.txt").write_text("\n".join(sections))
        for module, source in (modules or {}).items():
            _write_module(site, module, source)
        _forget_plugins()
        return site

    yield make
    for module in set(sys.modules) - before:
        if str(getattr(sys.modules[module], "__file__", None)).startswith(str(site)):
            del sys.modules[module]
    monkeypatch.undo()
    _forget_plugins()


def _write_module(site: Path, name: str, source: str) -> None:
    """Write ``package.module``; a dot makes a package of what stands before it."""
    package, _, module = name.rpartition(".")
    folder = site / package
    folder.mkdir(exist_ok=True)
    if package:
        (folder / "__init__.py").touch()
    (folder / f"{module}.py").write_text(source)


def _forget_plugins() -> None:
    importlib.invalidate_caches()
    registry.cache_clear()
    installed_hooks.cache_clear()


@attrs.frozen
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """Puts handlers, levels and warnings back after a test that sets up logging for a command."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    levels = {logger: logger.level for logger in (root, *_loggers())}
    with warnings.catch_warnings():
        yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    for logger in (root, *_loggers()):
        logger.setLevel(levels.get(logger, logging.NOTSET))


def _loggers() -> list[logging.Logger]:
    return [each for each in logging.getLogger().manager.loggerDict.values() if isinstance(each, logging.Logger)]


@pytest.fixture
def ecg(capsys: pytest.CaptureFixture[str], logging_as_it_was: None) -> Callable[..., Ran]:
    """Runs the ``ecg`` command in this process."""
    from ecg_core.cli.main import main

    def run(*words: str | Path) -> Ran:
        with pytest.raises(SystemExit) as exit_info:
            main([str(word) for word in words])
        captured = capsys.readouterr()
        return Ran(exit_info.value.code, captured.out, captured.err)

    return run


TOY_NAMES = ("count", "crash", "silent", "named", "tally")
TOY_PLUGIN = """
from ecg_core.plugins.spec import TaskSpec, VerbSpec

count = TaskSpec(implementation="toy_box.tasks:count", config="toy_box.tasks:CountConfig", summary="Count the inputs")
crash = TaskSpec(implementation="toy_box.tasks:crash", config="toy_box.tasks:CrashConfig", summary="Fail")
silent = TaskSpec(implementation="toy_box.tasks:silent", config="toy_box.tasks:CrashConfig", summary="Return nothing")
named = TaskSpec(
    implementation="toy_box.tasks:count",
    config="toy_box.tasks:CountConfig",
    summary="Count, with ready-made options",
    named_configs={"big": "toy_box:big.yaml", "lost": "toy_box:absent.yaml"},
)
count_verb = VerbSpec(
    task="toy.count",
    argument="inputs",
    summary="Count the inputs",
    short_flags={"scale.gain_mm_per_mv": "gain"},
)
tally_verb = VerbSpec(
    task="toy.tally", argument="inputs", summary="Count into a file", out_file="target", out_suffixes=(".txt",)
)
tally = TaskSpec(implementation="toy_box.tasks:tally", config="toy_box.tasks:CountConfig", summary="Count into a file")
"""

TOY_TASKS = """
import logging
from pathlib import Path

import attrs

from ecg_core.config import option
from ecg_core.errors import ConfigError, DataError
from ecg_core.context import Failure, TaskResult

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Scale:
    gain_mm_per_mv: float = option(10.0, help="height of a millivolt", unit="mm/mV", above=0, choices=(5.0, 10.0, 20.0))
    ticks: tuple[str, ...] = option(("fine",), help="marks on it", choices=("fine", "coarse"))


@attrs.frozen(kw_only=True)
class CountConfig:
    inputs: tuple[str, ...] = option(factory=tuple, help="what to count")
    label: str = option("things", help="what they are called")
    target: Path | None = option(None, help="where they go")
    strict: bool = option(False, help="refuse the word bad")
    limit: int = option(9, help="at most", unit="inputs", minimum=1)
    scale: Scale = option(factory=Scale, help="scale")


def count(config, context):
    log.info("counting %s", config.label)
    log.debug("a detail of %s", config.label)
    failures = [Failure(each, "is bad") for each in config.inputs if config.strict and each == "bad"]
    summary = {"count": len(config.inputs), "label": config.label, "mean": float("nan"), "seed": context.seed}
    return TaskResult(summary=summary, failures=failures)


def tally(config, context):
    (config.target or context.out_dir / "count.txt").write_text(str(len(config.inputs)))
    return TaskResult(summary={"folder": str(context.out_dir)})


@attrs.frozen(kw_only=True)
class CrashConfig:
    how: str = option("expected", help="kind of error: expected, unexpected, refused, denied, exit or interrupt")


def crash(config, context):
    if config.how == "refused":
        raise ConfigError("how: refused by the task itself")
    if config.how == "denied":
        raise PermissionError(13, "Permission denied", "in/page.png")
    if config.how == "expected":
        raise DataError("page.png: the file is empty; scan it again")
    if config.how == "exit":
        raise SystemExit(0)
    if config.how == "interrupt":
        raise KeyboardInterrupt
    raise ZeroDivisionError("a surprise\\n  on two lines.")


def silent(config, context):
    return None
"""


@pytest.fixture
def toys(distribution: Callable[..., Path]) -> Path:
    """An installed distribution with tasks and a verb to try the command line on."""
    site = distribution(
        "toy-box",
        entry_points={
            "ecg.tasks": {
                f"toy.{name}": f"toy_box.plugin:{name}" for name in ("count", "crash", "silent", "named", "tally")
            },
            "ecg.verbs": {"count": "toy_box.plugin:count_verb", "tally": "toy_box.plugin:tally_verb"},
        },
        modules={"toy_box.plugin": TOY_PLUGIN, "toy_box.tasks": TOY_TASKS},
    )
    (site / "toy_box" / "big.yaml").write_text("limit: 1000\n")
    return site
