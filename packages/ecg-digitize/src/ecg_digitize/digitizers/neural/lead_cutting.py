"""What the stages found on a page made into its reading: leads cut from their rows, evidence, doubts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from ecg_core.paper import LARGE_BOX_MM, Layout, PaperSpec, Segment
from ecg_digitize.digitizers.neural.evidence import lead_evidence
from ecg_digitize.digitizers.neural.markers.upright import BEYOND_DOUBT
from ecg_digitize.digitizers.neural.orientation import QUARTERS
from ecg_digitize.digitizers.neural.stages import PageFindings
from ecg_digitize.digitizers.neural.waveform.row_reading import GEOMETRY, LEAST_PRESENCE
from ecg_digitize.digitizers.neural.waveform.unread import UnreadInk
from ecg_digitize.digitizers.protocol import ReadingRequest
from ecg_digitize.digitizers.reading import LeadTrace, PageGeometry, PageStructure, Reading
from ecg_digitize.digitizers.segments import printed_rows, samples_of

LEAST_AGREEMENT = 0.5
"""Share of the rows below which the time frame is in doubt."""

LEAST_MISSING_S = 0.05
"""Duration of a lead beyond the picture from which on it is told."""

TALL_UNREAD_MM, MOST_UNREAD_MM = 8.0, 30.0
"""Ink beside a trace that is so tall makes its lead doubtful; how tall it counts at most as evidence."""

UNREAD = "tall ink beside the trace was not read: a wave is cut short, or a spike is missing"
NOT_CALIBRATED = "the confidence of these networks is not calibrated (digitize.calibrate): look at the overlay"

LEAST_FOUND = 0.7
"""Share of the crossings of a grid that must be seen, not inferred, for its shape not to be in doubt."""


def cut_leads(found: PageFindings, request: ReadingRequest, *, calibration: Path | None, engine: str) -> Reading:
    """The reading of a page.

    Args:
        found: what the stages found on it.
        request: what was asked for.
        calibration: file of the calibration of the networks, where there is one.
        engine: name of the engine that ran them.
    """
    scale = request.settings.scale(pulse_mm=found.pulse_mm)
    paper = scale.paper
    layout = request.settings.printed(request.layouts[found.rows.layout], paper)
    unread_mm = _unread_mm(found, layout, paper)
    return Reading(
        traces=[_cut(found, segment, paper, request.sampling_rate_hz) for segment in layout.segments],
        structure=PageStructure(
            layout=found.rows.layout, rows=printed_rows(layout), scale=scale, duration_s=layout.record_s
        ),
        geometry=_geometry(found),
        evidence=_evidence(found, layout, paper, unread_mm),
        calibration=calibration,
        doubts=[*([] if calibration else [NOT_CALIBRATED]), *_doubts(found)],
        lead_doubts={lead: UNREAD for lead, tall_mm in unread_mm.items() if tall_mm >= TALL_UNREAD_MM},
        notes=[*scale.notes(), *_missing(found, layout, paper)],
        details=_details(found),
        engine=engine,
    )


def _cut(found: PageFindings, segment: Segment, paper: PaperSpec, sampling_rate_hz: float) -> LeadTrace:
    """One lead of a row, as samples and as a curve on the picture."""
    reading = found.readings[segment.row]
    first_px, last_px = found.span_px(segment, paper)
    first_sample, after_start = samples_of(segment, sampling_rate_hz)
    at_px = first_px + after_start * paper.width_mm(1 / sampling_rate_hz) * GEOMETRY.across_px_per_mm
    return LeadTrace(
        lead=segment.lead,
        row=segment.row,
        is_rhythm=segment.is_rhythm,
        first_sample=first_sample,
        signal_mv=reading.height_mm(at_px, least_presence=LEAST_PRESENCE) / paper.gain_mm_per_mv,
        clarity=reading.clarity(first_px, last_px),
        sample_clarity=reading.clarity_at(at_px),
        points_px=found.mesh.to_picture(reading.lattice_points(first_px, last_px)),
    )


def _unread_mm(found: PageFindings, layout: Layout, paper: PaperSpec) -> dict[str, float]:
    """Height of the tallest ink beside each lead that was not read; for a lead printed twice, beside either print."""
    ink = UnreadInk(found.page.flat, found.readings)
    tallest: dict[str, float] = {}
    for segment in layout.segments:
        lead = segment.lead.removeprefix("-")
        own_mm = ink.tallest_mm(segment.row, *found.span_mm(segment, paper))
        tallest[lead] = min(max(own_mm, tallest.get(lead, 0.0)), MOST_UNREAD_MM)
    return tallest


def _evidence(
    found: PageFindings, layout: Layout, paper: PaperSpec, unread_mm: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """What speaks for and against each lead; where it is printed twice, in its longer print."""
    of_page = {
        "crossings": found.page.flat.found,
        "agreement": found.agreement,
        "layout": found.rows.score,
        "box": float(np.log10(found.mesh.box_px)),
    }
    evidence = {}
    for segment in sorted(layout.segments, key=lambda segment: segment.duration_s):
        lead = segment.lead.removeprefix("-")
        columns = found.readings[segment.row].columns
        own = lead_evidence(columns, *found.span_px(segment, paper), GEOMETRY.down_px_per_mm)
        evidence[lead] = {**own, "unread": unread_mm[lead], **of_page}
    return evidence


def _doubts(found: PageFindings) -> Iterator[str]:
    """What makes layout, shape or time of a page uncertain."""
    seen = found.page.flat.found
    if not found.page.flat.has_grid:
        yield "the page has no grid: its scale is that of rows as long as the layout has them"
    elif seen < LEAST_FOUND:
        yield f"only {seen:.0%} of the crossings of the grid were seen; the others were inferred"
    if found.agreement < LEAST_AGREEMENT:
        yield "the rows do not agree on where time 0 is"
    if 0 < found.rows.score < BEYOND_DOUBT:
        yield f"the names of the leads fit the layout {found.rows.layout} by {found.rows.score:.0%} only"
    if found.page.orientation >= QUARTERS:
        yield "the picture was mirrored"


def _missing(found: PageFindings, layout: Layout, paper: PaperSpec) -> Iterator[str]:
    """Which leads lie beyond the picture, and how much of them."""
    for segment in layout.segments:
        beyond_mm = found.readings[segment.row].beyond_mm(*found.span_px(segment, paper))
        beyond_s = beyond_mm / paper.speed_mm_per_s
        if beyond_s >= LEAST_MISSING_S:
            which = f"{segment.lead} (long row)" if segment.is_rhythm else segment.lead
            yield f"{beyond_s:.1f} s of {which} lie beyond the picture and are missing"


def _details(found: PageFindings) -> dict[str, object]:
    return {
        "orientation": found.page.orientation,
        "layout_score": round(found.rows.score, 3),
        "crossings_found": round(found.page.flat.found, 3),
        "rows_mm": [round(float(zero_mm), 2) for zero_mm in found.rows.zeros_mm],
        "time_zero_mm": round(found.time_zero_mm, 2),
        "time_agreement": round(found.agreement, 3),
    }


def _geometry(found: PageFindings) -> PageGeometry:
    """Where the page lies, told in the middle of its grid."""
    zero_box = found.page.flat.box_of_mm(found.time_zero_mm)
    levels = np.array([(zero_box, reading.level_box) for reading in found.readings])
    rows, columns = found.mesh.points_px.shape[:2]
    middle = np.array([columns / 2, rows / 2])
    here, right, below = found.mesh.to_picture(middle + np.array([(0, 0), (1, 0), (0, 1)]))
    across = right - here
    return PageGeometry(
        px_per_mm_x=float(np.hypot(*across)) / LARGE_BOX_MM,
        px_per_mm_y=float(np.hypot(*(below - here))) / LARGE_BOX_MM,
        rotation_deg=float(np.degrees(np.arctan2(across[1], across[0]))),
        baselines_px=tuple((float(x), float(y)) for x, y in found.mesh.to_picture(levels)),
    )
