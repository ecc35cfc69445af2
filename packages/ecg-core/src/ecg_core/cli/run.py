"""``ecg run TASK``: any task, with the same options for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecg_core.cli.show import echo
from ecg_core.errors import ConfigError, RunInterrupted

if TYPE_CHECKING:
    from ecg_core.config import OptionHelp
    from ecg_core.launch import Task


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every task takes."""
    for decorate in reversed(RUN_OPTIONS):
        command = decorate(command)
    return command


NO_VALUE = "null"
"""The default, as YAML, of an option that need not be given; its help says what is done without it."""

SET_OPTION = click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Set one option, as in optim.lr=1e-3."
)
COMMON_OPTIONS = (
    click.option("--config", "config", metavar="FILE|NAME", help="YAML file, or a named configuration of the task."),
    click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Run folder."),
    click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of every random number."),
    click.option("--resume", is_flag=True, help="Go on with what the run folder holds."),
    click.option("--overwrite", is_flag=True, help="Begin anew, removing what an earlier run wrote to the run folder."),
    click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON."),
)
BACKEND_OPTIONS = (
    click.option("--backend", default="auto", show_default=True, help="cpu, cuda, xla, a plugin's, or auto."),
    click.option("--devices", type=click.IntRange(1), help="How many devices of this host; all of them by default."),
    click.option(
        "--precision",
        type=click.Choice(["fp32", "bf16"]),
        default="fp32",
        show_default=True,
        help="Of the network.",
    ),
)
RUN_OPTIONS = (
    SET_OPTION,
    click.option("--executor", metavar="NAME", help="What works through the items of a batch; as --set executor=NAME."),
    *COMMON_OPTIONS,
    *BACKEND_OPTIONS,
    click.option("-h", "--help", "show_help", is_flag=True, help="This, or with TASK the options of the task."),
)


@click.command(add_help_option=False, short_help="Run any task; `ecg list tasks` names them.")
@click.argument("task", required=False)
@run_options
@click.pass_context
def run(ctx: click.Context, /, task: str | None, show_help: bool, **options: Any) -> None:
    """Run TASK, one of `ecg list tasks`; `ecg run TASK --help` lists its options with units and defaults.

    With `--set` or `--config` beside it the help shows what these make of them: `--set model=NAME --help` has the
    options of that model.
    """
    from ecg_core.launch import find_task

    if task is None:
        echo(ctx.get_help())
        ctx.exit(0 if show_help else 2)
    found = find_task(task)
    if show_help:
        given = options["overrides"] or options["config"] or options["executor"]
        chosen = _loaded(found, options) if given else None
        echo(ctx.get_help())
        echo(task_help(found, chosen))
        ctx.exit(0)
    config: Any = _loaded(found, options)
    start(ctx, found, config, out=options["out"], **_context_values(options))


def start(
    ctx: click.Context,
    task: Task,
    config: Any,
    *,
    out: Path | None,
    as_json: bool,
    written_to: Path | None = None,
    **values: Any,
) -> None:
    """Run a task that is ready to go, show its result, and exit with its code.

    Args:
        ctx: of the command.
        task: what to run.
        config: its options.
        out: run folder; None makes one.
        as_json: how to show the result.
        written_to: what to name as the place of the result, where it is not the run folder.
        values: the rest of the context.
    """
    from ecg_core.cli.show import show_result
    from ecg_core.context import RunContext, resume_command
    from ecg_core.interrupt import signals_as_interrupts
    from ecg_core.launch import default_out_dir, run_task

    if values.get("resume") and out is None:
        raise ConfigError("--resume goes on with a run folder: say which by --out DIR")
    if values.get("resume") and values.get("overwrite"):
        raise ConfigError("--resume goes on with what is there, and --overwrite removes it: give one of them")
    context = RunContext(task=task.name, out_dir=out or default_out_dir(task.name), **values)
    place = written_to or context.out_dir
    try:
        with signals_as_interrupts():
            result = run_task(task, config, context)
    except KeyboardInterrupt as interrupt:
        if place != context.out_dir:
            raise
        raise RunInterrupted(
            f"{task.name} was stopped by {str(interrupt) or 'SIGINT'}; what was finished stays in {place}. "
            f"Go on with: {resume_command(context)}"
        ) from None
    ctx.exit(show_result(result, place, as_json=as_json))


def _loaded(task: Task, options: dict[str, Any]) -> Any:
    """The options of a task as file and command line give them."""
    from ecg_core.config import load_config

    file = task.config_source(options["config"], out_dir=options["out"], resume=options["resume"])
    executor = [f"executor={options['executor']}"] if options["executor"] else []
    return load_config(task.config_class, file=file, overrides=[*executor, *options["overrides"]])


def _context_values(options: dict[str, Any]) -> dict[str, Any]:
    names = ("as_json", "seed", "backend", "devices", "precision", "resume", "overwrite")
    return {name: options[name] for name in names}


def task_help(task: Task, config: Any = None) -> str:
    """The options of a task as a table, with the values of a configuration for defaults where one is given."""
    from ecg_core.config import describe
    from ecg_core.plugins.report import as_table

    described = describe(task.config_class, defaults=config)
    rows = [(each.path, each.type, default_text(each), help_text(each)) for each in described]
    named = ", ".join(task.spec.named_configs)
    lines = [f"\n{task.name}: {task.spec.summary} ({task.entry.distribution} {task.entry.version})"]
    lines += ["", "Options of the task, for --set or a --config file:", as_table(rows, indent="  ")]
    lines += ["", f"Named configurations: {named}"] if named else []
    return "\n".join(lines)


def default_text(help: OptionHelp) -> str:
    """An option's default with its unit, or that one must be given."""
    if help.default is None:
        return "required"
    return (
        f"{NO_VALUE} ({help.unit})" if help.default == NO_VALUE and help.unit else f"{help.default} {help.unit}".strip()
    )


def help_text(help: OptionHelp) -> str:
    """The help text of an option, with the only values that it takes."""
    return f"{help.help} ({', '.join(map(str, help.choices))})" if help.choices else help.help
