"""A folder of prepared recordings: what lies in it, and reading and writing a recording of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import attrs
import numpy as np

from ecg_classify.signals import Prepared
from ecg_core.atomic import atomic_path
from ecg_core.errors import DataError

RECORDS = "records"
SPLITS, LABEL_MAP, INDEX, FAILURES = "splits.json", "label_map.json", "index.csv", "failures.csv"
LABELS, TARGETS = "labels.npy", "targets.npy"
SUFFIX = ".npz"
SIGNAL, SEEN = "signal", "seen"
"""Arrays of a recording, in its file or in the shards."""


def _as_texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


@attrs.frozen(kw_only=True)
class About:
    """Facts about a prepared recording beside its signal.

    Attributes:
        location: where it was read.
        sampling_rate_hz: of the original.
        duration_s: of the original.
        classes: what its diagnostic codes say, see `ecg_classify.labels.codes`; empty where it has none.
        patient: empty where it is not known.
        missing_leads: of the twelve.
    """

    location: str
    sampling_rate_hz: float
    duration_s: float
    classes: tuple[str, ...] = attrs.field(converter=_as_texts)
    patient: str = ""
    missing_leads: tuple[str, ...] = attrs.field(default=(), converter=_as_texts)


def write_prepared(path: Path, prepared: Prepared, about: About) -> None:
    """Write ``signal`` (float16), ``seen`` (a bit a sample) and ``about`` (JSON as text), whole or not at all."""
    with atomic_path(path, flush=False) as aside, aside.open("wb") as file:
        text = np.array(json.dumps(attrs.asdict(about)))
        np.savez_compressed(file, allow_pickle=False, **packed(prepared), about=text)


def packed(prepared: Prepared) -> dict[str, np.ndarray]:
    """A recording as it is kept: ``signal`` in float16, ``seen`` a bit a sample."""
    return {SIGNAL: prepared.signal.astype(np.float16), SEEN: np.packbits(prepared.seen, axis=1)}


def unpacked(signal: np.ndarray, seen: np.ndarray) -> Prepared:
    """The reverse of `packed`."""
    bits = np.unpackbits(seen, axis=1, count=signal.shape[1])
    return Prepared(signal=signal.astype(np.float32), seen=bits.astype(bool))


def read_prepared(path: Path) -> Prepared:
    """The signal of a file.

    Raises:
        DataError: it is absent or damaged.
    """
    return unpacked(**_read(path, (SIGNAL, SEEN)))


def read_about(path: Path) -> About:
    """Facts about the recording of a file; its signal is not read.

    Raises:
        DataError: it is absent or damaged.
    """
    text = str(_read(path, ("about",))["about"])
    try:
        return About(**json.loads(text))
    except (TypeError, ValueError) as error:
        raise DataError(f"{path}: made by another version of classify.prepare; make it again") from error


def _read(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in names}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(
            f"{path}: no prepared recording, or damaged: {error}; remove it and go on with --resume"
        ) from error
