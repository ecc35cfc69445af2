"""How much worse a classifier is on digitized pages than on the recordings that were printed on them.

Usage: python benchmarks/digitized_input.py --folds RUN --prepared FOLDER --seed SEED [--pages 500] [--workers 2]

`RUN` is a run of `classify.cross_validate` over `FOLDER`, with its seed. Of every fold some recordings are drawn that
its network has not seen; each is printed in a random style, 3x4 with a rhythm row, degraded (`--degradation scan`),
digitized, and classified three ways: as it was measured, as much of it as the page shows, and as it was digitized. A
page that is not read counts as a recording of which nothing is known. The difference is of the same recordings; its
interval of 95 % is by bootstrap over them.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import attrs
import numpy as np

from ecg_classify.classes import CLASSES
from ecg_classify.classifier import Classifier
from ecg_classify.data.index import Entry, read_index
from ecg_classify.evaluation.figures import auroc, bootstrap_intervals
from ecg_classify.options import RecordingsConfig
from ecg_core.errors import EcgError
from ecg_core.execution import map_items
from ecg_core.formats import read_record
from ecg_core.progress import progress
from ecg_digitize import digitize
from ecg_digitize.evaluation.score import PrintedPage

WAYS = ("measured", "as printed", "digitized")
PAIRS = (("measured", "digitized"), ("measured", "as printed"), ("as printed", "digitized"))


@attrs.frozen
class Task:
    """A recording that a fold was not trained on."""

    location: str
    weights: str
    entry: Entry


def main() -> None:
    """Read the arguments, classify everything three ways, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--degradation", default="scan")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    tasks = tasks_of(arguments.folds, arguments.prepared, arguments.seed, arguments.pages)
    targets, probabilities, refused = [], [], 0
    with progress(len(tasks), "pages", unit="pages") as bar:
        work = partial(classified, degradation=arguments.degradation)
        for outcome in map_items(work, tasks, workers=arguments.workers):
            if outcome.error is not None:
                raise outcome.error
            targets.append([label in outcome.item.entry.classes for label in CLASSES])
            probabilities.append(outcome.value[0])
            refused += outcome.value[1]
            bar.advance()
    show(np.array(targets), np.stack(probabilities), refused)


def tasks_of(folds: Path, prepared: Path, seed: int, count: int) -> list[Task]:
    """As many recordings of each fold, drawn from those it was tested on."""
    with (prepared / "index.csv").open(encoding="utf-8", newline="") as lines:
        locations = {row["name"]: row["location"] for row in csv.DictReader(lines)}
    runs = sorted(folds.glob("fold-*"))
    rng = np.random.default_rng(seed)
    found: list[Task] = []
    for fold, run in enumerate(runs):
        config = RecordingsConfig(folder=prepared, folds=len(runs), fold=fold)
        tested = [each for each in read_index(config, seed=seed) if each.split == "test"]
        drawn = rng.permutation(len(tested))[: count // len(runs)]
        found += [Task(locations[tested[number].name], str(run), tested[number]) for number in drawn]
    return found


def classified(task: Task, *, degradation: str) -> tuple[np.ndarray, bool]:
    """Probabilities of the classes by each of `WAYS`, shape (ways, classes), and whether the page was refused."""
    classifier = Classifier.load(task.weights)
    record = read_record(task.location)
    printing = PrintedPage(task.location, degradation, 200.0)
    printed, flat = printing.printed()
    page = printing.degraded(flat)
    shown = record, printed
    rows = [list(classifier.classify(each).probabilities.values()) for each in shown]
    try:
        found = digitize(page.image)
        refused = found.verdict == "refused"
    except EcgError:
        refused = True
    unknown = [1 / len(CLASSES)] * len(CLASSES)
    rows.append(unknown if refused else list(classifier.classify(found.record).probabilities.values()))
    return np.array(rows), refused


def figures(targets: np.ndarray, probabilities: np.ndarray) -> Mapping[str, float]:
    """Area of every class by every way, their means, and the differences of these."""
    areas = {
        (way, name): auroc(targets[:, number], probabilities[:, place, number])
        for place, way in enumerate(WAYS)
        for number, name in enumerate(CLASSES)
    }
    macro = {way: float(np.nanmean([areas[way, name] for name in CLASSES])) for way in WAYS}
    return {
        **{f"{way} {name}": area for (way, name), area in areas.items()},
        **{f"{way} macro": area for way, area in macro.items()},
        **{f"{first} less {second}": macro[first] - macro[second] for first, second in PAIRS},
    }


def show(targets: np.ndarray, probabilities: np.ndarray, refused: int) -> None:
    """Print the areas, and what digitizing costs."""
    found = figures(targets, probabilities)
    names: Sequence[str] = [str(number) for number in range(len(targets))]
    between = bootstrap_intervals(figures, targets, probabilities, names)
    print(f"{len(targets)} recordings, {refused} pages refused; area under the curve")
    print(f"{'':12}{'macro':>8}{'95 %':>18}" + "".join(f"{name:>8}" for name in CLASSES))
    for way in WAYS:
        least, most = between[f"{way} macro"]
        each = "".join(f"{found[f'{way} {name}']:8.3f}" for name in CLASSES)
        print(f"{way:12}{found[f'{way} macro']:8.3f}{f'{least:.3f} to {most:.3f}':>18}{each}")
    for first, second in PAIRS:
        least, most = between[f"{first} less {second}"]
        print(f"{first} less {second}: {found[f'{first} less {second}']:.3f} ({least:.3f} to {most:.3f})")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
