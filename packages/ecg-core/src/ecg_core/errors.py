"""Every error a user can meet. A message says what was asked, what was found, what to do next."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from reprlib import Repr
from typing import Any

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_UNAVAILABLE = 3

LONGEST_SHOWN = 160
"""Characters of a value in a message: two lines of a terminal, whatever a file holds."""


class EcgError(Exception):
    """Base of all expected errors; the command line prints it as one paragraph, without a traceback."""

    exit_code = EXIT_FAILED


class DataError(EcgError):
    """A record, page or folder could not be used. The message names the file."""


class OutputError(EcgError, OSError):
    """Something could not be written: the disk is full, say. The message names it and says what to do."""


class CheckpointError(EcgError):
    """A checkpoint is absent, damaged, or belongs to something else."""


class TrainingDiverged(EcgError):
    """Training stayed non-finite after every roll-back that the configuration allows."""


class RunInterrupted(EcgError):
    """A run was asked to stop by a signal, and has saved itself; the message says how to go on."""


class ConfigError(EcgError):
    """A configuration or a command line is wrong. The message gives the path of the key, such as ``optim.lr``."""

    exit_code = EXIT_USAGE


class PluginError(EcgError):
    """A plugin could not be used."""

    exit_code = EXIT_UNAVAILABLE


class PluginNotFound(PluginError):
    """No installed distribution registers the name."""


class PluginBroken(PluginError):
    """The plugin is registered, and importing it failed."""


class PluginConflict(PluginError):
    """Two distributions register the same name; ``distribution:name`` says which is meant."""


class PluginIncompatible(PluginError):
    """The plugin was made for another version of the plugin interface."""


class BackendUnavailable(EcgError):
    """The hardware or software that a backend needs is not here. Never answered by a silent fall-back."""

    exit_code = EXIT_UNAVAILABLE


_MAKE_ROOM = "make some room, and go on with the same command"
WHAT_TO_DO = {
    errno.ENOSPC: _MAKE_ROOM,
    getattr(errno, "EDQUOT", errno.ENOSPC): _MAKE_ROOM,  # Windows has no quota of this kind
    errno.EROFS: "choose another place",
    errno.ENAMETOOLONG: "most file systems take 255 bytes, so choose shorter names",
}
"""Faults of the place where something is written, by number: whatever was to be written is not to blame."""


def why_not_written(error: BaseException) -> str:
    """What is wrong with the place where something is to be written; empty where the error tells of another fault."""
    number = error.errno if isinstance(error, OSError) else None
    return f"{os.strerror(number)}; {WHAT_TO_DO[number]}" if number is not None and number in WHAT_TO_DO else ""


def not_written(path: object, error: OSError) -> str:
    """The message of an error for something that could not be written."""
    return str(error) if isinstance(error, OutputError) else f"{path} cannot be written: {one_line(error)}"


def one_line(error: BaseException) -> str:
    """An error's type and what it says, on one line and without a full stop; of a file, its path and what is wrong."""
    if reason := why_not_written(error):
        place = getattr(error, "filename", None)
        return f"{place}: {reason}" if place else reason
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    text = " ".join(str(error).split()).rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


class _Short(Repr):
    """Cuts what is long, and writes no number out whose digits Python refuses to count."""

    def __init__(self, longest: int) -> None:
        super().__init__()
        self.maxstring = self.maxother = longest
        self.maxlevel = 3

    def repr_int(self, x: int, level: int) -> str:
        return repr(x) if x.bit_length() <= self.maxother else f"a whole number of {x.bit_length()} bits"


def shown(value: Any, longest: int = LONGEST_SHOWN) -> str:
    """A value as a message quotes it: its ``repr``, cut where it is long or deep."""
    text = _Short(longest).repr(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def shown_name(name: Any) -> str:
    """A key or name as a message gives it: as it is, or quoted and cut where it is long or has what a line has not."""
    return name if isinstance(name, str) and name.isprintable() and len(name) <= LONGEST_SHOWN else shown(name)


def shown_names(names: Iterable[Any], most: int = 20) -> str:
    """Names as a message lists them: the first ones, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(map(shown_name, listed[:most])) + more


def shortened(text: str, longest: int = LONGEST_SHOWN) -> str:
    """What somebody else's message says, on one line of a bearable length, as any terminal shows it."""
    words = " ".join(text[: 4 * longest].split())
    line = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in words)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
