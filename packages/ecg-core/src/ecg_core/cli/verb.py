"""Everyday commands: a task under a short name, its options as flags, the words on the line as its input."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from ecg_core.cli.run import BACKEND_OPTIONS, COMMON_OPTIONS, NO_VALUE, SET_OPTION, default_text, help_text, start
from ecg_core.errors import ConfigError, PluginError
from ecg_core.plugins.registry import registry
from ecg_core.printable import printable

if TYPE_CHECKING:
    from ecg_core.config import OptionHelp
    from ecg_core.launch import Task
    from ecg_core.plugins.spec import VerbSpec

DEFAULT_OUT_DIR = Path("ecg-out")
OUT_FILE_OPTION = click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR|FILE", help="Run folder, or the one file to write."
)


def make_verb(name: str) -> click.Command | None:
    """The command of a verb; None if no plugin registers it. A broken one says so when it is used."""
    if not any(entry.name == name for entry in registry().entries("verbs")):
        return None
    try:
        spec = registry().load_spec("verbs", name)
    except PluginError as error:
        return BrokenVerb(name, error)
    return VerbCommand(name, spec)


class BrokenVerb(click.Command):
    """Stands in for a verb that cannot be loaded, so that the others keep working."""

    def __init__(self, name: str, error: PluginError) -> None:
        super().__init__(
            name,
            help=printable(error),
            short_help="(broken, see `ecg plugins check`)",
            context_settings={"ignore_unknown_options": True},
        )
        self.params = [click.Argument(["words"], nargs=-1)]
        self._error = error

    def invoke(self, ctx: click.Context) -> Any:
        raise self._error


class VerbCommand(click.Command):
    """A verb; the options of its task are looked up only when it is used."""

    def __init__(self, name: str, spec: VerbSpec) -> None:
        settings = {"help_option_names": ["-h", "--help"]}
        super().__init__(name, help=printable(spec.summary), callback=self._run, context_settings=settings)
        self._spec = spec

    @cached_property
    def _task(self) -> Task:
        from ecg_core.launch import find_task

        return find_task(self._spec.task)

    @cached_property
    def _options(self) -> dict[str, OptionHelp]:
        """The task's options but those that the line gives otherwise, by the name of their parameter."""
        from ecg_core.config import describe

        every = describe(self._task.config_class)
        given = (self._spec.argument, self._spec.out_file)
        return {f"option_{index}": each for index, each in enumerate(every) if each.path not in given}

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        if not self.params:
            common = [SET_OPTION, *COMMON_OPTIONS, *(BACKEND_OPTIONS if self._task.spec.uses_backend else ())]
            for decorate in common:
                decorate(self)
            if self._spec.out_file:
                self.params = [each for each in self.params if each.name != "out"]
                OUT_FILE_OPTION(self)
            short = self._spec.short_flags
            own = [_as_flag(name, each, short.get(each.path)) for name, each in self._options.items()]
            self.params = [click.Argument([self._spec.argument], nargs=-1, required=True), *own, *self.params]
        return super().get_params(ctx)

    def _run(self, **values: Any) -> None:
        from ecg_core.config import apply_override, choices_of, parse_value, read_yaml, set_path, structure

        out: Path = values.pop("out") or DEFAULT_OUT_DIR
        is_file = bool(self._spec.out_file) and out.suffix.lower() in self._spec.out_suffixes
        if not is_file and out.is_file():
            raise ConfigError(_not_a_folder(out, self._spec.out_suffixes))
        file = self._task.config_source(values.pop("config"), out_dir=out, resume=values["resume"])
        tree = read_yaml(file) if file else {}
        choices = frozenset(choices_of(self._task.config_class))
        set_path(tree, self._spec.argument, list(values.pop(self._spec.argument)))
        for name, each in self._options.items():
            word = values.pop(name)
            if word is not None:
                value = word if _is_verbatim(each) else parse_value(_listed(each, word))
                set_path(tree, each.path, value, choices=choices)
        for word in values.pop("overrides"):
            apply_override(tree, word, choices)
        if is_file:
            set_path(tree, str(self._spec.out_file), str(out.absolute()))
        config: Any = structure(self._task.config_class, tree)
        with TemporaryDirectory() if is_file else nullcontext(out) as folder:
            start(click.get_current_context(), self._task, config, out=Path(folder), written_to=out, **values)


def _not_a_folder(out: Path, suffixes: tuple[str, ...]) -> str:
    wanted = f"; a single file ends with {' or '.join(suffixes)}" if suffixes else ""
    return f"--out {out} is a file, and a folder is wanted{wanted}"


def _is_verbatim(help: OptionHelp) -> bool:
    """Whether a flag's word is taken as it stands (``--name 2024`` is a text), not read as YAML."""
    return help.type == "bool" or set(help.type.split(" | ")) <= {"str", "Path", "None"}


def _listed(help: OptionHelp, word: str) -> str:
    """``a,b`` as the list ``[a,b]`` where a list is wanted."""
    return f"[{word}]" if help.type.startswith("tuple[") and not word.startswith("[") else word


def _as_flag(name: str, help: OptionHelp, short: str | None = None) -> click.Option:
    flag = f"--{help.path.replace('_', '-')}"
    text = printable(f"{help_text(help)} {_default_note(help)}".strip())
    if help.type == "bool":
        return click.Option([name, f"{flag}/--no-{flag[2:]}"], default=None, help=text)
    flags = [f"--{short}", flag] if short else [flag]
    return click.Option([name, *flags], metavar=_metavar(help), help=text)


def _default_note(help: OptionHelp) -> str:
    """``[default: 500.0 Hz]``, or only the unit where the help says what is done without a value."""
    if help.default is None:
        return "[required]"
    if help.default == NO_VALUE:
        return f"[{help.unit}]" if help.unit else ""
    return f"[default: {default_text(help)}]"


def _metavar(help: OptionHelp) -> str:
    """``FLOAT`` of ``float | None``, which leaving the flag out stands for; ``STR,…`` of ``tuple[str, ...]``."""
    kind = help.type.removesuffix(" | None")
    return f"{kind[6:-6].upper()},…" if kind.startswith("tuple[") and kind.endswith(", ...]") else kind.upper()
