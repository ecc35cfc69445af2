"""Task `render.kaggle_subset`: some records of the digitization competition, with their pictures."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterable
from pathlib import Path

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution import map_items
from ecg_core.progress import progress
from ecg_render.tasks.kaggle_client import Competition, sign_in

log = logging.getLogger(__name__)

INDEX = "train.csv"
SAFE_ID = re.compile(r"[A-Za-z0-9_]+")
PICTURE_NUMBER = re.compile(r"\d{4}")


@attrs.frozen(kw_only=True)
class KaggleSubsetConfig:
    """Options of `render.kaggle_subset`."""

    num_records: int = option(10, minimum=1, help="how many records, chosen at random by the run's seed")
    pictures: tuple[str, ...] = option(
        factory=tuple, help="numbers of the pictures of each record, 0001 say; none named: all that Kaggle lists"
    )
    competition: str = option("physionet-ecg-image-digitization", help="name of the competition as in its address")
    overwrite: bool = option(False, help="fetch again what is there")


def run(config: KaggleSubsetConfig, context: RunContext) -> TaskResult:
    """Fetch ``train.csv`` and, for each record chosen, its signal and pictures, as they lie in the competition.

    A run over a folder fetches only what is not there. With one seed, a greater subset holds every smaller one.

    Raises:
        ConfigError: the number of a picture is none.
        PluginBroken: the package kaggle is not installed.
        DataError: no token, rules not accepted, no such competition, no network; the message says which.
    """
    _check_pictures(config.pictures)
    competition = Competition(name=config.competition, client=sign_in())
    return fetch_subset(competition, config, out_dir=context.out_dir, seed=context.seed)


def fetch_subset(competition: Competition, config: KaggleSubsetConfig, *, out_dir: Path, seed: int) -> TaskResult:
    """Fetch the subset from a competition that has been signed in to.

    Raises:
        DataError: the table of the records cannot be fetched or read, or the files cannot be listed.
    """
    index = out_dir / INDEX
    if config.overwrite or not index.exists():
        competition.download(INDEX, index)
    ids = choose_ids(read_ids(index), config.num_records, seed)
    names = _file_names(competition, ids, config.pictures)
    missing = [name for name in names if config.overwrite or not (out_dir / name).exists()]
    num_there = len(names) - len(missing)
    failures = []
    with progress(len(names), "render.kaggle_subset", unit="files", done=num_there) as bar:
        for outcome in map_items(lambda name: competition.download(name, out_dir / name), missing):
            if outcome.error is not None:
                failures.append(Failure.from_error(outcome.item, outcome.error))
            bar.advance()
    summary = {
        "records": len(ids),
        "files fetched": len(missing) - len(failures),
        "already there": num_there,
        "folder": str(out_dir),
    }
    return TaskResult(summary=summary, failures=failures)


def read_ids(index: Path) -> list[str]:
    """Names of the records in the competition's table.

    Raises:
        DataError: it is no table with a column ``id`` of plain names.
    """
    try:
        with index.open(newline="", encoding="utf-8") as file:
            ids = [row["id"] for row in csv.DictReader(file)]
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{index}: no table with a column id; remove it and start again") from error
    if strange := [each for each in ids if not (each and SAFE_ID.fullmatch(each))]:
        raise DataError(f"{index}: {strange[0]!r} is no name of a record; remove the file and start again")
    if not ids:
        raise DataError(f"{index}: it lists no record; remove it and start again")
    return ids


def choose_ids(ids: Iterable[str], num_records: int, seed: int) -> list[str]:
    """A random choice; more of them with the same seed begin with the same ones."""
    known = sorted(set(ids))
    if num_records > len(known):
        log.warning("num_records: %d asked for, the competition has %d; taking all", num_records, len(known))
    order = np.random.default_rng(seed).permutation(len(known))
    return [known[place] for place in order[:num_records]]


def _check_pictures(numbers: Iterable[str]) -> None:
    for number in numbers:
        if not PICTURE_NUMBER.fullmatch(number):
            raise ConfigError(f"pictures: {number!r} is not the number of a picture; they have four digits, '0001' say")


def _file_names(competition: Competition, ids: list[str], pictures: tuple[str, ...]) -> list[str]:
    """Signal and pictures of each record, as paths within the competition."""
    signals = [f"train/{each}/{each}.csv" for each in ids]
    if pictures:
        wanted = [f"train/{each}/{each}-{number}.png" for each in ids for number in pictures]
    else:
        chosen = set(ids)
        wanted = [name for name in competition.file_names() if _record_of_picture(name) in chosen]
    return sorted(signals + wanted)


def _record_of_picture(file_name: str) -> str | None:
    match = re.fullmatch(r"train/(\w+)/\1-\d{4}\.png", file_name)
    return match[1] if match else None
