"""CSV files with one column a lead in millivolts.

As written::

    # sampling_rate_hz: 500.0
    time_s,I,II
    0,0.012000,-0.003000
    0.002,0.013000,

The sampling rate and the ``key: value`` metadata stand in comment lines above the row of names; an empty cell was not
recorded. `pandas.read_csv` reads it with ``comment="#"``.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import attrs
import numpy as np

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import DataError
from ecg_core.formats.comments import comments_from_metadata, metadata_from_comments
from ecg_core.formats.files import make_record, naming, require_file, require_printable
from ecg_core.record import Record

RATE_KEY = "sampling_rate_hz"
TIME_COLUMNS = ("time_s", "time", "t")
MAX_JITTER_STEPS = 0.25
MAX_RATE_DIFFERENCE = 1e-3
LONGEST_SHOWN = 40


@attrs.frozen(eq=False)
class _Table:
    """What a file holds: comment lines, names of columns, numbers (rows, columns), and the line of each row."""

    path: Path
    comments: list[str]
    columns: list[str]
    values: np.ndarray
    lines: list[int]


class CsvFormat:
    """Reads tables with or without a time column; writes the form above with steps of 1 nV."""

    def read(self, path: Path, sampling_rate_hz: float | None = None) -> Record:
        """The record of a table.

        The rate is ``sampling_rate_hz``, else that of the comment, else that of the time column (``time_s``, ``time``
        or ``t``, in seconds). Rows are counted as lines of the file.

        Raises:
            DataError: a cell is no number, a row has too many or too few cells, the times are not uniform or not of
                the rate given, there is no rate at all, or nothing was recorded.
        """
        require_file(path)
        with naming(path, "reading the table"):
            table = _read_table(path)
            comment_hz, comments = _split_rate(table)
            leads = [column for column, name in enumerate(table.columns) if name.casefold() not in TIME_COLUMNS]
            return make_record(
                path,
                signal_mv=table.values[:, leads].T,
                sampling_rate_hz=_rate_hz(table, comment_hz if sampling_rate_hz is None else sampling_rate_hz),
                lead_names=[table.columns[column] for column in leads],
                metadata=metadata_from_comments(comments),
            )

    def write(self, record: Record, path: Path) -> list[Path]:
        """Write the table.

        Raises:
            DataError: a lead's name cannot stand in a table.
        """
        require_printable(record.lead_names, path, forbidden="#")
        if times := [name for name in record.lead_names if name.casefold() in TIME_COLUMNS]:
            raise DataError(f"{path}: a lead named {times[0]!r} would be read as the time column; rename it")
        metadata = {key: value for key, value in record.metadata.items() if key != RATE_KEY}
        comments = [f"{RATE_KEY}: {record.sampling_rate_hz!r}", *comments_from_metadata(metadata)]
        text = io.StringIO()
        text.writelines(f"# {line}\n" for line in comments)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([TIME_COLUMNS[0], *record.lead_names])
        text.writelines(_rows(record))
        atomic_write_text(path, text.getvalue())
        return [path]


def _rows(record: Record) -> Iterator[str]:
    """Lines of the table; an empty cell stands for a value that is not there."""
    line = ",".join(["%.9g", *["%.6f"] * len(record.lead_names)]) + "\n"
    for index, values_mv in enumerate(record.signal_mv.T.tolist()):
        yield (line % (index / record.sampling_rate_hz, *values_mv)).replace("nan", "")


def _read_table(path: Path) -> _Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        comments = []
        while (line := file.readline()).startswith("#"):
            comments.append(line)
        rows = csv.reader(chain([line], file))
        columns = _column_names(path, next(rows, []))
        numbered = [(rows.line_num + len(comments), cells) for cells in rows if cells]
    values = [_numbers(path, columns, line, cells) for line, cells in numbered]
    if not values:
        raise DataError(f"{path}: no rows of numbers below the names")
    return _Table(path, comments, columns, np.array(values, dtype=np.float64), [line for line, _ in numbered])


def _column_names(path: Path, cells: list[str]) -> list[str]:
    """The names above the columns, checked."""
    names = [cell.strip() for cell in cells]
    if len(names) == 1 and ";" in names[0]:
        raise DataError(f"{path}: the columns are separated by semicolons; save it with commas, and points in numbers")
    if not names or all(_is_number(name) for name in names):
        raise DataError(f"{path}: the first row should name the leads (I,II,III,…), found {_shown(','.join(names))}")
    if "" in names:
        raise DataError(f"{path}: column {names.index('') + 1} has no name; with pandas, save it with index=False")
    return names


def _is_number(text: str) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True


def _numbers(path: Path, columns: list[str], line: int, cells: list[str]) -> list[float]:
    """The values of a row, NaN for empty cells."""
    if len(cells) != len(columns):
        raise DataError(f"{path}: row {line} has {len(cells)} cells, the row of names has {len(columns)}")
    values = []
    for name, cell in zip(columns, cells, strict=True):
        text = cell.strip()
        if not text:
            values.append(math.nan)
        elif _is_number(text) and "_" not in text and not math.isinf(float(text)):
            values.append(float(text))
        else:
            raise DataError(f"{path}: row {line}, column {name}: {_shown(cell)} is not a number")
    return values


def _shown(text: str) -> str:
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")


def _split_rate(table: _Table) -> tuple[float | None, list[str]]:
    """The rate that a comment states, and the other comments."""
    is_rate = re.compile(rf"#+\s*{RATE_KEY}\s*:(.*)")
    stated = [match[1].strip() for line in table.comments if (match := is_rate.match(line))]
    others = [line for line in table.comments if not is_rate.match(line)]
    if not stated:
        return None, others
    if not _is_number(stated[0]) or not float(stated[0]) > 0:
        raise DataError(f"{table.path}: the comment gives {_shown(stated[0])} as {RATE_KEY}; it should be above 0")
    return float(stated[0]), others


def _rate_hz(table: _Table, stated_hz: float | None) -> float:
    """The sampling rate: the stated one, which the time column must bear out, or else that of the time column."""
    columns = [column for column, name in enumerate(table.columns) if name.casefold() in TIME_COLUMNS]
    measured_hz = _uniform_rate(table, table.values[:, columns[0]]) if columns and len(table.lines) > 1 else None
    if stated_hz is None:
        if measured_hz is None:
            raise DataError(
                f"{table.path}: no sampling rate. Add '# {RATE_KEY}: 500' as the first line, or a column time_s with "
                f"the seconds of each row, or pass {RATE_KEY}=500 when reading."
            )
        return measured_hz
    if measured_hz is not None and abs(measured_hz - stated_hz) > MAX_RATE_DIFFERENCE * stated_hz:
        raise DataError(f"{table.path}: the time column says {measured_hz:g} Hz, the rate given is {stated_hz:g} Hz")
    return stated_hz


def _uniform_rate(table: _Table, time_s: np.ndarray) -> float:
    """Rate of a time column, a whole number of Hz where rounding of the times allows it."""
    step_s = (time_s[-1] - time_s[0]) / (len(time_s) - 1)
    off = np.abs(time_s - time_s[0] - step_s * np.arange(len(time_s)))
    uneven = ~(off <= MAX_JITTER_STEPS * step_s)
    if uneven.any() or not step_s > 0:
        line = table.lines[int(np.argmax(uneven))]
        raise DataError(f"{table.path}: row {line}: the times do not grow in equal steps; resample the signal first")
    whole = round(1 / step_s)
    return float(whole) if whole and abs(1 / step_s - whole) < MAX_RATE_DIFFERENCE * whole / 10 else float(1 / step_s)
