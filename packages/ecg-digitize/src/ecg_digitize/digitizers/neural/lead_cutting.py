"""What the stages found on a page made into its reading: leads cut from their rows, evidence, doubts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from ecg_core.paper import LARGE_BOX_MM, Segment
from ecg_digitize.digitizers.neural.evidence import lead_evidence
from ecg_digitize.digitizers.neural.findings import PageFindings
from ecg_digitize.digitizers.neural.orientation import QUARTERS
from ecg_digitize.digitizers.neural.waveform.lead_ends import gap_about
from ecg_digitize.digitizers.neural.waveform.row_reading import GEOMETRY, LEAST_PRESENCE
from ecg_digitize.digitizers.neural.waveform.unread import UnreadInk
from ecg_digitize.digitizers.protocol import ReadingRequest
from ecg_digitize.digitizers.reading import LeadTrace, PageGeometry, PageStructure, Reading
from ecg_digitize.digitizers.segments import printed_rows, samples_of

LEAST_AGREEMENT = 0.5
"""Share of the rows below which the time frame is in doubt."""

MUCH_BEYOND = 0.2
"""Share of the traces' ink from which on it is no matter of a few words that so much of it lies beyond the grid."""

MUCH_LARGER = 1.8
"""Boxes that grow by so much over a page are none of a photo that people take: of 300 drawn pages, a third of them
photos, none had boxes more than 1.62 times as large as others."""

LEAST_MISSING_S = 0.05
"""Duration of a lead beyond the picture from which on it is told."""

TALL_UNREAD_MM, MOST_UNREAD_MM = 8.0, 30.0
"""Ink beside a trace that is so tall makes its lead doubtful; how tall it counts at most as evidence."""

UNREAD = "tall ink beside the trace was not read: a wave is cut short, or a spike is missing"
STRUCTURE_UNCERTAIN = "what is printed where on the page, or its scale, is uncertain"
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
    scale, layout = found.scale, found.layout
    unread_mm = _unread_mm(found)
    return Reading(
        traces=[_cut(found, segment, request.sampling_rate_hz) for segment in layout.segments],
        structure=PageStructure(layout=layout.name, rows=printed_rows(layout), scale=scale, duration_s=layout.record_s),
        geometry=_geometry(found),
        evidence=_evidence(found, unread_mm),
        calibration=calibration,
        doubts=[*([] if calibration else [NOT_CALIBRATED]), *_doubts(found)],
        lead_doubts=_lead_doubts(found, unread_mm),
        notes=[*found.notes, *scale.notes(), *_missing(found)],
        details=_details(found),
        engine=engine,
    )


def _cut(found: PageFindings, segment: Segment, sampling_rate_hz: float) -> LeadTrace:
    """One lead of a row, as samples and as a curve on the picture."""
    reading = found.readings[segment.row]
    first_px, last_px = found.span_px(segment)
    first_sample, after_start = samples_of(segment, sampling_rate_hz)
    at_px = first_px + after_start * found.mm_of(1 / sampling_rate_hz) * GEOMETRY.across_px_per_mm
    start_px, stop_px = _without_gaps(found, segment, first_px, last_px)
    height_mm = reading.height_mm(at_px, least_presence=LEAST_PRESENCE)
    gain = found.gain_mm_per_mv_of(segment.lead)
    signal_mv = np.where((at_px >= start_px) & (at_px <= stop_px), height_mm, np.nan) / gain
    return LeadTrace(
        lead=segment.lead,
        row=segment.row,
        is_rhythm=segment.is_rhythm,
        first_sample=first_sample,
        signal_mv=signal_mv,
        clarity=reading.clarity(first_px, last_px),
        sample_clarity=reading.clarity_at(at_px),
        points_px=found.mesh.to_picture(reading.lattice_points(first_px, last_px)),
    )


def _without_gaps(found: PageFindings, segment: Segment, first_px: float, last_px: float) -> tuple[float, float]:
    """Where a lead begins and ends, without the gaps to its neighbours in the row and what a path takes there.

    At a border that stands elsewhere by the limb leads, what lies between is cut off: it may be the neighbour's.
    """
    shift_px = found.border_shift_mm * GEOMETRY.across_px_per_mm
    presence = found.readings[segment.row].columns.presence
    beside = [other.at_s for other in found.layout.segments if other.row == segment.row]
    is_behind, is_before = segment.at_s > min(beside), segment.at_s < max(beside)
    before, behind = (
        gap_about(presence, place_px, across_px_per_mm=GEOMETRY.across_px_per_mm) if has_neighbour else None
        for place_px, has_neighbour in ((first_px, is_behind), (last_px, is_before))
    )
    first_px += is_behind * max(shift_px, 0.0)
    last_px += is_before * min(shift_px, 0.0)
    return (
        first_px if before is None else max(first_px, before[1] + 1),
        last_px if behind is None else min(last_px, behind[0] - 1),
    )


