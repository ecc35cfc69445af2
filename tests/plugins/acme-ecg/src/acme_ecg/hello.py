"""Task ``acme.hello``: greet records."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import attrs

from ecg_core.atomic import atomic_write_text
from ecg_core.config import option, recipe_of
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import DataError
from ecg_core.execution.batch import DONE, Batch, BatchConfig, Item, Part
from ecg_core.execution.outputs import Outputs
from ecg_core.formats import read_record

GREETINGS_FILE = "greetings.txt"


@attrs.frozen(kw_only=True)
class HelloConfig(BatchConfig):
    """Options of ``acme.hello``; `BatchConfig` adds the executor."""

    records: tuple[str, ...] = option(factory=tuple, help="files of any installed format", in_recipe=False)
    greeting: str = option("Hello", help="what to say")
    min_duration_s: float = option(1.0, help="shorter records are not greeted", unit="s", minimum=0)


def run(config: HelloConfig, context: RunContext) -> TaskResult:
    """Write a card for each record, and ``greetings.txt`` with one line a card.

    A record that cannot be greeted does not stop the others; started again, the task does what is missing.
    """
    with Batch(context, recipe_of(config)) as batch:
        stems = batch.stems(map(Path, config.records))
        items = [Item(source=str(path), key=stem) for path, stem in stems.items()]
        made = batch.run(partial(greet, config=config), items, executor=config.executor, unit="records")
        lines = [entry.values["greeting"] for entry in made.entries()]
        atomic_write_text(batch.table(GREETINGS_FILE), "".join(f"{line}\n" for line in lines))
    return made.task_result({"greeted": made.counts[DONE]})


def greet(item: Item, outputs: Outputs, *, config: HelloConfig) -> Iterator[Part]:
    """Write the card of one record.

    Raises:
        DataError: it cannot be read, or is too short.
    """
    record = read_record(item.source)
    if record.duration_s < config.min_duration_s:
        raise DataError(
            f"{item.source}: lasts {record.duration_s:g} s, less than the {config.min_duration_s:g} s asked for"
        )
    greeting = f"{config.greeting}, {record.name} of {record.num_leads} leads"
    atomic_write_text(outputs.path(f"cards/{item.key}.txt"), greeting)
    yield Part(values={"greeting": greeting})
