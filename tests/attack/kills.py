"""Runs that are killed with no warning, and gone on with: what they leave must be what an undisturbed run leaves.

A run is killed (SIGKILL) at a moment drawn by chance, started again by the same command with ``--resume``, and so on
until it ends by itself. Then every file it made is compared, byte for byte, with those of a run that nobody killed.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

VARIES = ("run.log", "config.yaml", ".ledger.jsonl", ".notes", "events.out")
"""Files that tell when and how something was done, by what their names contain."""

UNSTABLE = ("per_s", "seconds", "time", "journal_bytes")
"""Figures of JSON files that no two runs share: how fast it went, and how long the lines are that tell so."""

MAX_SECONDS = 300


@attrs.frozen
class Job:
    """A run to kill.

    Attributes:
        words: of the command, without the run folder.
        needs: module without which it cannot run.
    """

    words: tuple[str, ...]
    needs: str = "ecg_core"


@attrs.frozen
class Killed:
    """What came of a job that was killed.

    Attributes:
        kills: how often it was killed before it ended.
        differing: files that are not as those of an undisturbed run, that are missing, or too many.
        orphans: processes that it left behind.
    """

    kills: int
    differing: tuple[str, ...]
    orphans: tuple[int, ...]


def jobs(inputs: Path) -> Mapping[str, Job]:
    """A training, a batch of pages, a rendering and a preparation, each of some seconds.

    Args:
        inputs: gets the records and pages that they work on.
    """
    records, pages = _make_records(inputs / "records", 12), inputs / "pages"
    few = ("--set", f"inputs=[{records}]", "--set", "dots_per_inch=100", "--set", "masks=false")
    _ecg("run", "render.pages", *few, "--out", str(pages))
    for extra in sorted(pages.glob("*.png"))[5:]:
        extra.unlink()
    training = ("--set", "epochs=8", "--set", "batches=20", "--backend", "cpu", "--set", "checkpoint_every_steps=20")
    return {
        "training": Job(("run", "demo.fit", *training), "torch"),
        "batch": Job(("digitize", str(pages)), "ecg_digitize"),
        "rendering": Job(("run", "render.pages", "--set", f"inputs=[{records}]"), "ecg_render"),
        "preparation": Job(("run", "classify.prepare", "--set", f"records=[{records}]"), "ecg_classify"),
    }


def killed(job: Job, number: int, seed: int) -> Iterator[Killed]:
    """Kill a job that often, beginning anew whenever it has ended by itself."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="killed-") as place:
        begun = time.perf_counter()
        _ecg(*job.words, "--out", str(Path(place, "whole")))
        lasts_s = time.perf_counter() - begun
        whole = _contents(Path(place, "whole"))
        while number > 0:
            with tempfile.TemporaryDirectory(dir=place) as out:
                kills, orphans = _killed_until_it_ends([*job.words, "--out", f"{out}/run"], lasts_s, number, chance)
                found = _contents(Path(out, "run"))
            number -= kills
            if kills:
                differing = sorted(name for name in whole.keys() | found.keys() if whole.get(name) != found.get(name))
                yield Killed(kills, tuple(differing), tuple(orphans))


def _killed_until_it_ends(words: list[str], lasts_s: float, most: int, chance: random.Random) -> tuple[int, list[int]]:
    kills, orphans = 0, []
    while True:
        resumed = ["--resume"] if Path(words[-1], "config.yaml").exists() else []
        process = subprocess.Popen(
            _command(*words, *resumed), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
        try:
            _, told = process.communicate(timeout=chance.uniform(0, 1.1 * lasts_s) if kills < most else MAX_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            orphans += left_behind(process.pid)
            continue
        if process.returncode:
            raise AssertionError(f"{' '.join(words)} ended with {process.returncode}: {told.decode(errors='replace')}")
        return kills, orphans


def left_behind(session: int, within_s: float = 10.0) -> list[int]:
    """Processes of a session that still live after some seconds."""
    until = time.monotonic() + within_s
    while (living := list(_of_session(session))) and time.monotonic() < until:
        time.sleep(0.1)
    return living


def _of_session(session: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, found = stat.read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):  # it ended meanwhile
            continue
        if int(found) == session and state != "Z":
            yield int(stat.parent.name)


def _make_records(folder: Path, number: int) -> Path:
    from ecg_core import synthesize_record, write_record

    for seed in range(number):
        write_record(synthesize_record(seed=seed), folder / f"{seed:02d}.hea")
    return folder


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "ecg_core.cli", *words]


def _ecg(*words: str) -> None:
    done = subprocess.run(_command(*words), capture_output=True, check=False, timeout=MAX_SECONDS, env=os.environ)
    if done.returncode:
        raise AssertionError(f"ecg {' '.join(words)}: {done.stderr.decode(errors='replace')}")


def _contents(folder: Path) -> dict[str, str]:
    """A digest of every file of a run that must come out the same."""
    return {
        path.relative_to(folder).as_posix(): _digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part in path.name for part in VARIES)
    }


def _digest(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix in (".json", ".jsonl"):
        lines = [content] if path.suffix == ".json" else content.splitlines()
        content = json.dumps([_stable(json.loads(line)) for line in lines]).encode()
    return hashlib.sha256(content).hexdigest()


def _stable(tree: object) -> object:
    if isinstance(tree, dict):
        return {key: _stable(value) for key, value in tree.items() if not any(word in key for word in UNSTABLE)}
    return [_stable(each) for each in tree] if isinstance(tree, list) else tree
