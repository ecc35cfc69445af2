"""Batches made ahead by other processes: our own prefetching beside torch's DataLoader, on the CPU.

Usage: python benchmarks/prefetch.py [--workers 2] [--rounds 7] [--starts 3] [--kills 3] [--makes crops paced …]

Both are given the same function that makes a batch by its number, the same number of fresh (spawned) processes of one
thread each and as many batches ahead, and are measured in turns, in short rounds; figures are medians. DataLoader runs
with persistent workers and without pinned memory.

- ``crops``: eight crops of pages drawn from synthetic records, as ``seg.train`` makes them.
- ``paced``: 20 ms of waiting a batch: what is lost shows as a rate below workers / 20 ms.
- ``uneven``: as ``paced``, but one batch in eight, at random, takes eight times as long.
- ``cheap``: nothing but 3 MB of zeros: what it costs to bring a batch over.

The last table kills a worker while the program does something else for a second and then asks for batches.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from ecg_core import synthesize_record, write_record
from ecg_core.training.prefetch import BATCHES_AHEAD_PER_WORKER, made_ahead

Make = Callable[[int], Any]
Contender = Callable[[Make, Sequence[int] | Iterator[int], int], Iterator[Any]]
"""Batches of a function and numbers by so many workers."""

OWN, TORCH = "own", "DataLoader"
PACE_S = 0.02
BATCHES_A_ROUND = {"crops": 10, "paced": 100, "uneven": 100, "cheap": 100}
RESUMED_AT = 100_000


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--makes", nargs="+", default=list(BATCHES_A_ROUND), choices=list(BATCHES_A_ROUND))
    arguments = parser.parse_args()
    print(f"torch {torch.__version__}, {os.cpu_count()} cores, {arguments.workers} workers")
    with tempfile.TemporaryDirectory() as folder:
        makes = {name: make_by_name(name, Path(folder)) for name in arguments.makes}
        print_heading("batches a second")
        for name, make in makes.items():
            print_ratios(name, rates(name, make, arguments))
        print_heading(f"seconds until a first batch ({arguments.makes[-1]})")
        for name, found in waits(makes[arguments.makes[-1]], arguments).items():
            print_ratios(name, found)
    print_deaths(arguments)


def make_by_name(name: str, folder: Path) -> Make:
    """What makes a batch of a kind."""
    if name != "crops":
        return {"paced": paced, "uneven": uneven, "cheap": cheap}[name]
    from ecg_seg.classes import class_set  # the other kinds' workers start sooner without
    from ecg_seg.data.endless import endless_crops
    from ecg_seg.options import EndlessConfig, SegDataRequest

    for seed in range(20):
        write_record(synthesize_record(seed=seed), folder / f"{seed:02}.hea")
    request = SegDataRequest(classes=class_set("classes"), batch_size=8, workers=0, seed=0)
    data = endless_crops(EndlessConfig(records=(str(folder),)), request)
    return partial(data._batch, data.train)


def paced(number: int) -> dict[str, torch.Tensor]:
    """Wait, and make next to nothing."""
    time.sleep(PACE_S)
    return {"number": torch.tensor(number)}


def uneven(number: int) -> dict[str, torch.Tensor]:
    """Wait, sometimes long, and make next to nothing."""
    time.sleep(PACE_S * (8 if np.random.default_rng(number).random() < 1 / 8 else 1))
    return {"number": torch.tensor(number)}


def cheap(number: int) -> dict[str, torch.Tensor]:
    """Make much without work."""
    return {"image": torch.zeros((16, 3, 256, 256), dtype=torch.uint8), "number": torch.tensor(number)}


def own(make: Make, numbers: Sequence[int] | Iterator[int], workers: int) -> Iterator[Any]:
    """Ours."""
    first, stop = (numbers[0], numbers[-1] + 1) if isinstance(numbers, Sequence) else (next(numbers), None)
    return made_ahead(make, start=first, stop=stop, workers=workers)


class Made(Dataset[Any]):
    """Item number ``n`` is batch number ``n``."""

    def __init__(self, make: Make) -> None:
        self._make = make

    def __getitem__(self, number: int) -> Any:
        return self._make(number)


class Numbers:
    """What a loader's workers are to make; they are kept from pass to pass, the numbers are not."""

    def __init__(self) -> None:
        self.of_pass: Sequence[int] | Iterator[int] = ()

    def __iter__(self) -> Iterator[int]:
        return iter(self.of_pass)


class Loaders:
    """torch's, one loader for passes with the same function, as our own keeps its workers."""

    def __init__(self) -> None:
        self._loaders: dict[Make, tuple[DataLoader[Any], Numbers]] = {}

    def __call__(self, make: Make, numbers: Sequence[int] | Iterator[int], workers: int) -> Iterator[Any]:
        if make not in self._loaders:
            sampler = Numbers()
            self._loaders[make] = loader_of(make, sampler, workers), sampler
        loader, sampler = self._loaders[make]
        sampler.of_pass = numbers
        return iter(loader)

    def close(self) -> None:
        """End the workers."""
        self._loaders.clear()


def loader_of(make: Make, sampler: Numbers, workers: int) -> DataLoader[Any]:
    """A loader with the same settings as our own."""
    return DataLoader(
        Made(make),
        sampler=sampler,
        batch_size=None,
        num_workers=workers,
        prefetch_factor=BATCHES_AHEAD_PER_WORKER,
        multiprocessing_context="spawn",
        worker_init_fn=use_one_core,
        persistent_workers=True,
        pin_memory=False,
    )


