"""The ``ecg`` command: built-in commands, everyday verbs of plugins, and what an error looks like."""

from __future__ import annotations

import io
import sys
import traceback
from importlib import import_module
from typing import Any

import click

from ecg_core.cli.show import echo
from ecg_core.errors import EXIT_FAILED, ConfigError, EcgError, one_line, why_not_written
from ecg_core.logs import take_console
from ecg_core.plugins.guard import guarded
from ecg_core.printable import LINES, printable
from ecg_core.safe_path import safe_path_for_children
from ecg_core.version import __version__

TRACEBACK_FLAG = "--traceback"

BUILT_IN = {
    "run": "ecg_core.cli.run:run",
    "list": "ecg_core.cli.plugins:list_",
    "info": "ecg_core.cli.plugins:info",
    "plugins": "ecg_core.cli.plugins:plugins",
    "doctor": "ecg_core.cli.doctor:doctor",
}


class EcgGroup(click.Group):
    """Built-in commands by import string, and one command for every verb that a plugin registers."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from ecg_core.plugins.registry import registry

        verbs = {entry.name for entry in registry().entries("verbs")}
        return [*BUILT_IN, *sorted(verbs - set(BUILT_IN))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in BUILT_IN:
            module, _, name = BUILT_IN[cmd_name].partition(":")
            command: click.Command = getattr(import_module(module), name)
            return command
        from ecg_core.cli.verb import make_verb

        return make_verb(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The everyday commands of plugins apart from those that are always there."""
        names = self.list_commands(ctx)
        verbs = [name for name in names if name not in BUILT_IN]
        for title, section in (("Everyday commands", verbs), ("Commands", list(BUILT_IN))):
            commands = [(name, self.get_command(ctx, name)) for name in section]
            width = formatter.width - 6 - max(map(len, names))
            rows = [(name, command.get_short_help_str(width)) for name, command in commands if command]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        with guarded():  # here: what calls it takes every KeyboardInterrupt for the user's
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from ecg_core.cli.unknown import explain_unknown

            raise explain_unknown(ctx, args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


@click.command(cls=EcgGroup, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="ecg")
@click.option("-v", "--verbose", is_flag=True, help="Show everything that is logged.")
@click.option(
    TRACEBACK_FLAG,
    "_traceback",
    is_flag=True,
    expose_value=False,
    help="Show where an error came from; may stand anywhere on the line.",
)
def cli(verbose: bool) -> None:
    """Electrocardiograms on paper and as signals.

    `ecg COMMAND --help` shows the options of a command, `ecg run TASK --help` those of a task.
    """
    from ecg_core.logs import log_to_console

    log_to_console(verbose=verbose)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code: 0 done, 1 run failed, 2 usage, 3 plugin or backend unavailable."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    with_traceback = TRACEBACK_FLAG in words
    take_console()
    words = [word for word in words if word != TRACEBACK_FLAG]
    try:
        with safe_path_for_children():
            code = cli.main(args=words, prog_name="ecg", standalone_mode=False)
    except click.ClickException as error:
        _show(error)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        echo("Interrupted.", err=True)
        code = EXIT_FAILED
    except Exception as error:  # noqa: BLE001 - the last place where an error can be explained
        if with_traceback:
            echo("".join(traceback.format_exception(error)), err=True)
        code = _explain(error)
    sys.exit(code if isinstance(code, int) else 0)


def _show(error: click.ClickException) -> None:
    """Print what click itself has to say of a line."""
    words = io.StringIO()
    error.show(words)
    echo(words.getvalue().rstrip("\n"), err=True)


def _explain(error: Exception) -> int:
    """Print one paragraph for an error; returns the exit code."""
    if isinstance(error, EcgError):
        words = printable(error, keep=LINES if isinstance(error, ConfigError) else "")  # a line for each fault
        echo(f"Error: {words}", err=True)
        return error.exit_code
    if why_not_written(error):
        echo(f"Error: {printable(one_line(error))}.", err=True)
        return EXIT_FAILED
    way = f"the same command with {TRACEBACK_FLAG} shows where it happened."
    if not (isinstance(error, OSError) and error.filename):
        way = f"This was not expected; {way}"
    echo(f"Error: {printable(one_line(error))}. {way[0].upper()}{way[1:]}", err=True)
    return EXIT_FAILED
