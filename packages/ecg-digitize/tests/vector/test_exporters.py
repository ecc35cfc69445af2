"""Traces as exporters of drawings make them: in curves, dashed, clipped, thinned out."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_core import Record
from ecg_digitize import digitize, load_pages

PT_PER_MM = 72 / 25.4
LEADS = ("I", "II", "III")
LEFT_MM, BASES_MM, SECONDS = 20.0, (40.0, 90.0, 140.0), 10.0
RATE_HZ = 250.0


def trace_mm(truth: Record, lead: str, base_mm: float) -> np.ndarray:
    """Points of a trace at 25 mm/s and 10 mm/mV, shape (points, 2)."""
    at_s = np.arange(0, SECONDS, 1 / RATE_HZ)
    heights_mv = np.interp(at_s, np.arange(truth.num_samples) / truth.sampling_rate_hz, truth.lead_mv(lead))
    return np.column_stack((LEFT_MM + 25 * at_s, base_mm - 10 * heights_mv))


def read(sheet, save, draw, truth: Record):
    """What is read of a page of three rows, each drawn by a function of the sheet and the points of its trace."""
    sheet.raw("0.2 w 1 0.7 0.7 RG")
    sheet.grid(5.0)
    sheet.raw("0.7 w 0 0 0 RG")
    for lead, base_mm in zip(LEADS, BASES_MM, strict=True):
        sheet.pulse(LEFT_MM - 9, base_mm)
        sheet.text(LEFT_MM + 2, base_mm - 8, lead)
        draw(sheet, trace_mm(truth, lead, base_mm))
    [page] = load_pages(save(sheet))
    return digitize(page, method="vector", sampling_rate_hz=RATE_HZ, fit_limbs=False)


def error_mv(found, lead: str, base_mm: float, drawn_mm: np.ndarray, *, until_s: float = SECONDS) -> float:
    """Root mean square of what a lead was read as against the line that was drawn, but for a constant height."""
    read_mv = found.record.lead_mv(lead)[: int(until_s * RATE_HZ) - 4]
    at_mm = LEFT_MM + 25 * np.arange(len(read_mv)) / RATE_HZ
    difference = read_mv - np.interp(at_mm, drawn_mm[:, 0], (base_mm - drawn_mm[:, 1]) / 10)
    assert np.isfinite(difference).mean() > 0.98
    return float(np.nanstd(difference))


def fitted_curves(points_mm: np.ndarray, samples: int) -> np.ndarray:
    """Curves of third order, each by least squares over so many samples, as drawing programs simplify a line; shape
    (curves, 4, 2)."""
    curves = []
    for first in range(0, len(points_mm) - 1, samples):
        own = points_mm[first : first + samples + 1]
        begin, end = own[0], own[-1]
        t = ((own[:, 0] - begin[0]) / (end[0] - begin[0]))[:, None]
        rest = own - (1 - t) ** 3 * begin - t**3 * end
        bends = np.linalg.lstsq(np.hstack((3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2)), rest, rcond=None)[0]
        curves.append([begin, *bends, end])
    return np.array(curves)


def points_of_curves(curves: np.ndarray) -> np.ndarray:
    """Many points on curves, by the construction of de Casteljau."""
    points = np.repeat(curves[:, None], 50, axis=1)
    t = np.linspace(0, 1, 50)[:, None, None]
    while points.shape[2] > 1:
        points = points[:, :, :-1] * (1 - t) + points[:, :, 1:] * t
    return points.reshape(-1, 2)


def places(points_mm: np.ndarray) -> str:
    return " ".join(f"{x * PT_PER_MM:.4f} {595 - y * PT_PER_MM:.4f}" for x, y in points_mm)


def as_dashes(points_mm: np.ndarray, on_mm: float, off_mm: float) -> list[np.ndarray]:
    """The dashes of a line, measured along it."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points_mm, axis=0).T))))
    dashes = []
    for begin in np.arange(0.0, along[-1], on_mm + off_mm):
        end = min(begin + on_mm, along[-1])
        at = np.concatenate(([begin], along[(along > begin) & (along < end)], [end]))
        dashes.append(np.column_stack([np.interp(at, along, points_mm[:, axis]) for axis in (0, 1)]))
    return dashes


@pytest.mark.parametrize("samples", [3, 5, 10, 25])
def test_a_trace_in_curves_is_read_as_they_run(sheet, save, truth, samples):
    def draw(sheet, points_mm):
        curves = fitted_curves(points_mm, samples)
        sheet.raw(f"{places(curves[0, :1])} m {' '.join(places(curve[1:]) + ' c' for curve in curves)} S")

    found = read(sheet, save, draw, truth)
    for lead, base_mm in zip(LEADS, BASES_MM, strict=True):
        drawn_mm = points_of_curves(fitted_curves(trace_mm(truth, lead, base_mm), samples))
        assert error_mv(found, lead, base_mm, drawn_mm) < 0.002


