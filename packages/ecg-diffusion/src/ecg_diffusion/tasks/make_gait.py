"""Task `diffusion.make_gait`: micro-Doppler images of simulated people who walk, a folder a person."""

from __future__ import annotations

from functools import partial
from itertools import product
from pathlib import Path

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.execution import map_items
from ecg_core.pictures import write_png
from ecg_core.progress import progress
from ecg_diffusion.gait.people import person, walk_image


@attrs.frozen(kw_only=True)
class MakeGaitConfig:
    """Options of `diffusion.make_gait`."""

    people: int = option(10, help="how many walk, each in a folder ID_1, ID_2 …", minimum=2)
    walks: int = option(100, help="images of each", minimum=1)
    workers: int = option(2, help="processes that work at a time", minimum=1)


def run(config: MakeGaitConfig, context: RunContext) -> TaskResult:
    """Write ``ID_<n>/<walk>.png``; those that are there already stay, so that a run can be taken up again.

    The seed decides who walks and how; more people or walks leave those there were as they are.
    """
    numbers = list(product(range(1, config.people + 1), range(config.walks)))
    todo = [each for each in numbers if not _file(context.out_dir, *each).exists()]
    failures: list[Failure] = []
    work = partial(make_one, out_dir=context.out_dir, seed=context.seed)
    with progress(len(numbers), context.task, unit="images", done=len(numbers) - len(todo)) as bar:
        for outcome in map_items(work, todo, workers=config.workers):
            if outcome.error is not None:
                failures.append(Failure.from_error(str(_file(context.out_dir, *outcome.item)), outcome.error))
            bar.advance()
    return TaskResult(summary={"people": config.people, "images": len(numbers) - len(failures)}, failures=failures)


def make_one(item: tuple[int, int], *, out_dir: Path, seed: int) -> None:
    """Write the image of a person's walk.

    Args:
        item: numbers of person and walk.
        out_dir: of the run.
        seed: of everything.
    """
    number, walk = item
    image = walk_image(person(number, seed), np.random.default_rng((seed, number, walk)))
    write_png(_file(out_dir, number, walk), image)


def _file(out_dir: Path, number: int, walk: int) -> Path:
    return out_dir / f"ID_{number}" / f"{walk:04}.png"
