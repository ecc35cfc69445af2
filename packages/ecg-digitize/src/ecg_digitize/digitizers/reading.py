"""What a digitizer reads off a page: its traces and structure, and what speaks for and against them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_digitize.digitizers.print_scale import PrintScale


@attrs.frozen(kw_only=True, eq=False)
class LeadTrace:
    """One printed piece of a lead: its samples, and its curve on the picture.

    Attributes:
        lead: name of the lead; ``-aVR`` is printed upside down, ``?`` stands for one whose name is not known.
        row: number of the printed row that holds it, from the top.
        is_rhythm: whether that is a rhythm row, which holds one lead alone.
        first_sample: place of its first sample in the record.
        signal_mv: float, shape (samples,), at the sampling rate that was asked for; NaN where nothing could be read.
        clarity: how clearly the whole piece was seen, from 0 to 1.
        sample_clarity: float, shape (samples,): how clearly each sample was seen, from 0 to 1; None: all as the whole.
        points_px: float, shape (points, 2): the curve as (x, y) in pixels of the picture; NaN in a gap.
    """

    lead: str
    row: int
    is_rhythm: bool
    first_sample: int
    signal_mv: np.ndarray = attrs.field(repr=lambda signal: f"<{len(signal)} samples>")
    clarity: float
    sample_clarity: np.ndarray | None = attrs.field(default=None, repr=False)
    points_px: np.ndarray = attrs.field(repr=lambda points: f"<{len(points)} points>")

    def __attrs_post_init__(self) -> None:
        """Refuse what no record could be made of.

        Raises:
            ValueError: an array has another shape, or a number is out of its range.
        """
        name = f"the trace of {self.lead} in row {self.row}"
        if np.ndim(self.signal_mv) != 1 or not len(self.signal_mv):
            raise ValueError(f"{name}: signal_mv has shape (samples,), found {np.shape(self.signal_mv)}")
        if self.sample_clarity is not None and np.shape(self.sample_clarity) != np.shape(self.signal_mv):
            raise ValueError(f"{name}: sample_clarity has the shape of signal_mv, found {self.sample_clarity.shape}")
        if np.ndim(self.points_px) != 2 or np.shape(self.points_px)[1] != 2:
            raise ValueError(f"{name}: points_px has shape (points, 2), found {np.shape(self.points_px)}")
        if self.row < 0 or self.first_sample < 0:
            raise ValueError(f"{name}: row and first_sample count from 0, found {self.row} and {self.first_sample}")
        if not np.isfinite(self.clarity):
            raise ValueError(f"{name}: clarity is a number from 0 to 1, found {self.clarity}")

    @property
    def name(self) -> str:
        """The lead that the record gets from it: without the sign of one that is printed upside down."""
        return self.lead.removeprefix("-")

    def clarity_of_samples(self) -> np.ndarray:
        """How clearly each sample was seen; 0 where nothing was read."""
        clarity = np.full(len(self.signal_mv), self.clarity) if self.sample_clarity is None else self.sample_clarity
        return np.where(np.isfinite(self.signal_mv), clarity, 0.0)


@attrs.frozen(kw_only=True)
class PageStructure:
    """What is printed where on a page.

    Attributes:
        layout: name of the layout.
        rows: names of the leads of every row, in the order in which they are printed.
        scale: paper speed and gain, and how they are known.
        duration_s: length of the record that the page shows: time from the left to the right end of a row, and of all
            rows together where a strip goes on from one to the next.
    """

    layout: str
    rows: tuple[tuple[str, ...], ...]
    scale: PrintScale
    duration_s: float = attrs.field(validator=attrs.validators.gt(0))


@attrs.frozen(kw_only=True)
class PageGeometry:
    """Where a page lies in its picture.

    Attributes:
        px_per_mm_x: pixels of the picture a millimetre of the paper, across.
        px_per_mm_y: the same downwards.
        rotation_deg: angle of the grid, positive where the page is turned clockwise.
        baselines_px: for each row the point (x, y) of 0 mV at time 0.
    """

    px_per_mm_x: float = attrs.field(validator=attrs.validators.gt(0))
    px_per_mm_y: float = attrs.field(validator=attrs.validators.gt(0))
    rotation_deg: float
    baselines_px: tuple[tuple[float, float], ...]


def _as_tuple(traces: Iterable[LeadTrace]) -> tuple[LeadTrace, ...]:
    return tuple(traces)


def _as_texts(texts: Iterable[str]) -> tuple[str, ...]:
    if isinstance(texts, str):
        raise TypeError(f"a list of texts is wanted, found the text {texts!r}")
    return tuple(texts)


@attrs.frozen(kw_only=True, eq=False)
class Reading:
    """A page as a digitizer read it. The record is assembled, weighed and judged from it in one way for all.

    Attributes:
        traces: every printed piece of a lead, at least one.
        structure: what is printed where.
        geometry: where the page lies in its picture.
        evidence: for each lead, by name, figures that speak for or against what was read; empty where there are none.
        calibration: file of the calibration that makes a probability of the figures, see
            `ecg_digitize.record.calibration`. None: a lead is trusted as far as it was clearly seen.
        doubts: what makes the page as a whole doubtful; any of them rules out the verdict ``good``.
        lead_doubts: what makes a lead doubtful whatever its confidence, by its name.
        notes: what a user should know as well, though it says nothing against the reading.
        details: plain values that this digitizer alone tells; ``quality.json`` has them under ``geometry``.
        engine: name of the engine that ran the digitizer's networks; None where it has none.
    """

    traces: tuple[LeadTrace, ...] = attrs.field(
        converter=_as_tuple, validator=attrs.validators.deep_iterable(attrs.validators.instance_of(LeadTrace))
    )
    structure: PageStructure = attrs.field(validator=attrs.validators.instance_of(PageStructure))
    geometry: PageGeometry = attrs.field(validator=attrs.validators.instance_of(PageGeometry))
    evidence: Mapping[str, Mapping[str, float]] = attrs.field(factory=dict)
    calibration: Path | None = None
    doubts: tuple[str, ...] = attrs.field(default=(), converter=_as_texts)
    lead_doubts: Mapping[str, str] = attrs.field(factory=dict)
    notes: tuple[str, ...] = attrs.field(default=(), converter=_as_texts)
    details: Mapping[str, Any] = attrs.field(factory=dict)
    engine: str | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            ValueError: there is no trace, or one stands in a row that the page does not have.
            TypeError: the details are no plain values.
        """
        if not self.traces:
            raise ValueError("a reading has at least one trace; a page without any is a DataError")
        lowest = max(trace.row for trace in self.traces)
        if lowest >= len(self.structure.rows):
            raise ValueError(f"a trace stands in row {lowest} (from 0), the structure has {len(self.structure.rows)}")
        json.dumps(dict(self.details), allow_nan=False)
