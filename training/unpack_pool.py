"""Write the records of an array file as one file each, for tasks that read records.

The array file is a NumPy archive with ``delta_uV``: whole microvolts as differences from sample to sample, shape
(records, 12, samples), leads in the usual order, 500 Hz; a table of the same name in CSV gives their ``ecg_id``.

    python training/unpack_pool.py pool/ptbxl.npz records --without held-out pages

leaves out every record whose number begins the name of a header in one of those folders: what is measured on later.
Where the table has a column ``label5``, the classes go to ``unified_label_mapping.csv`` beside the records.
"""

from __future__ import annotations

import argparse
import csv
import re
from pathlib import Path

import numpy as np

from ecg_core.atomic import atomic_write_text
from ecg_core.formats import write_record
from ecg_core.leads import STANDARD_LEADS
from ecg_core.progress import progress
from ecg_core.record import Record

SAMPLING_RATE_HZ = 500.0


def main() -> None:
    """Read the arguments, write the records."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--without", type=Path, nargs="*", default=[], help="folders of records to leave out")
    arguments = parser.parse_args()
    with arguments.archive.with_suffix(".csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    names = [f"{int(row['ecg_id']):05d}" for row in rows]
    with np.load(arguments.archive, allow_pickle=False) as archive:
        differences_uv = archive["delta_uV"]
    left_out = {number for folder in arguments.without for number in _numbers(folder)}
    arguments.out.mkdir(parents=True, exist_ok=True)
    with progress(len(names), "records", unit="records") as bar:
        for name, differences in zip(names, differences_uv, strict=True):
            if name not in left_out:
                write_record(_record(name, differences), arguments.out / f"{name}.npz", format="ecg-core:npz")
            bar.advance()
    if "label5" in rows[0]:
        kept = {name: row["label5"] for name, row in zip(names, rows, strict=True) if name not in left_out}
        atomic_write_text(arguments.out / "unified_label_mapping.csv", _labels(kept))


def _labels(of_records: dict[str, str]) -> str:
    """The table of labels: ``MULTI:MI+AF`` is both, ``OTHER(iBBB)`` is OTHER, NORM beside a finding is left out."""
    lines = ["dataset,record_id,mapped_label"]
    for name, label in of_records.items():
        plain = label.removeprefix("MULTI:").partition("(")[0]
        lines.append(f"PTB-XL,{name},{plain.replace('+NORM', '')}")
    return "\n".join(lines) + "\n"


def _numbers(folder: Path) -> list[str]:
    return [found.group() for file in folder.glob("*.hea") if (found := re.match(r"\d+", file.stem))]


def _record(name: str, differences_uv: np.ndarray) -> Record:
    signal_mv = np.cumsum(differences_uv, axis=1, dtype=np.int32) / 1000
    return Record(signal_mv=signal_mv, sampling_rate_hz=SAMPLING_RATE_HZ, lead_names=STANDARD_LEADS, name=name)


if __name__ == "__main__":
    main()
