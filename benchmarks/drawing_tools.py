"""How well pages are read that public tools draw, whose recordings are known: structure, and SNR lead by lead.

    nox -s bench -- drawing_tools [--tools dicom-ecg-plot ecg-plot] [--records 2] [--jobs 2] [--json FILE]

Each tool is installed from the package index into an environment of its own, gone afterwards (`--environments DIR`
keeps them), and draws recordings as PNG of 150 and 200 dpi and as PDF. A tool that cannot be installed is told and
passed over. What a tool draws is the truth, after any filter of its own. Every lead is to have at least 17 dB: the
competition's SNR, lead by lead, each at its own lag, see `ecg_core.metrics.snr`. A refused page counts as zeros.

What a picture of so few pixels can show is told beside it: the SNR of an ideal reader that knows the mean height of the
trace in every column of pixels exactly, and nothing of how it runs within. Noise of small leads, drawn as it is from
500 samples a second, is finer than that.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import numpy as np
from scipy.interpolate import CubicSpline

from ecg_core import Record, competition_snr, synthesize_record
from ecg_core.atomic import atomic_write_text
from ecg_core.errors import DataError
from ecg_core.execution import map_items
from ecg_core.formats import find_records, read_record
from ecg_core.leads import LIMB_LEADS, STANDARD_LEADS
from ecg_core.metrics.snr import MIN_DB, restrict_to_layout
from ecg_core.paper import MM_PER_INCH, Layout, boxes_mm
from ecg_digitize import digitize, load_pages
from ecg_digitize.evaluation.structure import PrintedStructure, ReadStructure, score_structure

AIM_DB = 17.0
SHOWN_S = 10.0
RATE_HZ = 500.0
PEERS = Path(__file__).parent / "peers"
FORMATS = (("png", 150), ("png", 200), ("pdf", 200))
SPEED_MM_PER_S = 25.0
FINER = 16
"""Points of a trace between two samples, for its mean over a column of pixels."""

ROW = "{:20} {:16} {:9} {:>5} {:>9} {:>8} {:>11} {:>9} {:>6} {:>15}  {}"
HEAD = (
    "tool",
    "layout",
    "format",
    "pages",
    "structure",
    "mean dB",
    "worst lead",
    "its bound",
    "aim",
    "good/doubt/ref",
    "not as printed",
)

THREE_ROWS = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
SIX_ROWS = tuple(zip(STANDARD_LEADS[:6], STANDARD_LEADS[6:], strict=True))


def _layout(name: str, rows: Sequence[Sequence[str]], **changes: Any) -> Layout:
    """A layout of which only the order of the leads and their times matter."""
    num_rows = len(rows) + len(changes.get("rhythm_leads", ()))
    return Layout(name=name, rows=rows, baselines_mm=boxes_mm(*range(1, num_rows + 1)), **changes)


LAYOUTS = (
    _layout("3x4 + V1", THREE_ROWS, rhythm_leads=("V1",)),
    _layout("6x2", SIX_ROWS),
    _layout("12x1", [(lead,) for lead in STANDARD_LEADS]),
    _layout("6x1", [(lead,) for lead in LIMB_LEADS]),
)
SAME_SECONDS = (
    _layout("3x4 same seconds", THREE_ROWS, timing="simultaneous"),
    _layout("6x2 same seconds", SIX_ROWS, timing="simultaneous"),
    *LAYOUTS[2:],
)


@attrs.frozen(kw_only=True)
class Tool:
    """A public drawing tool.

    Attributes:
        name: for the table.
        packages: what to install.
        script: what draws by it, in `PEERS`.
        layouts: what it can draw.
    """

    name: str
    packages: tuple[str, ...]
    script: str
    layouts: tuple[Layout, ...] = LAYOUTS


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(name="dicom-ecg-plot", packages=("dicom-ecg-plot==1.4.*", "pydicom==3.*"), script="dicom_ecg_plot.py"),
        Tool(name="ecg-plot", packages=("ecg-plot==0.3.*", "cairosvg", "pillow"), script="ecg_plot.py"),
        Tool(
            name="ecg-plot-0.2",
            packages=("ecg-plot==0.2.*", "matplotlib", "numpy"),
            script="ecg_plot_matplotlib.py",
            layouts=SAME_SECONDS,
        ),
    )
}


@attrs.frozen(kw_only=True)
class Drawn:
    """A page that a tool drew."""

    tool: str
    layout: Layout
    format: str
    file: Path
    truth: Record


@attrs.frozen(kw_only=True)
class Scored:
    """How well a page was read."""

    tool: str
    layout: str
    format: str
    record: str
    verdict: str
    outcome: str
    faults: tuple[str, ...]
    page_db: float
    ratio: float
    lead_db: dict[str, float]
    bound_db: dict[str, float]
    """The same of an ideal reader of the picture; none of a vector format."""


def main() -> None:
    """Install, draw, read, and report."""
    arguments = parsed()
    records = records_of(arguments.data, arguments.records)
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pages: list[Drawn] = []
        for name in arguments.tools:
            tool = chosen(TOOLS[name], arguments.layouts)
            pages += drawn_by(tool, records, arguments.environments or folder / "environments", folder / name)
        if not pages:
            sys.exit(
                "nothing was drawn: no tool could be installed (it needs the package index), or none has the layout"
            )
        scored = list(read(pages, jobs=arguments.jobs))
        if arguments.keep:
            shutil.copytree(folder, arguments.keep, ignore=shutil.ignore_patterns("environments"), dirs_exist_ok=True)
    show(scored)
    if arguments.json:
        content = {"aim_db": AIM_DB, "pages": [attrs.asdict(each) for each in scored]}
        atomic_write_text(arguments.json, json.dumps(content, indent=1) + "\n")


def parsed() -> argparse.Namespace:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", nargs="+", default=list(TOOLS), choices=list(TOOLS))
    parser.add_argument("--layouts", nargs="+", metavar="NAME", help="of those that the tools can draw; all by default")
    parser.add_argument("--records", type=int, default=2, help="recordings that each tool draws")
    parser.add_argument("--data", type=Path, help="folder of recordings of twelve leads; made-up ones by default")
    parser.add_argument("--jobs", type=int, default=1, help="processes that read pages")
    parser.add_argument(
        "--environments", type=Path, metavar="DIR", help="keep what is installed here, and use it again"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the drawn pages here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every page here, too")
    return parser.parse_args()


def chosen(tool: Tool, names: Sequence[str] | None) -> Tool:
    """The tool with those of its layouts that are asked for."""
    layouts = [layout for layout in tool.layouts if names is None or layout.name in names]
    return attrs.evolve(tool, layouts=tuple(layouts))


def records_of(folder: Path | None, count: int) -> list[Record]:
    """So many recordings of 10 s, spread over the folder, or made up."""
    if folder is None:
        return [synthesize_record(seed=seed, duration_s=SHOWN_S, name=f"made up {seed}") for seed in range(count)]
    found = list(find_records(folder))
    chosen = [found[index] for index in np.linspace(0, len(found) - 1, min(count, len(found))).round().astype(int)]
    return [cut(read_record(location).resample(RATE_HZ).select(STANDARD_LEADS)) for location in chosen]


def cut(record: Record) -> Record:
    """The first 10 s, what is not known as 0 mV: not every tool can draw a gap."""
    return attrs.evolve(record, signal_mv=np.nan_to_num(record.signal_mv[:, : round(SHOWN_S * RATE_HZ)]))


def drawn_by(tool: Tool, records: Sequence[Record], environments: Path, out: Path) -> list[Drawn]:
    """Every page that the tool draws; none where it cannot be installed."""
    try:
        python = installed(tool, environments / tool.name)
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", None) or str(error)
        print(f"{tool.name} is passed over, it cannot be installed: {told.strip()[-400:]}", file=sys.stderr)
        return []
    return [page for number, record in enumerate(records) for page in draw(tool, python, record, out / str(number))]


def installed(tool: Tool, folder: Path) -> Path:
    """The Python of an environment that has the tool, made where it is not there.

    Raises:
        OSError, CalledProcessError: it cannot be made.
    """
    python = folder / "bin" / "python"
    if python.exists():
        return python
    uv = shutil.which("uv")
    make = [uv, "venv", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
    install = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
    try:
        run(*make, folder)
        run(*install, *tool.packages)
    except subprocess.CalledProcessError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return python


def run(*words: str | Path) -> None:
    """Run a command; `CalledProcessError` holds what it said."""
    subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True)


def draw(tool: Tool, python: Path, record: Record, out: Path) -> list[Drawn]:
    """The pages of one recording, in every layout and format.

    The job that the tool's script gets is a JSON file: `signal` (`.npy`, millivolts, leads by samples), `lead_names`,
    `sampling_rate_hz`, `drawn` (where it writes the millivolts that it really drew, `.npy`), and `pages`, each with
    `file`, `dots_per_inch`, `rows` (lead names, rhythm rows last), `rhythm_leads` and `record_s` (seconds to show).
    """
    out.mkdir(parents=True)
    job = out / "job.json"
    files = {(layout, kind): out / file_name(layout, *kind) for layout in tool.layouts for kind in FORMATS}
    pages = [
        {
            "file": str(file),
            "dots_per_inch": kind[1],
            "rows": [*map(list, layout.rows), *([lead] for lead in layout.rhythm_leads)],
            "rhythm_leads": list(layout.rhythm_leads),
            "record_s": layout.record_s,
        }
        for (layout, kind), file in files.items()
    ]
    np.save(out / "signal.npy", record.signal_mv)
    names = {"signal": str(out / "signal.npy"), "drawn": str(out / "drawn.npy")}
    content = {**names, "lead_names": record.lead_names, "sampling_rate_hz": record.sampling_rate_hz, "pages": pages}
    job.write_text(json.dumps(content), encoding="utf-8")
    try:
        run(python, PEERS / tool.script, job)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{tool.name} does not draw as {tool.script} asks it to:\n{error.stderr[-2000:]}")
    drawn = attrs.evolve(record, signal_mv=np.load(out / "drawn.npy").astype(np.float32))
    return [
        Drawn(
            tool=tool.name,
            layout=layout,
            format=kind[0] if kind[0] == "pdf" else f"{kind[0]} {kind[1]}",
            file=file,
            truth=restrict_to_layout(drawn, layout),
        )
        for (layout, kind), file in files.items()
    ]


def file_name(layout: Layout, suffix: str, dots_per_inch: int) -> str:
    """A file's name of letters that need no quotes."""
    return f"{layout.name.replace(' ', '').replace('+', '-')}-{dots_per_inch}.{suffix}"


