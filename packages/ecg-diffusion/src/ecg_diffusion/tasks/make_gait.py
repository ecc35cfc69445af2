"""Task `diffusion.make_gait`: micro-Doppler images of simulated people who walk, a folder a person."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product

import attrs
import numpy as np

from ecg_core.config import option, recipe_of
from ecg_core.context import RunContext, TaskResult
from ecg_core.execution.batch import DONE, Batch, BatchConfig, Item, Part
from ecg_core.execution.outputs import Outputs
from ecg_core.pictures import write_png
from ecg_diffusion.gait.people import person, walk_image


@attrs.frozen(kw_only=True)
class MakeGaitConfig(BatchConfig):
    """Options of `diffusion.make_gait`."""

    people: int = option(10, help="how many walk, each in a folder ID_1, ID_2 …", minimum=2, in_recipe=False)
    walks: int = option(100, help="images of each", minimum=1, in_recipe=False)


def run(config: MakeGaitConfig, context: RunContext) -> TaskResult:
    """Write ``ID_<n>/<walk>.png`` for every walk of every person.

    The seed decides who walks and how; more people or walks leave those there were as they are.
    """
    items = [
        Item(source=f"walk {walk} of person {number}", key=f"ID_{number}/{walk:04}", value=(number, walk), files=())
        for number, walk in product(range(1, config.people + 1), range(config.walks))
    ]
    with Batch(context, {"seed": context.seed, **recipe_of(config)}) as batch:
        made = batch.run(partial(make_one, seed=context.seed), items, executor=config.executor, unit="images")
    return made.task_result({"people": config.people, "images": made.counts[DONE]})


def make_one(item: Item, outputs: Outputs, *, seed: int) -> Iterator[Part]:
    """Write the image of a person's walk.

    Args:
        item: its value is the numbers of person and walk.
        outputs: where to write it.
        seed: of everything.
    """
    number, walk = item.value
    image = walk_image(person(number, seed), np.random.default_rng((seed, number, walk)))
    write_png(outputs.path(f"{item.key}.png"), image)
    yield Part()
