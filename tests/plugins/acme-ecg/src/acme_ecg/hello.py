"""Task ``acme.hello``: greet records."""

from __future__ import annotations

from functools import partial

import attrs

from ecg_core.atomic import atomic_write_text
from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import DataError, one_line
from ecg_core.execution import map_items
from ecg_core.formats import read_record
from ecg_core.progress import progress

GREETINGS_FILE = "greetings.txt"


@attrs.frozen(kw_only=True)
class HelloConfig:
    """Options of ``acme.hello``."""

    records: tuple[str, ...] = option(factory=tuple, help="files of any installed format")
    greeting: str = option("Hello", help="what to say")
    min_duration_s: float = option(1.0, help="shorter records are not greeted", unit="s", minimum=0)
    workers: int = option(1, help="processes that work at a time", minimum=1)


def run(config: HelloConfig, context: RunContext) -> TaskResult:
    """Write ``greetings.txt`` with one line a record; a record that cannot be greeted does not stop the others."""
    greetings, failures = {}, []
    with progress(len(config.records), "greeting", unit="records") as bar:
        for outcome in map_items(partial(greet, config=config), config.records, workers=config.workers):
            if outcome.error is None:
                greetings[outcome.index] = outcome.value
            else:
                failures.append(Failure(outcome.item, one_line(outcome.error)))
            bar.advance()
    lines = [f"{greetings[index]}\n" for index in sorted(greetings)]
    atomic_write_text(context.out_dir / GREETINGS_FILE, "".join(lines))
    return TaskResult(summary={"greeted": len(lines)}, failures=failures)


def greet(path: str, *, config: HelloConfig) -> str:
    """One line for one record.

    Raises:
        DataError: it cannot be read, or is too short.
    """
    record = read_record(path)
    if record.duration_s < config.min_duration_s:
        raise DataError(f"{path}: lasts {record.duration_s:g} s, less than the {config.min_duration_s:g} s asked for")
    return f"{config.greeting}, {record.name} of {record.num_leads} leads"