def _lead_doubts(found: PageFindings, unread_mm: Mapping[str, float]) -> dict[str, str]:
    """Why a lead is in doubt whatever its confidence: on a page whose structure is uncertain any may be another one."""
    of_all = dict.fromkeys(unread_mm, STRUCTURE_UNCERTAIN) if found.doubts or _is_stretched(found) else {}
    return of_all | {lead: UNREAD for lead, tall_mm in unread_mm.items() if tall_mm >= TALL_UNREAD_MM}


def _unread_mm(found: PageFindings) -> dict[str, float]:
    """Height of the tallest ink beside each lead that was not read; for a lead printed twice, beside either print."""
    ink = UnreadInk(found.page.flat, found.readings)
    tallest: dict[str, float] = {}
    for segment in found.layout.segments:
        lead = segment.lead.removeprefix("-")
        own_mm = ink.tallest_mm(segment.row, *found.span_mm(segment))
        tallest[lead] = min(max(own_mm, tallest.get(lead, 0.0)), MOST_UNREAD_MM)
    return tallest


def _evidence(found: PageFindings, unread_mm: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """What speaks for and against each lead; where it is printed twice, in its longer print."""
    of_page = {
        "crossings": found.page.flat.found,
        "agreement": found.axis.agreement,
        "layout": found.page.named.naming.agreement,
        "box": float(np.log10(found.mesh.box_px)),
    }
    evidence = {}
    for segment in sorted(found.layout.segments, key=lambda segment: segment.duration_s):
        lead = segment.lead.removeprefix("-")
        columns = found.readings[segment.row].columns
        own = lead_evidence(columns, *found.span_px(segment), GEOMETRY.down_px_per_mm)
        evidence[lead] = {**own, "unread": unread_mm[lead], **of_page}
    return evidence


def _is_stretched(found: PageFindings) -> bool:
    """Whether the grid of a page is larger in one part of it than in another as no photo makes it."""
    return found.page.flat.has_grid and found.page.flat.mesh.growth >= MUCH_LARGER


def _doubts(found: PageFindings) -> Iterator[str]:
    """What makes layout, shape or time of a page uncertain."""
    seen = found.page.flat.found
    if not found.page.flat.has_grid:
        yield "the page has no grid: its scale is that of rows as long as the layout has them"
    elif found.page.flat.is_faint:
        yield f"the grid is faint: {seen:.0%} of its crossings were seen about one lattice, the others were inferred"
    elif seen < LEAST_FOUND:
        yield f"only {seen:.0%} of the crossings of the grid were seen; the others were inferred"
    if found.page.flat.is_uneven:
        yield "the paper is crumpled and its grid faint: at creases one of its lines may be taken for the one beside"
    if _is_stretched(found):
        yield (
            f"the boxes of the grid are up to {found.page.flat.mesh.growth:.1f} times as large in one part of the page "
            "as in another: its lines may be mistaken for others there"
        )
    if found.page.flat.ink_beyond >= MUCH_BEYOND:
        yield (
            f"{found.page.flat.ink_beyond:.0%} of what looks like traces lies beyond the grid that was found, and "
            "was read by that grid carried on, or not at all: cut the picture to one page"
        )
    if found.axis.agreement < LEAST_AGREEMENT:
        yield "the rows do not agree on where time 0 is"
    yield from found.doubts
    if found.page.orientation >= QUARTERS:
        yield "the picture was mirrored"


def _missing(found: PageFindings) -> Iterator[str]:
    """Which leads lie beyond the picture, and how much of them."""
    for segment in found.layout.segments:
        beyond_mm = found.readings[segment.row].beyond_mm(*found.span_px(segment))
        beyond_s = beyond_mm / found.mm_of(1.0)
        if beyond_s >= LEAST_MISSING_S:
            which = f"{segment.lead} (long row)" if segment.is_rhythm else segment.lead
            yield f"{beyond_s:.1f} s of {which} lie beyond the picture and are missing"


def _details(found: PageFindings) -> dict[str, object]:
    return {
        "orientation": found.page.orientation,
        "names_read": round(found.page.named.naming.agreement, 3),
        "crossings_found": round(found.page.flat.found, 3),
        "rows_mm": [round(float(zero_mm), 2) for zero_mm in found.page.zeros_mm],
        "time_zero_mm": [round(float(zero_mm), 2) for zero_mm in found.axis.zeros_mm],
        "time_agreement": round(found.axis.agreement, 3),
    }


def _geometry(found: PageFindings) -> PageGeometry:
    """Where the page lies, told in the middle of its grid."""
    zeros = map(found.page.flat.box_of_mm, found.axis.zeros_mm)
    levels = np.array([(zero, reading.level_box) for zero, reading in zip(zeros, found.readings, strict=True)])
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
