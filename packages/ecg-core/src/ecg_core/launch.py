"""Run a task: configuration, run folder, log, events around it."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from importlib import resources
from itertools import chain, count
from pathlib import Path
from typing import Any

import attrs

from ecg_core.atomic import atomic_write_text, remove_leftovers, writing
from ecg_core.backends import open_backend
from ecg_core.config import dump_yaml, to_plain
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError, PluginBroken, why_not_written
from ecg_core.execution.batch import BatchConfig, WatchedConfig
from ecg_core.execution.processes import is_single
from ecg_core.logs import log_to_file
from ecg_core.plugins.entry import PluginEntry
from ecg_core.plugins.events import fire
from ecg_core.plugins.guard import guarded
from ecg_core.plugins.loading import import_for, spec_of
from ecg_core.plugins.registry import registry
from ecg_core.plugins.spec import TaskSpec
from ecg_core.processes.ahead import worker_ahead
from ecg_core.protocols import NO_LIMITS
from ecg_core.run_lock import is_first_process, run_lock
from ecg_core.version import __version__

log = logging.getLogger(__name__)

CONFIG_FILE = "config.yaml"
CONFIG_BEGINS = "# ecg run "


@attrs.frozen
class Task:
    """A task, found and checked, with its configuration class imported and its implementation not."""

    entry: PluginEntry
    spec: TaskSpec
    config_class: type

    @property
    def name(self) -> str:
        return self.entry.name

    def config_path(self, name_or_file: str) -> Path:
        """The file of a named configuration of the task, or any YAML file.

        Raises:
            ConfigError: neither a name that the task ships nor a file.
        """
        if name_or_file in self.spec.named_configs:
            return self._named_config(self.spec.named_configs[name_or_file])
        path = Path(name_or_file)
        if path.is_file():
            return path
        named = ", ".join(self.spec.named_configs) or "none"
        raise ConfigError(
            f"--config {name_or_file}: no such file, and no configuration of {self.name} has this name (named: {named})"
        )

    def config_source(self, name_or_file: str | None, *, out_dir: Path | None, resume: bool) -> Path | None:
        """The file to read options from: the one asked for, else on ``resume`` that of the run folder, if any.

        Raises:
            ConfigError: the one asked for is not there.
        """
        if name_or_file:
            return self.config_path(name_or_file)
        own = out_dir / CONFIG_FILE if resume and out_dir else None
        return own if own and own.is_file() else None

    def _named_config(self, target: str) -> Path:
        package, _, file = target.partition(":")
        path = Path(str(resources.files(import_for(self.entry, self.spec, package)).joinpath(file)))
        if not path.is_file():
            raise PluginBroken(f"The {self.entry.title} names a configuration {target} that it does not ship.")
        return path


def find_task(name: str) -> Task:
    """A task by name.

    Raises:
        PluginError: it is absent, ambiguous or broken.
    """
    entry = registry().find("tasks", name)
    spec = spec_of(entry)
    return Task(entry, spec, import_for(entry, spec, spec.config))


def default_out_dir(task: str) -> Path:
    """A new run folder under ``runs/``, named by the task and the time; numbered where that is taken."""
    first = Path("runs") / f"{task}-{time.strftime('%Y%m%d-%H%M%S')}"
    numbered = (first.with_name(f"{first.name}-{number}") for number in count(2))
    return next(path for path in chain([first], numbered) if not path.exists())


def run_task(task: Task, config: Any, context: RunContext) -> TaskResult:
    """Run a task in its run folder, telling the hooks of its start and its end.

    The folder is made only after the task and the backend are known to be there.

    Raises:
        ConfigError: the run folder is to be overwritten, and the task does not know what it wrote there.
        PluginError, BackendUnavailable: what the task needs is not here.
        EcgError: what the task itself raises.
    """
    if context.overwrite and not isinstance(config, BatchConfig):
        raise ConfigError(
            f"--overwrite is for tasks that work through many items; {task.name} keeps no ledger of what it wrote to "
            f"{context.out_dir}: choose another folder by --out, or remove that one yourself"
        )
    if task.spec.uses_backend:
        backend = open_backend(context.backend)
        context = attrs.evolve(context, backend=backend.name) if context.backend == "auto" else context
    elif context.backend != "auto" or context.devices or context.precision != "fp32":
        log.warning("%s computes on no backend: --backend, --devices and --precision change nothing", task.name)
    with _worker_ahead(task, config):
        function = import_for(task.entry, task.spec, task.spec.implementation)
        context = attrs.evolve(context, config=to_plain(config))
        if not is_first_process():
            return _call(task, function, config, context)
        return _run_in_folder(partial(_call, task, function), config, context)


def _worker_ahead(task: Task, config: Any) -> AbstractContextManager[None]:
    """The process that will work through a watched batch starts while this one imports the task and finds the items."""
    if isinstance(config, WatchedConfig) and config.limits != NO_LIMITS and is_single(config.executor.make()):
        return worker_ahead(task.spec.implementation.partition(":")[0])
    return nullcontext()


def _run_in_folder(call: Callable[[Any, RunContext], TaskResult], config: Any, context: RunContext) -> TaskResult:
    """Run with the run folder for itself, its log open and its options noted."""
    _make_run_folder(context.out_dir)
    with run_lock(context.out_dir, context.task), writing(context.out_dir), log_to_file(context.out_dir):
        if context.resume:
            _clear_leftovers(context.out_dir)
        with _config_in(context, config):
            return _run_with_events(call, config, context)


def _call(task: Task, function: Callable[..., Any], config: Any, context: RunContext) -> TaskResult:
    with guarded():
        result = function(config, context)
    if not isinstance(result, TaskResult):
        raise PluginBroken(
            f"The {task.entry.title} is broken: {task.spec.implementation} should return an "
            f"ecg_core.context.TaskResult, found {type(result).__name__}. Tell its authors."
        )
    return result


def _make_run_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"the run folder {folder} cannot be made: {why_not_written(error) or error.strerror or error}. "
            "Choose another by --out DIR."
        ) from error


def _clear_leftovers(folder: Path) -> None:
    """Remove what killed runs were writing aside; run folders within this one see to their own."""
    for root, folders, _files in os.walk(folder):
        remove_leftovers(Path(root))
        folders[:] = [name for name in folders if not (Path(root) / name / CONFIG_FILE).exists()]


def _run_with_events(function: Callable[..., TaskResult], config: Any, context: RunContext) -> TaskResult:
    fire("run_start", context)
    summary: Mapping[str, Any] = {}
    error: BaseException | None = None
    try:
        result = function(config, context)
        summary = result.summary
        return result
    except BaseException as caught:
        error = caught
        log.debug("%s failed", context.task, exc_info=True)
        raise
    finally:
        fire("run_end", context, summary=summary, error=error)


@contextmanager
def _config_in(context: RunContext, config: Any) -> Iterator[None]:
    """Write ``config.yaml``; if the task refuses the configuration, the folder keeps the one that it had.

    Raises:
        DataError: a file of that name is there which no run wrote.
    """
    file = context.out_dir / CONFIG_FILE
    earlier = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else None
    if earlier is not None and not earlier.startswith(CONFIG_BEGINS):
        raise DataError(
            f"{file} is there already and was not written by a run; move it away, or choose another folder by --out"
        )
    atomic_write_text(file, _config_text(config, context))
    try:
        yield
    except ConfigError:
        if earlier is not None:
            atomic_write_text(file, earlier)
        raise


def _config_text(config: Any, context: RunContext) -> str:
    backend = "" if context.backend == "auto" else f" --backend {context.backend} --precision {context.precision}"
    header = f"{CONFIG_BEGINS}{context.task} --seed {context.seed}{backend}   (ecg-core {__version__})\n"
    return header + dump_yaml(config)
