"""Whether two versions of the program read the same records: one digest a set of pages, to be compared between them.

    python benchmarks/same_records.py DIR/pages/photos DIR/pages/scans DIR/pages/pdf --records DIR/records/ptbxl_500hz
    python benchmarks/same_records.py … --ecg OTHER_ENVIRONMENT/bin/ecg

A set is a folder of pages, and with `--records` 30 pages that are rendered from the first records of a folder (random
style, all layouts, as scans). The digest is over names and contents of the WFDB and CSV files that `ecg digitize`
makes, in the order of their names; what else a version writes does not count. Only the command line is used, with
options that all versions have, so any two can be compared.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

RECORD_SUFFIXES = (".hea", ".dat", ".csv")
RENDERING = ("layout=all", "style=random", "degradation=scan", "masks=false")
RENDERING_SEED = 7
SOME_FAILED = 1
ROW = "{:20} {:>6} {:>6}  {}"


def main() -> None:
    """Digitize every set and print its digest."""
    arguments = parsed()
    if arguments.out:
        arguments.out.mkdir(parents=True)
    print(ROW.format("set", "pages", "files", "sha256"))
    with nullcontext(arguments.out) if arguments.out else temporary() as out:
        for folder in arguments.pages:
            show(folder.name, read(arguments.ecg, folder.resolve(), out.resolve() / folder.name))
        if arguments.records:
            pages = rendered(arguments.ecg, arguments.records.resolve(), out.resolve() / "rendered-pages", arguments.n)
            print(ROW.format("(rendered pages)", "", len(pages), digest(pages)))
            show("rendered", read(arguments.ecg, pages[0].parent, out.resolve() / "rendered"))


def parsed() -> argparse.Namespace:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path, metavar="FOLDER", help="of pages; each is a set of its own")
    parser.add_argument("--records", type=Path, metavar="DIR", help="records to render pages from, one more set")
    parser.add_argument("-n", type=int, default=30, help="how many of them")
    parser.add_argument("--ecg", type=Path, default=Path(sys.executable).with_name("ecg"), help="command to try")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep everything here, in a new folder")
    arguments = parser.parse_args()
    names = [folder.name for folder in arguments.pages]
    if not names and not arguments.records:
        parser.error("name a folder of pages, or one of records by --records")
    if len(set(names)) < len(names) or "rendered" in names:
        parser.error("the folders of pages need names of their own, and none may be called rendered")
    return arguments


@contextmanager
def temporary() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def read(ecg: Path, folder: Path, out: Path) -> list[Path]:
    """The files of every record that is read from a folder of pages."""
    run(ecg, "digitize", folder, "--out", out)
    headers = sorted(out.rglob("*.hea"))
    return [file for header in headers for suffix in RECORD_SUFFIXES if (file := header.with_suffix(suffix)).is_file()]


def rendered(ecg: Path, records: Path, out: Path, count: int) -> list[Path]:
    """Pages rendered from the first records of a folder."""
    settings = [f"inputs=[{records}]", f"limit={count}", *RENDERING]
    options = [word for setting in settings for word in ("--set", setting)]
    run(ecg, "run", "render.pages", *options, "--seed", RENDERING_SEED, "--out", out)
    pages = sorted(out.rglob("*.png"))
    if not pages:
        sys.exit(f"no page was rendered from {records}")
    return pages


def run(ecg: Path, *words: str | Path | int) -> None:
    """Run the command; pages that cannot be read are part of the result, anything else ends the comparison."""
    line = [str(ecg), *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode not in (0, SOME_FAILED):
        sys.exit(f"{' '.join(line)} ended with {done.returncode}:\n{done.stderr}")
    if done.returncode == SOME_FAILED:
        print(done.stderr[-2000:], file=sys.stderr)


def show(name: str, files: list[Path]) -> None:
    """Print the row of a set."""
    num_pages = sum(file.suffix == ".hea" for file in files)
    print(ROW.format(name, num_pages, len(files), digest(files)), flush=True)


def digest(files: Iterable[Path]) -> str:
    """One SHA-256 over names and contents, in the order of the names."""
    found = hashlib.sha256()
    for file in sorted(files, key=lambda each: each.name):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        found.update(f"{file.name} {content}\n".encode())
    return found.hexdigest()


if __name__ == "__main__":
    main()
