"""The three stages of the neural digitizer, one after the other: grid, markers, waveform."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import Layout, PaperSpec, Segment
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage, flatten_page
from ecg_digitize.digitizers.neural.grid.gridless import measure_gridless
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.rows import PageRows, find_rows
from ecg_digitize.digitizers.neural.markers.upright import UprightPage, turn_upright
from ecg_digitize.digitizers.neural.waveform.pulse import find_pulse
from ecg_digitize.digitizers.neural.waveform.row_reading import RowReading, find_time_zero, read_rows, width_read_mm
from ecg_digitize.digitizers.print_scale import PrintSettings

SAMPLE_INTERVAL_S = 1 / 500
"""Most recordings have such samples. A trace ends with its last one, so much before the time that the layout gives."""

MAX_PASSES, SAME_WIDTH = 4, 5e-4
"""How often a page without a grid is gone through at most, each time with a better scale; and how near the width of its
rows comes to that of the layout when it is left at that, as part of it."""


@attrs.frozen(eq=False)
class PageFindings:
    """All that the stages found on a page, before its leads are cut.

    Attributes:
        image: the picture, uint8 RGB.
        page: the page laid flat and upright, with the names on it.
        rows: the rows of its layout.
        readings: the trace of every row.
        width_mm: width of a row, from the beginning of its first lead to the end of its last one.
        time_zero_mm: where the leads that begin at 0 s begin, from the left edge of the flat page.
        agreement: share of the rows that agree about it.
        pulse_mm: width and height of the calibration pulses; None where there are none.
    """

    image: np.ndarray
    page: UprightPage
    rows: PageRows
    readings: Sequence[RowReading]
    width_mm: float
    time_zero_mm: float
    agreement: float
    pulse_mm: tuple[float, float] | None

    @property
    def mesh(self) -> Mesh:
        """The mesh of the grid, in pixels of the picture."""
        return self.page.flat.mesh

    def span_mm(self, segment: Segment, paper: PaperSpec) -> tuple[float, float]:
        """Where a segment begins and ends, from the left edge of the flat page."""
        start_mm = self.time_zero_mm + paper.width_mm(segment.at_s)
        return start_mm, start_mm + paper.width_mm(segment.duration_s)

    def span_px(self, segment: Segment, paper: PaperSpec) -> tuple[float, float]:
        """Where a segment begins and ends, in columns of the strip of its row."""
        reading, flat = self.readings[segment.row], self.page.flat
        first, last = (flat.box_of_mm(place) for place in self.span_mm(segment, paper))
        return reading.column_of(first), reading.column_of(last)


def run_stages(
    image_rgb: np.ndarray,
    layouts: Mapping[str, Layout],
    settings: PrintSettings,
    networks: Mapping[str, Network],
    on_step: Callable[[str, Any], None] = lambda _name, _found: None,
) -> PageFindings:
    """Find grid, names, rows and traces of a page.

    Args:
        image_rgb: the picture as it lay, uint8, shape (height, width, 3).
        layouts: the layouts that the page may have, by name.
        settings: speed, gain and duration as far as they are known.
        networks: the networks of the stages, by name.
        on_step: gets what every step found under its name in `PageFindings`, also where a later one fails; and
            ``flat``, the page as its grid lies in the picture.

    Raises:
        DataError: the picture shows no grid, or not the rows of a layout.
    """
    read_flat = partial(_read_flat, image_rgb, layouts=layouts, settings=settings, networks=networks, on_step=on_step)
    try:
        flat = flatten_page(image_rgb, networks["grid"])
    except DataError as complaint:
        return _read_gridless(image_rgb, networks["grid"], read_flat, complaint)
    return read_flat(flat)


def _read_gridless(
    image: np.ndarray, network: Network, read_flat: Callable[..., PageFindings], complaint: DataError
) -> PageFindings:
    """A page without a grid, gone through until its rows are as wide as their layout has them.

    Which way up it lies is found the first time: eight ways take longer than all the rest.

    Raises:
        DataError: ``complaint``, and what else was amiss where there are traces.
    """
    try:
        gridless = measure_gridless(image, network)
    except DataError:
        raise complaint from None
    try:
        found = read_flat(gridless.as_flat_page())
        for _ in range(MAX_PASSES - 1):
            width_mm = width_read_mm(found.readings)
            if width_mm is None or abs(width_mm / found.width_mm - 1) < SAME_WIDTH:
                break
            gridless = gridless.stretched(found.width_mm / width_mm)
            found = read_flat(gridless.as_flat_page(), orientation=found.page.orientation)
    except DataError as error:
        raise DataError(f"{complaint}; and were it a page without a grid: {error}") from error
    return found


def _read_flat(
    image: np.ndarray,
    flat: FlatPage,
    *,
    layouts: Mapping[str, Layout],
    settings: PrintSettings,
    networks: Mapping[str, Network],
    on_step: Callable[[str, Any], None],
    orientation: int | None = None,
) -> PageFindings:
    """Names, rows and traces of a page laid flat; the orientation is found where it is not known."""
    paper = settings.scale().paper
    layouts = settings.all_printed(layouts, paper)
    on_step("flat", flat)
    page = turn_upright(
        flat, networks["markers"], layouts, speed_mm_per_s=paper.speed_mm_per_s, orientation=orientation
    )
    on_step("page", page)
    rows = find_rows(page, layouts)
    on_step("rows", rows)
    width_mm = paper.width_mm(layouts[rows.layout].duration_s)
    start_mm, read_mm = (0.0, page.flat.width_mm) if rows.time_zero_mm is None else (rows.time_zero_mm, width_mm)
    readings = read_rows(
        image, page.flat, networks["waveform"], zeros_mm=rows.zeros_mm, start_mm=start_mm, width_mm=read_mm
    )
    on_step("readings", readings)
    traced_mm = width_mm - paper.width_mm(SAMPLE_INTERVAL_S)
    time_zero_mm, agreement = find_time_zero(readings, page.flat, traced_mm=traced_mm, expected_mm=rows.time_zero_mm)
    pulse_mm = find_pulse(page.flat.trace, rows.zeros_mm, time_zero_mm)
    return PageFindings(image, page, rows, readings, width_mm, time_zero_mm, agreement, pulse_mm)