def use_one_core(_worker: int) -> None:
    """Keep OpenCV to one thread, as our own workers do; of its own threads torch sees to that by itself."""
    cv2.setNumThreads(1)


def rates(name: str, make: Make, arguments: argparse.Namespace) -> dict[str, list[float]]:
    """Batches a second of both, round by round."""
    loaders = Loaders()
    running = {OWN: own(make, count(), arguments.workers), TORCH: loaders(make, count(), arguments.workers)}
    found: dict[str, list[float]] = {each: [] for each in running}
    for number in range(arguments.rounds):
        for each in in_turns(running, number):
            found[each].append(rate(running[each], arguments.workers, BATCHES_A_ROUND[name]))
    running[OWN].close()  # type: ignore[attr-defined]
    del running
    loaders.close()
    return found


def rate(batches: Iterator[Any], workers: int, num_batches: int) -> float:
    """Batches a second, after those that were made while it was the other one's turn."""
    for _ in islice(batches, workers * BATCHES_AHEAD_PER_WORKER + 1):
        pass
    start = time.perf_counter()
    for batch in islice(batches, num_batches):
        for tensor in batch.values():
            tensor.clone()  # reads all of it, as moving it to a device does
    return num_batches / (time.perf_counter() - start)


def waits(make: Make, arguments: argparse.Namespace) -> dict[str, dict[str, list[float]]]:
    """Seconds until the first batch: of fresh workers, of those that wait since the last pass, and of a resumed run."""
    cases = ("first pass", "next pass", "resumed")
    found: dict[str, dict[str, list[float]]] = {case: {OWN: [], TORCH: []} for case in cases}
    for number in range(arguments.starts):
        loaders = Loaders()
        contenders: dict[str, Contender] = {OWN: own, TORCH: loaders}
        for each in in_turns(contenders, number):
            fresh, resumed = (partial(renamed, make, f"{each} {number} {name}") for name in ("fresh", "resumed"))
            passes = (fresh, 0), (fresh, 8), (resumed, RESUMED_AT)
            for case, (function, first) in zip(cases, passes, strict=True):
                begin = partial(contenders[each], function, range(first, first + 8), arguments.workers)
                found[case][each].append(seconds_to_first(begin, first))
        loaders.close()
    return found


def renamed(make: Make, _name: str, number: int) -> Any:
    """The same, as a function that no worker waits for yet."""
    return make(number)


def seconds_to_first(begin: Callable[[], Iterator[Any]], first: int) -> float:
    """Seconds until a first batch is there; takes the others too, to the end of the pass."""
    start = time.perf_counter()
    batches = begin()
    batch = next(batches)
    seconds = time.perf_counter() - start
    assert int(batch.get("number", first)) == first, "another batch than the one that was asked for"
    for _ in batches:
        pass
    return seconds


def print_deaths(arguments: argparse.Namespace) -> None:
    """What each says when a worker is killed, and where the program is when it says so."""
    print("\na worker is killed while the program does something else")
    for name in (OWN, TORCH):
        for at_work in (True, False):
            said = {said_of_death(name, at_work, arguments.workers) for _ in range(arguments.kills)}
            print(f"  {name}, {'in a pass' if at_work else 'between passes'}:")
            for each in sorted(said):
                print(f"    {each}")


def said_of_death(name: str, at_work: bool, workers: int) -> str:
    """Where and how the death of a worker comes up."""
    loaders = Loaders()
    contender: Contender = own if name == OWN else loaders
    make = partial(renamed, paced, f"{time.monotonic()}")
    before = {process.pid for process in multiprocessing.active_children()}
    batches = contender(make, range(8), workers)
    for _ in islice(batches, 1 if at_work else 8):
        pass
    started = [process for process in multiprocessing.active_children() if process.pid not in before]
    place = "elsewhere"
    try:
        os.kill(started[0].pid or 0, signal.SIGKILL)
        something_else()
        place = "where a batch is asked for"
        for _ in batches if at_work else contender(make, range(8, 16), workers):
            pass
    except Exception as error:  # noqa: BLE001 - that is the question
        return f"{place}: {type(error).__name__}: {' '.join(str(error).split())}"
    finally:
        del batches
        loaders.close()
    return "nothing: all batches come"


def something_else() -> None:
    """A step of the optimizer, say, or the writing of a checkpoint."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        np.linalg.norm(np.ones(1000))


def in_turns(contenders: dict[str, Any], number: int) -> list[str]:
    """Both names, the other one first in every other round."""
    return sorted(contenders, reverse=bool(number % 2))


def print_heading(title: str) -> None:
    """The first line of a table."""
    print(f"\n{title:36}{OWN:>10}{TORCH:>12}{'own to DataLoader':>22}")


def print_ratios(name: str, found: dict[str, list[float]]) -> None:
    """A line of medians, and the median of the ratios of the rounds."""
    ratios = [ours / theirs for ours, theirs in zip(found[OWN], found[TORCH], strict=True)]
    spread = f"{np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    print(f"{name:36}{np.median(found[OWN]):10.2f}{np.median(found[TORCH]):12.2f}{spread:>22}", flush=True)


if __name__ == "__main__":
    main()
