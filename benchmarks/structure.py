"""Whether `ecg digitize` understands real pages of many makers: their rows of leads, their speed and their gain.

    nox -s bench -- structure --real SET_DIR [--jobs 2] [--json FILE]
    nox -s bench -- structure --real SET_DIR --read OUT_DIR

`SET_DIR` holds pages and a `structure.json` that says of each what a person sees on it: `file`, `page` (from 1, of
documents), `rows` (names as printed, `?` where none can be read), `speed_mm_per_s` and `gain_mm_per_mv` (null where the
page does not tell), `refusal_ok`, `readable_by_human`, `kind`, `maker`. `OUT_DIR` is what an earlier `ecg digitize`
made of them; without it the pages are read now, into `--out` where it is to stay. Pages are right, told (refused or
doubtful) or silent; see `ecg_digitize.evaluation.structure`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from ecg_core.atomic import atomic_write_text
from ecg_digitize.evaluation.structure import (
    PrintedStructure,
    ReadStructure,
    StructureScore,
    score_structure,
    structure_counts,
)
from ecg_digitize.pages.files import QUALITY_SUFFIX

DONE, SOME_FAILED = 0, 1
AIMS = {"right": 0.85, "silent": 0, "leads called good wrongly": 2, "refused though readable": 0.05}
ROW = "{:36} {:>5} {:>5} {:>5} {:>5} {:>6} {:>7} {:>23} {:>25}"


@attrs.frozen(kw_only=True)
class Scored:
    """A page and what became of it."""

    name: str
    kind: str
    maker: str
    score: StructureScore


def main() -> None:
    """Read the pages where that is to be done, score them, print and write the tables."""
    arguments = parsed()
    pages: list[dict[str, Any]] = json.loads((arguments.real / "structure.json").read_text(encoding="utf-8"))
    with folder_of(arguments.read or arguments.out) as out:
        if not arguments.read:
            files = dict.fromkeys(str(arguments.real / page["file"]) for page in pages)
            digitize(arguments.ecg, list(files), out, jobs=arguments.jobs)
        scored = [score(page, out) for page in pages]
    show(scored)
    if arguments.json:
        atomic_write_text(arguments.json, json.dumps(as_plain(scored), indent=1) + "\n")


def parsed() -> argparse.Namespace:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True, metavar="SET_DIR", help="pages with their structure.json")
    parser.add_argument("--read", type=Path, metavar="OUT_DIR", help="what was read of them; by default they are read")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep what is read here, in a new folder")
    parser.add_argument("--ecg", type=Path, default=Path(sys.executable).with_name("ecg"), help="command to try")
    parser.add_argument("--jobs", type=int, default=1, help="processes that read pages")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write pages and counts here, too")
    arguments = parser.parse_args()
    if arguments.read and arguments.out:
        parser.error("--read scores what was read before; nothing is written to --out then")
    return arguments


@contextmanager
def folder_of(given: Path | None) -> Iterator[Path]:
    """The folder, or one that is gone afterwards."""
    if given:
        yield given
        return
    with TemporaryDirectory() as folder:
        yield Path(folder) / "read"


def digitize(ecg: Path, files: Sequence[str], out: Path, *, jobs: int) -> None:
    """Run the command; pages that cannot be read are part of the result, anything else ends the benchmark."""
    words = [str(ecg), "digitize", *files, "--out", str(out), "--workers", str(jobs)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode not in (DONE, SOME_FAILED):
        sys.exit(f"{' '.join(words[:2])} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def score(page: Mapping[str, Any], out: Path) -> Scored:
    """What became of a page of `structure.json`."""
    printed = PrintedStructure.from_plain(page)
    quality = quality_of(page, out)
    read = None if quality is None else ReadStructure.from_plain(json.loads(quality.read_text(encoding="utf-8")))
    return Scored(
        name=page["file"] + (f" p{page['page']}" if page.get("page") else ""),
        kind=page.get("kind", ""),
        maker=page.get("maker", "").partition(" (")[0].partition(":")[0],
        score=score_structure(printed, read),
    )


def quality_of(page: Mapping[str, Any], out: Path) -> Path | None:
    """The file that says how a page was read: with its number in a document of several, without where there is one."""
    stem, number = Path(page["file"]).stem, page.get("page")
    stems = [f"{stem}-p{number}"] * bool(number) + [stem] * (number in (None, 1))
    return next((file for name in stems if (file := out / f"{name}{QUALITY_SUFFIX}").exists()), None)


def show(scored: Sequence[Scored]) -> None:
    """Print every page that is not right, then the counts by kind, by maker and of all."""
    for each in scored:
        if each.score.outcome != "right" or each.score.wrongly_good:
            good = f"  called good wrongly: {' '.join(each.score.wrongly_good)}" if each.score.wrongly_good else ""
            print(f"{each.score.outcome:7} {each.name:44} {'; '.join(each.score.faults)[:110]}{good}")
    print("\n" + ROW.format("", *structure_counts([])))
    for name, own in (*groups(scored, lambda each: each.kind), *groups(scored, lambda each: each.maker)):
        show_row(name, own)
    show_row("all", scored)
    aims = (f"{name} {aim:.0%}" if isinstance(aim, float) else f"{name} {aim}" for name, aim in AIMS.items())
    print(f"aims: {', '.join(aims)}")


def show_row(name: str, scored: Sequence[Scored]) -> None:
    """Print the counts of some pages."""
    print(
        ROW.format(name[:36], *(f"{value:.0%}" if key == "share" else value for key, value in counts(scored).items()))
    )


def counts(scored: Sequence[Scored]) -> dict[str, float]:
    """The counts of some pages."""
    return structure_counts([each.score for each in scored])


def groups(scored: Sequence[Scored], key: Callable[[Scored], str]) -> list[tuple[str, list[Scored]]]:
    """The pages of each kind or maker, by name."""
    return [(name, [each for each in scored if key(each) == name]) for name in sorted({key(each) for each in scored})]


def as_plain(scored: Sequence[Scored]) -> dict[str, Any]:
    """Pages and counts for JSON."""
    return {
        "aims": AIMS,
        "all": counts(scored),
        "kinds": {name: counts(own) for name, own in groups(scored, lambda each: each.kind)},
        "makers": {name: counts(own) for name, own in groups(scored, lambda each: each.maker)},
        "pages": {each.name: attrs.asdict(each.score) for each in scored},
    }


if __name__ == "__main__":
    main()