def read(pages: Sequence[Drawn], *, jobs: int) -> Iterator[Scored]:
    """Every page as it was read, in the order of drawing."""
    found = {}
    for done in map_items(read_page, enumerate(pages), workers=jobs):
        if done.error is not None:
            raise done.error
        found[done.item[0]] = done.value
    return (found[number] for number in range(len(pages)))


def read_page(numbered: tuple[int, Drawn]) -> Scored:
    """Read a page by whichever digitizer suits it, and compare."""
    _, drawn = numbered
    printed = printed_structure(drawn.layout)
    nothing = attrs.evolve(drawn.truth, signal_mv=np.full_like(drawn.truth.signal_mv, np.nan))
    try:
        found = digitize(next(load_pages(drawn.file)), sampling_rate_hz=drawn.truth.sampling_rate_hz)
        structure = score_structure(printed, ReadStructure.of(found))
        verdict, faults = found.verdict, structure.faults
        estimate = nothing if found.verdict == "refused" else found.record
    except DataError as error:
        structure = score_structure(printed, None)
        verdict, estimate, faults = "refused", nothing, (str(error)[:60],)
    snr = competition_snr(drawn.truth, estimate)
    dots_per_inch = pixels_of(drawn.format)
    bound = None if dots_per_inch is None else competition_snr(drawn.truth, ideally_read(drawn.truth, dots_per_inch))
    return Scored(
        tool=drawn.tool,
        layout=drawn.layout.name,
        format=drawn.format,
        record=drawn.truth.name,
        verdict=verdict,
        outcome=structure.outcome,
        faults=faults,
        page_db=snr.db,
        ratio=snr.ratio,
        lead_db=dict(snr.lead_db),
        bound_db={} if bound is None else dict(bound.lead_db),
    )


