"""Structure of a page composed from its names, its rows as they were read, its pulses and what is printed in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from ecg_core.paper import Layout
from ecg_digitize.digitizers.neural.findings import PageFindings
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.waveform.pulse import find_pulse
from ecg_digitize.digitizers.neural.waveform.row_reading import RowReading, trace_span
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.digitizers.structure.compose import compose_layout, naming_doubts
from ecg_digitize.digitizers.structure.scale import ScaleEvidence, weigh_scale
from ecg_digitize.digitizers.structure.time_axis import (
    SAMPLE_INTERVAL_S,
    ColumnLength,
    TimeAxis,
    TraceSpan,
    column_length,
    find_time_axis,
    usual_length_mm,
)


def compose_findings(
    image: np.ndarray,
    page: UprightPage,
    readings: Sequence[RowReading],
    layouts: Mapping[str, Layout],
    settings: PrintSettings,
) -> PageFindings:
    """The structure of a page of which names and traces were read.

    Args:
        image: the picture, uint8 RGB.
        page: the page laid flat and upright.
        readings: the trace of every row.
        layouts: layouts whose name it may bear, by name.
        settings: speed, gain and duration as far as they are known.
    """
    naming, grid = page.named.naming, page.named.grid
    spans = [_span(reading, zero_mm, page.flat) for reading, zero_mm in zip(readings, page.zeros_mm, strict=True)]
    known_spans = [span for span in spans if span is not None]
    columns = naming.num_columns
    row_mm = usual_length_mm(known_spans) or page.flat.width_mm
    pitch_mm = grid.pitch_mm if columns > 1 else None

    def axis_for(speed_mm_per_s: float) -> tuple[ColumnLength, TimeAxis]:
        column = column_length(columns, row_mm, pitch_mm, speed_mm_per_s=speed_mm_per_s, duration_s=settings.duration_s)
        axis = find_time_axis(
            known_spans,
            page.zeros_mm,
            traced_mm=columns * column.mm - SAMPLE_INTERVAL_S * speed_mm_per_s,
            names_mm=grid.columns_mm[0] if grid.columns_mm else None,
        )
        return column, axis

    seen = ScaleEvidence(
        printed=page.printed,
        column_mm=(pitch_mm or row_mm / columns) if columns > 1 else None,
        row_mm=row_mm,
    )
    _, axis = axis_for(weigh_scale(seen, settings).speed_mm_per_s)
    pulse_mm = find_pulse(page.flat.trace, page.zeros_mm, float(np.median(axis.zeros_mm)))
    scale = weigh_scale(attrs.evolve(seen, pulse_mm=pulse_mm), settings)
    column, axis = axis_for(scale.speed_mm_per_s)
    layout = compose_layout(naming, page.rows, column, layouts.values())
    return PageFindings(
        image=image,
        page=page,
        layout=layout,
        readings=readings,
        scale=scale,
        axis=axis,
        column=column,
        doubts=(*naming_doubts(naming), *scale.doubts()),
    )


def _span(reading: RowReading, zero_mm: float, flat: FlatPage) -> TraceSpan | None:
    """What of a row has a trace; None where nothing was read."""
    span_box = trace_span(reading)
    if span_box is None:
        return None
    first_mm, last_mm = (flat.mm_of_box(box) for box in span_box)
    return TraceSpan(zero_mm, first_mm, last_mm)
