"""What `classify.prepare` takes for many records, beside a plain loop over them in one process.

Usage: python benchmarks/prepare.py [--records 20000] [--plain-records 1000] [--workers 2] [--work FOLDER]

Both read the same WFDB records of made-up hearts (12 leads, 10 s, a third of them at 1000 Hz) and write one compressed
array file each. The plain loop is what a script would do: `wfdb.rdrecord`, `scipy.signal.resample_poly`, mean and
standard deviation, `numpy.savez_compressed`. Memory is the sum of all processes; what
they share counts once.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import attrs
import numpy as np

from ecg_core.formats import write_record
from ecg_core.progress import progress
from ecg_core.synthetic import synthesize_record

HEARTS = 30
CODES = ("426783006", "164889003", "164909002", "164865005", "270492004")
EVERY_S = 0.2

PLAIN_LOOP = """
import sys, numpy as np, wfdb
from pathlib import Path
from scipy.signal import resample_poly
source, out, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
out.mkdir(parents=True)
for header in sorted(source.rglob("*.hea"))[:count]:
    record = wfdb.rdrecord(str(header.with_suffix("")))
    signal = record.p_signal.T
    if record.fs != 500:
        signal = resample_poly(signal, 500, int(record.fs), axis=1)
    signal = signal[:, :5000]
    signal = np.pad(signal, ((0, 0), (0, 5000 - signal.shape[1])))
    signal = (signal - signal.mean(axis=1, keepdims=True)) / np.maximum(signal.std(axis=1, keepdims=True), 1e-6)
    np.savez_compressed(out / f"{header.stem}.npz", signal=signal.astype(np.float32))
"""


def main() -> None:
    """Make the records, run both, print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--plain-records", type=int, default=1_000, help="that the plain loop reads")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--work", type=Path, help="where to make them; by default a folder that is gone afterwards")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        source, out = Path(folder) / "source", Path(folder) / "out"
        make_records(source, arguments.records)
        plain = [
            sys.executable,
            "-c",
            PLAIN_LOOP,
            str(source),
            str(Path(folder) / "plain"),
            str(arguments.plain_records),
        ]
        ours = [sys.executable, "-m", "ecg_core.cli", "run", "classify.prepare", "--out", str(out)]
        ours += ["--set", f"records=[{source}]", "--set", f"executor.workers={arguments.workers}"]
        print(f"{'':22}{'records':>9}{'s':>9}{'records/s':>11}{'peak MB':>9}")
        rates = {}
        for name, command, count in (
            ("plain loop", plain, min(arguments.plain_records, arguments.records)),
            (f"classify.prepare, {arguments.workers}", ours, arguments.records),
        ):
            seconds, peak_mb = measured(command)
            rates[name] = count / seconds
            print(f"{name:22}{count:9}{seconds:9.1f}{rates[name]:11.1f}{peak_mb:9.0f}", flush=True)
        first, second = rates.values()
        print(f"ratio {second / first:.2f}")


def make_records(folder: Path, count: int) -> None:
    """Some hearts written again and again, each time with other noise."""
    rng = np.random.default_rng(0)
    hearts = [synthesize_record(seed=number) for number in range(HEARTS)]
    hearts = [each.resample(1000) if number % 3 == 0 else each for number, each in enumerate(hearts)]
    with progress(count, "records", unit="records") as bar:
        for number in range(count):
            heart = hearts[number % HEARTS]
            noise = rng.standard_normal(heart.signal_mv.shape, np.float32) * 0.01
            record = attrs.evolve(heart, signal_mv=heart.signal_mv + noise, metadata={"Dx": CODES[number % len(CODES)]})
            write_record(record, folder / f"{number // 1000:02}" / f"R{number:05}.hea")
            bar.advance()


def measured(command: list[str]) -> tuple[float, float]:
    """Seconds that a command took, and the most memory in MB of it and its children.

    Raises:
        CalledProcessError: it failed.
    """
    peak_kb = [0]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        done = threading.Event()

        def watch() -> None:
            while not done.wait(EVERY_S):
                peak_kb[0] = max(peak_kb[0], sum(map(_memory_kb, _family(process.pid))))

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, errors = process.communicate()
        done.set()
        watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=errors)
    return time.perf_counter() - start, peak_kb[0] / 1024


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in _family(int(child)))]


def _memory_kb(pid: int) -> int:
    """Memory of a process; a page shared by several counts for each in part (PSS)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