def pixels_of(kind: str) -> int | None:
    """Pixels an inch of a format of the table, such as "png 150"; None of a format without pixels."""
    _, _, dots_per_inch = kind.partition(" ")
    return int(dots_per_inch) if dots_per_inch else None


def ideally_read(truth: Record, dots_per_inch: float) -> Record:
    """What is left of a recording where only the mean height of its trace in every column of pixels is known.

    Args:
        truth: what was drawn, at `SPEED_MM_PER_S`; leads with gaps at either end only.
        dots_per_inch: pixels an inch.
    """
    samples_per_px = truth.sampling_rate_hz * MM_PER_INCH / SPEED_MM_PER_S / dots_per_inch
    leads = [_ideally_read(lead, samples_per_px) for lead in truth.signal_mv]
    return attrs.evolve(truth, signal_mv=np.array(leads, dtype=np.float32))


def _ideally_read(lead_mv: np.ndarray, samples_per_px: float) -> np.ndarray:
    known = np.flatnonzero(np.isfinite(lead_mv))
    read = np.full(lead_mv.shape, np.nan)
    if not len(known):
        return read
    samples = np.arange(known[0], known[-1] + 1)
    fine = np.linspace(samples[0], samples[-1], len(samples) * FINER)
    column = np.floor(fine / samples_per_px).astype(int) - int(samples[0] / samples_per_px)
    means_mv = np.bincount(column, np.interp(fine, samples, lead_mv[samples])) / np.bincount(column)
    middles = (np.arange(len(means_mv)) + int(samples[0] / samples_per_px) + 0.5) * samples_per_px
    read[samples] = CubicSpline(middles, means_mv)(samples)
    return read


