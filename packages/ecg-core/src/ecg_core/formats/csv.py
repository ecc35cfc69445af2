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
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path
from typing import TextIO

import attrs
import numpy as np

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import DataError, shown, shown_name
from ecg_core.formats.comments import comments_from_metadata, metadata_from_comments
from ecg_core.formats.files import make_record, naming, require_file, require_printable
from ecg_core.formats.limits import (
    MAX_LEADS,
    MAX_LINE,
    MAX_TABLE_BYTES,
    MAX_TEXT_BYTES,
    MAX_VALUES,
    require_bytes,
    require_values,
)
from ecg_core.record import MAX_RATE_HZ, MIN_RATE_HZ, Record

RATE_KEY = "sampling_rate_hz"
TIME_COLUMNS = ("time_s", "time", "t")
MAX_JITTER_STEPS = 0.25
MAX_RATE_DIFFERENCE = 1e-3


@attrs.frozen(eq=False)
class _Table:
    """What a file holds: comment lines, names of columns, numbers (rows, columns), and the line of each row."""

    path: Path
    comments: list[str]
    columns: list[str]
    values: np.ndarray
    lines: Sequence[int]


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
        require_bytes(path, path.stat().st_size, MAX_TABLE_BYTES, "the table")
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
        text = _lines(path, file)
        comments, in_comments = [], 0
        while (line := next(text, "")).startswith("#"):
            comments.append(line)
            in_comments += len(line)
            require_bytes(path, in_comments, MAX_TEXT_BYTES, "the comments above it")
        rows = csv.reader(chain([line], text))
        columns = _column_names(path, next(rows, []))
        values, lines = array("d"), array("q")
        for cells in filter(None, rows):
            lines.append(rows.line_num + len(comments))
            values.extend(_numbers(path, columns, lines[-1], cells))
            if len(values) > MAX_VALUES:
                require_values(path, len(columns), len(lines))
    if not lines:
        raise DataError(f"{path}: no rows of numbers below the names")
    return _Table(path, comments, columns, np.frombuffer(values).reshape(len(lines), len(columns)), lines)


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    """The lines of a file, none of them longer than a line may be."""
    for number in count(1):
        line = file.readline(MAX_LINE + 1)
        if len(line) > MAX_LINE:
            raise DataError(f"{path}: row {number} has more than {MAX_LINE} characters; is it a table of leads?")
        if not line:
            return
        yield line


def _column_names(path: Path, cells: list[str]) -> list[str]:
    """The names above the columns, checked."""
    names = [cell.strip() for cell in cells]
    if len(names) == 1 and ";" in names[0]:
        raise DataError(f"{path}: the columns are separated by semicolons; save it with commas, and points in numbers")
    if not names or all(_is_number(name) for name in names):
        raise DataError(f"{path}: the first row should name the leads (I,II,III,…), found {shown(','.join(names))}")
    if len(names) > MAX_LEADS:
        raise DataError(f"{path}: {len(names)} columns; a record has at most {MAX_LEADS} leads")
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
    try:  # most rows hold numbers alone, and long tables have millions
        values = [float(cell) for cell in cells]
        if math.inf not in values and -math.inf not in values and "_" not in "".join(cells):
            return values
    except ValueError:
        pass
    return [_number(path, name, line, cell) for name, cell in zip(columns, cells, strict=True)]


def _number(path: Path, name: str, line: int, cell: str) -> float:
    text = cell.strip()
    if not text:
        return math.nan
    if _is_number(text) and "_" not in text and not math.isinf(float(text)):
        return float(text)
    raise DataError(f"{path}: row {line}, column {shown_name(name)}: {shown(cell)} is not a number")


def _split_rate(table: _Table) -> tuple[float | None, list[str]]:
    """The rate that a comment states, and the other comments."""
    is_rate = re.compile(rf"#+\s*{RATE_KEY}\s*:(.*)")
    stated = [match[1].strip() for line in table.comments if (match := is_rate.match(line))]
    others = [line for line in table.comments if not is_rate.match(line)]
    if not stated:
        return None, others
    if not _is_number(stated[0]) or not float(stated[0]) > 0:
        raise DataError(f"{table.path}: the comment gives {shown(stated[0])} as {RATE_KEY}; it should be above 0")
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
    if not MIN_RATE_HZ <= 1 / step_s <= MAX_RATE_HZ:
        raise DataError(f"{table.path}: the times grow by {step_s:g} s a row; are they in seconds?")
    whole = round(1 / step_s)
    return float(whole) if whole and abs(1 / step_s - whole) < MAX_RATE_DIFFERENCE * whole / 10 else float(1 / step_s)
