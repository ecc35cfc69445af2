"""The classical digitizer: a page's picture to a record by image processing alone, with no learned part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ecg_core.paper import LAYOUT_3X4_1R, Layout, PaperSpec
from ecg_digitize.assemble import LeadPiece, assemble_clarity, assemble_record
from ecg_digitize.classical.leads import LeadCurve, lead_spans, read_curve, sample_piece
from ecg_digitize.classical.sheet import Sheet, lay_flat
from ecg_digitize.classical.structure import Structure, find_structure
from ecg_digitize.engines import NetworkSource
from ecg_digitize.known import NEARLY, PULSE_MV, PULSE_S, Known, PrintScale
from ecg_digitize.quality import judge
from ecg_digitize.result import Digitization, LeadTrace, PageGeometry

METHOD = "classical"
MIN_SUPPORT = 0.5
"""Share of the votes for time 0 below which the time frame is in doubt."""


def digitize_classical(
    image_rgb: np.ndarray,
    *,
    layouts: Mapping[str, Layout],
    known: Known,
    sampling_rate_hz: float,
    networks: NetworkSource | None = None,
) -> Digitization:
    """Read a page.

    Args:
        image_rgb: uint8, shape (height, width, 3).
        layouts: which leads stand where, and for how long; this method cannot tell layouts apart and takes the first,
            or the standard one where it is among them.
        known: speed, gain and duration as far as they are known; of the pulses only the height is read.
        sampling_rate_hz: of the record.
        networks: not used.

    Raises:
        DataError: the picture shows no regular grid, or not the rows of the layout.
    """
    paper = known.scale().paper
    layout = known.printed(layouts.get(LAYOUT_3X4_1R.name) or next(iter(layouts.values())), paper)
    sheet = lay_flat(image_rgb, paper=paper, width_needed_mm=paper.width_mm(layout.duration_s))
    structure = find_structure(sheet, layout, paper)
    scale = known.scale(pulse_mm=_pulse_mm(structure, paper))
    readings = list(_read_leads(structure, layout, scale.paper, sampling_rate_hz))
    pieces = [piece for piece, _ in readings]
    record = assemble_record(
        pieces,
        sampling_rate_hz=sampling_rate_hz,
        num_samples=round(layout.duration_s * sampling_rate_hz),
        name="page",
    )
    quality = judge(
        record,
        pieces,
        method=METHOD,
        warnings=_doubts(sheet, structure, scale, paper),
        notes=scale.notes(),
        details={**_details(sheet, structure, layout), "paper": scale.details()},
    )
    geometry = _geometry(sheet, structure, readings)
    return Digitization(
        image=image_rgb,
        record=record,
        quality=quality,
        geometry=geometry,
        sample_clarity=assemble_clarity(pieces, num_samples=record.num_samples),
    )


def _read_leads(
    structure: Structure, layout: Layout, paper: PaperSpec, sampling_rate_hz: float
) -> Iterator[tuple[LeadPiece, LeadCurve]]:
    for segment, start_px, end_px in lead_spans(structure.frame, layout, paper):
        row = structure.rows[segment.row]
        curve = read_curve(structure.signal_runs, row, start_px, end_px, structure.pen_px)
        yield sample_piece(curve, segment, start_px, row.zero_px, paper, sampling_rate_hz), curve


def _pulse_mm(structure: Structure, paper: PaperSpec) -> tuple[float, float] | None:
    """Width and height of the calibration pulses; they are only found where they are as wide as the speed says."""
    ratios = [pulse.gain_ratio for pulse in structure.pulses if pulse is not None]
    if not ratios:
        return None
    return paper.width_mm(PULSE_S), paper.height_mm(PULSE_MV) * float(np.median(ratios))


def _doubts(sheet: Sheet, structure: Structure, scale: PrintScale, paper: PaperSpec) -> list[str]:
    """What makes the scale or the time of a page uncertain."""
    doubts = []
    if not sheet.lattice.has_large_boxes:
        doubts.append(
            "small and large boxes of the grid cannot be told apart; the scale was judged by the page's width"
        )
    if structure.frame.support < MIN_SUPPORT:
        doubts.append("rows, pulses and bars do not agree on where time 0 is")
    pulse_mm = _pulse_mm(structure, paper)
    if pulse_mm and scale.gain_from != "pulse" and abs(pulse_mm[1] / paper.height_mm(PULSE_MV) - 1) > NEARLY:
        doubts.append(
            f"the calibration pulses are {pulse_mm[1]:g} mm tall and speak for another gain than "
            f"{paper.gain_mm_per_mv:g} mm/mV; check --gain"
        )
    return doubts


def _details(sheet: Sheet, structure: Structure, layout: Layout) -> dict[str, object]:
    return {
        "layout": layout.name,
        "geometry": {
            "px_per_mm_x": round(sheet.lattice.px_per_mm_x, 4),
            "px_per_mm_y": round(sheet.lattice.px_per_mm_y, 4),
            "rotation_deg": round(sheet.lattice.rotation_deg, 3),
            "skew_deg": round(sheet.lattice.skew_deg, 3),
            "grid_score": round(sheet.lattice.score, 3),
            "time_support": round(structure.frame.support, 3),
            "calibration_pulses": sum(pulse is not None for pulse in structure.pulses),
            "lead_bars": len(structure.frame.bars),
        },
    }


def _geometry(sheet: Sheet, structure: Structure, readings: list[tuple[LeadPiece, LeadCurve]]) -> PageGeometry:
    """Everything found, in pixels of the original picture."""
    to_page = sheet.flattening.page_points
    zero_points = to_page(np.array([(structure.frame.start_px, row.zero_px) for row in structure.rows]))
    traces = [
        LeadTrace(
            lead=piece.lead,
            row=piece.row,
            is_rhythm=piece.is_rhythm,
            points_px=to_page(np.column_stack([curve.columns, curve.y_px])),
            confidence=piece.clarity,
        )
        for piece, curve in readings
    ]
    return PageGeometry(
        px_per_mm_x=sheet.lattice.px_per_mm_x,
        px_per_mm_y=sheet.lattice.px_per_mm_y,
        rotation_deg=sheet.lattice.rotation_deg,
        baselines_px=tuple((float(x), float(y)) for x, y in zero_points),
        traces=tuple(traces),
    )