def printed_structure(layout: Layout) -> PrintedStructure:
    """What a page of the layout shows at the scale that all tools draw at."""
    by_row = [[each for each in layout.segments if each.row == row] for row in range(layout.num_rows)]
    return PrintedStructure(
        rows=[[each.lead for each in row] for row in by_row],
        speed_mm_per_s=SPEED_MM_PER_S,
        gain_mm_per_mv=10.0,
        starts_s=tuple(tuple(each.start_s for each in row) for row in by_row),
    )


def show(scored: Sequence[Scored]) -> None:
    """Print a row for each tool, layout and format."""
    print(ROW.format(*HEAD))
    for key in dict.fromkeys((each.tool, each.layout, each.format) for each in scored):
        own = [each for each in scored if (each.tool, each.layout, each.format) == key]
        show_row(key, own)
    reached = sum(worst_lead(each)[1] >= AIM_DB for each in scored)
    print(f"every lead at least {AIM_DB:g} dB: {reached} of {len(scored)} pages")
    show_leads(scored)


def show_leads(scored: Sequence[Scored]) -> None:
    """Print every lead of every page that falls short, beside what an ideal reader of its pixels would have."""
    print(f"\nleads below {AIM_DB:g} dB, in brackets the bound of the picture")
    for each in scored:
        short = {lead: value_db for lead, value_db in each.lead_db.items() if value_db < AIM_DB}
        if short:
            leads = ", ".join(
                f"{lead} {value_db:.1f}" + (f" ({each.bound_db[lead]:.1f})" if each.bound_db else "")
                for lead, value_db in short.items()
            )
            print(f"{each.tool}, {each.layout}, {each.format}, {each.record}: {leads}")


def show_row(key: Sequence[str], own: Sequence[Scored]) -> None:
    """Print the figures of some pages."""
    worst = min(own, key=lambda each: worst_lead(each)[1])
    lead, worst_db = worst_lead(worst)
    mean_db = 10 * np.log10(max(float(np.mean([each.ratio for each in own])), 1e-9))
    verdicts = [sum(each.verdict == verdict for each in own) for verdict in ("good", "doubtful", "refused")]
    faults = "; ".join(dict.fromkeys(fault for each in own for fault in each.faults))
    right = f"{sum(each.outcome == 'right' for each in own)}/{len(own)}"
    worst_text = "nothing" if worst_db <= MIN_DB else f"{lead} {worst_db:.1f}"
    bound_text = f"{worst.bound_db[lead]:.1f}" if worst.bound_db else "-"
    values = (
        len(own),
        right,
        f"{mean_db:.1f}",
        worst_text,
        bound_text,
        "yes" if worst_db >= AIM_DB else "no",
        "/".join(map(str, verdicts)),
    )
    print(ROW.format(*key, *values, faults[:80]))


def worst_lead(scored: Scored) -> tuple[str, float]:
    """The lead that was read worst."""
    return min(scored.lead_db.items(), key=lambda each: each[1])


if __name__ == "__main__":
    main()