@pytest.mark.parametrize(("every", "is_clear"), [(1, True), (2, True), (5, False), (10, False)])
def test_a_trace_of_too_few_points_is_not_good(sheet, save, truth, every, is_clear):
    found = read(sheet, save, lambda sheet, points_mm: sheet.line(*points_mm[::every].T), truth)
    is_told = [f"{', '.join(LEADS)}: its trace has fewer than 64 points a second" in each for each in found.warnings]
    assert any(is_told) is not is_clear
    assert all((found.confidence[lead] >= 0.8) is is_clear for lead in LEADS)


def test_few_points_do_where_a_trace_is_flat(sheet, save, truth):
    """As programs simplify a line: a point stays where without it the line were off by a hundredth of a millimetre."""

    def thinned(points_mm: np.ndarray) -> np.ndarray:
        along = points_mm[0] + np.linspace(0, 1, len(points_mm))[:, None] * (points_mm[-1] - points_mm[0])
        off = np.abs(points_mm[:, 1] - along[:, 1])
        if len(points_mm) < 3 or off.max() < 0.01:
            return points_mm[[0, -1]]
        middle = int(off[1:-1].argmax()) + 1
        return np.concatenate((thinned(points_mm[: middle + 1])[:-1], thinned(points_mm[middle:])))

    found = read(sheet, save, lambda sheet, points_mm: sheet.line(*thinned(points_mm).T), truth)
    assert found.verdict == "good"
    for lead, base_mm in zip(LEADS, BASES_MM, strict=True):
        assert error_mv(found, lead, base_mm, trace_mm(truth, lead, base_mm)) < 0.002


def test_a_dashed_pen_draws_the_whole_trace(sheet, save, truth):
    def draw(sheet, points_mm):
        sheet.raw("[4 2] 0 d")
        sheet.line(*points_mm.T)
        sheet.raw("[] 0 d")

    found = read(sheet, save, draw, truth)
    assert found.verdict == "good"
    for lead, base_mm in zip(LEADS, BASES_MM, strict=True):
        assert error_mv(found, lead, base_mm, trace_mm(truth, lead, base_mm)) < 0.01


@pytest.mark.parametrize(("on_mm", "off_mm", "is_clear"), [(3.0, 0.3, True), (2.0, 1.0, False), (1.0, 1.0, False)])
def test_dashes_that_are_lines_of_their_own_are_one_trace(sheet, save, truth, on_mm, off_mm, is_clear):
    def draw(sheet, points_mm):
        for dash in as_dashes(points_mm, on_mm, off_mm):
            sheet.line(*dash.T)

    found = read(sheet, save, draw, truth)
    assert found.quality.layout_rows == tuple((lead,) for lead in LEADS)
    assert any("its trace is dashed" in each for each in found.warnings) is not is_clear
    for lead, base_mm in zip(LEADS, BASES_MM, strict=True):
        assert error_mv(found, lead, base_mm, trace_mm(truth, lead, base_mm)) < 0.03
        assert (found.confidence[lead] >= 0.8) is is_clear


@pytest.mark.parametrize("in_curves", [False, True])
def test_a_trace_is_read_as_far_as_its_clip_shows_it(sheet, save, truth, in_curves):
    """The trace begins two seconds before its clip and ends two seconds after it."""
    shown_mm = (LEFT_MM, LEFT_MM + 6 * 25.0)

    def draw(sheet, points_mm):
        moved = points_mm - (2 * 25.0, 0.0)
        left, width = shown_mm[0] * PT_PER_MM, (shown_mm[1] - shown_mm[0]) * PT_PER_MM
        sheet.raw(f"q {left:.4f} 0 {width:.4f} 595 re W n")
        if in_curves:
            curves = fitted_curves(moved, 5)
            sheet.raw(f"{places(curves[0, :1])} m {' '.join(places(curve[1:]) + ' c' for curve in curves)} S")
        else:
            sheet.line(*moved.T)
        sheet.raw("Q")

    found = read(sheet, save, draw, truth)
    assert found.record.duration_s == pytest.approx(6.0, abs=0.02)
    for lead, base_mm in zip(LEADS, BASES_MM, strict=True):
        moved = trace_mm(truth, lead, base_mm) - (2 * 25.0, 0.0)
        drawn_mm = points_of_curves(fitted_curves(moved, 5)) if in_curves else moved
        assert error_mv(found, lead, base_mm, drawn_mm, until_s=6.0) < 0.01
