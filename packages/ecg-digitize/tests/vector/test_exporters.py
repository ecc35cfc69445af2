"""PDFs as programs write them that print through a printer's driver, a plotting library or a drawing program."""

from __future__ import annotations

from itertools import pairwise

import attrs
import numpy as np
import pytest

from ecg_core import Record, competition_snr
from ecg_digitize import digitize, load_pages

LEADS, CHEST = ("I", "II", "III"), ("V1", "V2", "V3")
BASES_MM = (50.0, 100.0, 150.0)
LEFT_MM, COLUMN_MM = 25.0, 62.5
PT_PER_MM, HEIGHT_PT = 72 / 25.4, 595.0
NOTHING_LOST_DB = 24.0
"""25.8 dB is the most that can be had."""
IN_DASHES_DB = 20.0
OF_A_PEN_DB = 20.0
"""A pen fills the inner side of sharp peaks."""


def read(path, **options):
    [page] = load_pages(path)
    return digitize(page, method="vector", **options)


def points(truth: Record, lead: str, base_mm: float, *, first_s: float = 0.0, last_s: float = 10.0):
    """Where the samples of a lead stand on paper."""
    samples = np.arange(round(first_s * truth.sampling_rate_hz), round(last_s * truth.sampling_rate_hz))
    return LEFT_MM + samples / truth.sampling_rate_hz * 25.0, base_mm - truth.lead_mv(lead)[samples] * 10.0


def name_rows(sheet, leads=LEADS) -> None:
    sheet.text(20, 195, "25 mm/s 10 mm/mV")
    for lead, base in zip(leads, BASES_MM, strict=True):
        sheet.text(LEFT_MM + 2, base - 15, lead)


def snr_db(truth: Record, found) -> float:
    rows = [truth.lead_names.index(lead) for lead in LEADS]
    return competition_snr(attrs.evolve(truth, lead_names=LEADS, signal_mv=truth.signal_mv[rows]), found.record).db


# How a trace is drawn


def catmull_rom(sheet, x, y):
    sheet.curves(x, y)


def dashed_by_the_printer(sheet, x, y):
    sheet.raw("[3 2] 0 d")
    sheet.line(x, y)
    sheet.raw("[] 0 d")


def dashed_curves(sheet, x, y):
    sheet.raw("[4 2] 0 d")
    sheet.curves(x, y)
    sheet.raw("[] 0 d")


def in_pieces_of_128(sheet, x, y):
    for first in range(0, len(x) - 1, 127):
        sheet.line(x[first : first + 128], y[first : first + 128])


def in_one_path_of_pieces(sheet, x, y):
    for first in range(0, len(x) - 1, 127):
        sheet.line(x[first : first + 128], y[first : first + 128], paint="S" if first + 128 >= len(x) else "")


def in_places_of_its_own(sheet, x, y):
    """Steps in tenths of a point, upside down and turned, within two transformations."""
    sheet.raw(f"q 1 0 0 -1 0 {HEIGHT_PT} cm q 0 0.1 0.1 0 0 0 cm 7 w")
    places = [f"{v * PT_PER_MM * 10:.2f} {u * PT_PER_MM * 10:.2f}" for u, v in zip(x, y, strict=True)]
    sheet.raw(f"{places[0]} m " + " ".join(f"{place} l" for place in places[1:]) + " S Q Q 0.7 w")


@pytest.mark.parametrize(
    "draw",
    [
        catmull_rom,
        dashed_by_the_printer,
        dashed_curves,
        in_pieces_of_128,
        in_one_path_of_pieces,
        in_places_of_its_own,
    ],
    ids=lambda each: each.__name__,
)
def test_nothing_is_lost_however_a_program_draws_a_trace(sheet, save, truth, draw):
    sheet.grid()
    for lead, base in zip(LEADS, BASES_MM, strict=True):
        draw(sheet, *points(truth, lead, base))
    name_rows(sheet)
    found = read(save(sheet))
    assert found.quality.layout_rows == tuple((lead,) for lead in LEADS)
    assert found.verdict == "good"
    assert snr_db(truth, found) >= NOTHING_LOST_DB


def as_outline_of_a_pen(sheet, x, y):
    """The shape that a pen of a quarter of a millimetre leaves, with mitred corners."""
    corners = np.column_stack((x, y))
    steps = np.diff(corners, axis=0)
    normals = np.column_stack((-steps[:, 1], steps[:, 0])) / np.linalg.norm(steps, axis=1)[:, None]
    both = np.concatenate((normals[:1], normals, normals[-1:]))
    mean = both[:-1] + both[1:]
    mitres = mean * (2 / np.maximum((mean**2).sum(axis=1), 0.5))[:, None]
    ring = np.concatenate((corners + 0.125 * mitres, (corners - 0.125 * mitres)[::-1]))
    sheet.line(*ring.T, paint="h f")


def as_thin_shape(sheet, x, y):
    sheet.line(np.concatenate((x, x[::-1])), np.concatenate((y - 0.1, y[::-1] + 0.1)), paint="h f")


def test_the_outline_of_a_pen_is_read_along_its_middle(sheet, save, truth):
    sheet.grid()
    for lead, base in zip(LEADS, BASES_MM, strict=True):
        as_outline_of_a_pen(sheet, *points(truth, lead, base))
    name_rows(sheet)
    assert snr_db(truth, read(save(sheet))) >= OF_A_PEN_DB


def bezier(corners: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Points of a curve by de Casteljau's construction."""
    level = corners[:, None, :] * np.ones((1, len(t), 1))
    while len(level) > 1:
        level = level[:-1] * (1 - t)[:, None] + level[1:] * t[:, None]
    return level[0]


def test_a_curve_is_read_along_itself_not_along_the_points_that_it_bends_towards(sheet, save):
    """Waves of a second that are two curves each: a millivolt high, while their bends stand far above and below."""
    sheet.grid()
    for base in BASES_MM:
        path = [f"{LEFT_MM * PT_PER_MM:.4f} {HEIGHT_PT - base * PT_PER_MM:.4f} m"]
        for half in range(20):
            left, up = LEFT_MM + 12.5 * half, 40 / 3 * (-1) ** half
            corners = [(left, base - up), (left + 12.5, base - up), (left + 12.5, base)]
            path.append(" ".join(f"{u * PT_PER_MM:.4f} {HEIGHT_PT - v * PT_PER_MM:.4f}" for u, v in corners) + " c")
        sheet.raw(" ".join(path) + " S")
    name_rows(sheet, CHEST)
    found = read(save(sheet))
    wave = bezier(np.array([(0, 0), (0, 4 / 3), (0.5, 4 / 3), (0.5, 0)]), np.linspace(0, 1, 2001))
    at_s = np.arange(50, 4950) / 500
    expected = np.interp(at_s % 0.5, *wave.T) * np.where(at_s % 1 < 0.5, 1, -1)
    for lead in CHEST:
        difference = found.record.lead_mv(lead)[50:4950] - expected
        np.testing.assert_allclose(difference, np.median(difference), atol=0.02)
        assert np.std(difference) < 0.004


# Dashes that are strokes of their own


def dashes_of(x, y, *, on_mm: float, off_mm: float):
    """The strokes that a dashed line is made of, the points of the line within them kept."""
    way = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    for begin in np.arange(0.0, way[-1], on_mm + off_mm):
        end = min(begin + on_mm, way[-1])
        at = np.concatenate(([begin], way[(way > begin) & (way < end)], [end]))
        yield np.interp(at, way, x), np.interp(at, way, y)


@pytest.mark.parametrize(("on_mm", "off_mm"), [(1.0, 0.5), (0.5, 0.5), (2.0, 0.7)])
@pytest.mark.parametrize("rate_hz", [500, 250])
def test_dashes_that_are_strokes_of_their_own_are_one_trace(sheet, save, truth, on_mm, off_mm, rate_hz):
    sheet.grid()
    for lead, base in zip(LEADS, BASES_MM, strict=True):
        x, y = (each[:: 500 // rate_hz] for each in points(truth, lead, base))
        for dash in dashes_of(x, y, on_mm=on_mm, off_mm=off_mm):
            sheet.line(*dash)
    name_rows(sheet)
    found = read(save(sheet))
    assert found.quality.layout_rows == tuple((lead,) for lead in LEADS)
    assert snr_db(truth, found) >= IN_DASHES_DB


def test_a_step_at_a_time_of_all_leads_in_turn(sheet, save, truth):
    """Some drivers write each step of a trace as a stroke, those of all leads as time goes on."""
    sheet.grid()
    traces = [np.column_stack(points(truth, lead, base)) for lead, base in zip(LEADS, BASES_MM, strict=True)]
    for steps in zip(*map(pairwise, traces), strict=True):
        for step in steps:
            sheet.line(*np.array(step).T)
    name_rows(sheet)
    found = read(save(sheet))
    assert found.quality.layout_rows == tuple((lead,) for lead in LEADS)
    assert snr_db(truth, found) >= NOTHING_LOST_DB


def test_letters_of_strokes_are_no_trace(sheet, save, truth):
    """Lines of print as plotters draw it, in the pen of the traces."""
    rng = np.random.default_rng(0)
    sheet.grid()
    for lead, base in zip(LEADS, BASES_MM, strict=True):
        sheet.line(*points(truth, lead, base))
    name_rows(sheet)
    for line in range(6):
        for letter in np.arange(LEFT_MM, LEFT_MM + 200, 2.0):
            for _ in range(5):
                ends = rng.uniform(0, 1, (2, 2)) * (1.8, 2.5)
                sheet.line(letter + np.sort(ends[:, 0]), 8 + 4 * line + ends[:, 1])
    found = read(save(sheet))
    assert found.quality.layout_rows == tuple((lead,) for lead in LEADS)
    assert snr_db(truth, found) >= NOTHING_LOST_DB


# Clips and drawings within drawings

COLUMNS = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))


def content(x, y, *, paint: str = "S") -> str:
    """A line in the language of PDFs, in points from the place that a matrix gives it."""
    places = [f"{u * PT_PER_MM:.3f} {v * PT_PER_MM:.3f}" for u, v in zip(x, y, strict=True)]
    return f"0.7 w {places[0]} m " + " ".join(f"{place} l" for place in places[1:]) + f" {paint}"


def clipped_lines(sheet, x, y, left_mm, base_mm):
    sheet.clipped(left_mm, base_mm - 22, left_mm + COLUMN_MM, base_mm + 22)
    sheet.line(x, y)
    sheet.raw("Q")


def clipped_curves(sheet, x, y, left_mm, base_mm):
    sheet.clipped(left_mm, base_mm - 22, left_mm + COLUMN_MM, base_mm + 22)
    sheet.curves(x, y)
    sheet.raw("Q")


def clipped_outlines(sheet, x, y, left_mm, base_mm):
    sheet.clipped(left_mm, base_mm - 22, left_mm + COLUMN_MM, base_mm + 22)
    as_thin_shape(sheet, x, y)
    sheet.raw("Q")


def twice_clipped(sheet, x, y, left_mm, base_mm):
    """A clip for the row, and within it one for what lies right of a place and one for what lies left of another."""
    sheet.clipped(0, base_mm - 22, 290, base_mm + 22)
    sheet.clipped(left_mm, 0, 290, 209)
    sheet.clipped(0, 0, left_mm + COLUMN_MM, 209)
    sheet.line(x, y)
    sheet.raw("Q Q Q")


def forms_in_a_box(sheet, x, y, left_mm, base_mm):
    """A drawing for every lead, whose own box hides what lies beyond."""
    box = f"/BBox [0 {-22 * PT_PER_MM:.3f} {COLUMN_MM * PT_PER_MM:.3f} {22 * PT_PER_MM:.3f}]"
    name = sheet.form(content(x - left_mm, base_mm - y), box)
    sheet.raw(f"q 1 0 0 1 {left_mm * PT_PER_MM:.4f} {HEIGHT_PT - base_mm * PT_PER_MM:.4f} cm {name} Do Q")


def forms_of_another_size(sheet, x, y, left_mm, base_mm):
    """The same, at a tenth of the size by the matrix of the drawing, and ten times as large where it is placed."""
    box = f"/Matrix [0.1 0 0 0.1 5 7] /BBox [0 {-22 * PT_PER_MM:.3f} {COLUMN_MM * PT_PER_MM:.3f} {22 * PT_PER_MM:.3f}]"
    name = sheet.form(content(x - left_mm, base_mm - y), box)
    place = f"{left_mm * PT_PER_MM - 50:.4f} {HEIGHT_PT - base_mm * PT_PER_MM - 70:.4f}"
    sheet.raw(f"q 10 0 0 10 {place} cm {name} Do Q")


def clipped_forms(sheet, x, y, left_mm, base_mm):
    """A drawing that shows more, placed where a clip hides it."""
    name = sheet.form(content(x - left_mm, base_mm - y), "/BBox [-2000 -2000 2000 2000]")
    sheet.clipped(left_mm, base_mm - 22, left_mm + COLUMN_MM, base_mm + 22)
    sheet.raw(f"1 0 0 1 {left_mm * PT_PER_MM:.4f} {HEIGHT_PT - base_mm * PT_PER_MM:.4f} cm {name} Do Q")


@pytest.mark.parametrize(
    "draw",
    [
        clipped_lines,
        clipped_curves,
        clipped_outlines,
        twice_clipped,
        forms_in_a_box,
        forms_of_another_size,
        clipped_forms,
    ],
    ids=lambda each: each.__name__,
)
def test_of_what_a_clip_cuts_only_what_is_seen_is_read(sheet, save, truth, draw):
    """Every lead is drawn for all of its ten seconds; its column shows a quarter."""
    sheet.grid()
    for row, base in zip(COLUMNS, BASES_MM, strict=True):
        for column, lead in enumerate(row):
            left = LEFT_MM + column * COLUMN_MM
            draw(sheet, *points(truth, lead, base), left, base)
            sheet.text(left + 2, base - 12, lead)
    sheet.text(20, 195, "25 mm/s 10 mm/mV")
    found = read(save(sheet))
    assert found.quality.layout_rows == COLUMNS
    seconds = np.arange(5000) / 500
    for row in COLUMNS:
        for column, lead in enumerate(row):
            shown = (seconds >= 2.5 * column) & (seconds < 2.5 * column + 2.5)
            signal = found.record.lead_mv(lead)
            assert np.isfinite(signal[shown]).mean() > 0.99
            assert not np.isfinite(signal[~shown]).any()
            difference = (signal - truth.lead_mv(lead))[shown]
            np.testing.assert_allclose(difference[2:-2], np.nanmedian(difference), atol=0.02)


def test_columns_that_a_clip_shows_in_part_are_unknown_elsewhere(sheet, save, truth):
    """A clip that ends half a second before the row does, and one that begins as much after it."""
    sheet.grid()
    for lead, base, (first_s, last_s) in zip(LEADS, BASES_MM, [(0, 10), (0, 9.5), (0.5, 10)], strict=True):
        sheet.clipped(LEFT_MM + 25 * first_s, 0, LEFT_MM + 25 * last_s, 209)
        sheet.line(*points(truth, lead, base))
        sheet.raw("Q")
    name_rows(sheet)
    found = read(save(sheet))
    assert np.isfinite(found.record.lead_mv("I")).mean() > 0.999
    assert not np.isfinite(found.record.lead_mv("II")[4755:]).any()
    assert np.isfinite(found.record.lead_mv("II")[:4745]).all()
    assert not np.isfinite(found.record.lead_mv("III")[:245]).any()
    assert np.isfinite(found.record.lead_mv("III")[255:4990]).all()


def test_what_a_clip_cuts_off_above_and_below_is_known_as_the_file_has_it(sheet, save, truth):
    """Tall beats are cut where their row ends, for the eye; the line within the file goes on."""
    sheet.grid()
    for lead, base in zip(LEADS, BASES_MM, strict=True):
        sheet.clipped(0, base - 3, 290, base + 3)
        sheet.line(*points(truth, lead, base))
        sheet.raw("Q")
    name_rows(sheet)
    assert snr_db(truth, read(save(sheet))) >= NOTHING_LOST_DB


# Grids


def boxes_of_five(sheet):
    for x in np.arange(10, 280, 5.0):
        for y in np.arange(5, 200, 5.0):
            sheet.rectangle(x, y, x + 5, y + 5)


def columns_and_rows_as_boxes(sheet):
    for x in np.arange(10, 280, 5.0):
        sheet.rectangle(x, 5, x + 5, 200)
    for y in np.arange(5, 200, 5.0):
        sheet.rectangle(10, y, 280, y + 5)


def filled_bars(sheet):
    sheet.raw("1 0.7 0.7 rg")
    for x in np.arange(10, 280, 5.0):
        sheet.rectangle(x - 0.05, 5, x + 0.05, 200, paint="f")
    for y in np.arange(5, 200, 5.0):
        sheet.rectangle(10, y - 0.05, 280, y + 0.05, paint="f")
    sheet.raw("0 0 0 rg")


def dashes_as_strokes(sheet):
    """Dashed lines cut into strokes, as thin as the grid and of its colour."""
    sheet.raw("1 0.7 0.7 RG 0.2 w")
    for x in np.arange(10, 280.1, 5.0):
        for y in np.arange(5, 199, 2.0):
            sheet.line(np.array([x, x]), np.array([y, y + 1]))
    for y in np.arange(5, 200.1, 5.0):
        for x in np.arange(10, 279, 2.0):
            sheet.line(np.array([x, x + 1]), np.array([y, y]))
    sheet.raw("0 0 0 RG 0.7 w")


@pytest.mark.parametrize(
    "draw_grid",
    [boxes_of_five, columns_and_rows_as_boxes, filled_bars, dashes_as_strokes],
    ids=lambda each: each.__name__,
)
def test_grids_of_rectangles_and_dashes_tell_the_scale(sheet, save, truth, draw_grid):
    """The page is printed at nine tenths of its size, which the grid alone tells."""
    draw_grid(sheet)
    for lead, base in zip(LEADS, BASES_MM, strict=True):
        sheet.line(*points(truth, lead, base))
    name_rows(sheet)
    sheet.parts.insert(0, "0.9 0 0 0.9 0 0 cm")
    found = read(save(sheet))
    assert found.quality.layout_rows == tuple((lead,) for lead in LEADS)
    assert found.reading.details["has_grid"]
    assert found.reading.geometry.px_per_mm_x == pytest.approx(0.9 * 300 / 25.4, rel=2e-3)
    assert found.reading.geometry.px_per_mm_y == pytest.approx(0.9 * 300 / 25.4, rel=2e-3)
    assert snr_db(truth, found) >= NOTHING_LOST_DB


# How closely the points stand


def every(step: int, draw):
    """Draws only one sample of so many."""
    return lambda sheet, x, y: draw(sheet, x[::step], y[::step])


def straight(sheet, x, y):
    sheet.line(x, y)


@pytest.mark.parametrize("draw", [straight, catmull_rom, dashed_by_the_printer], ids=lambda each: each.__name__)
@pytest.mark.parametrize(("step_ms", "verdicts"), [(10, {"good"}), (30, {"doubtful"}), (100, {"doubtful", "refused"})])
def test_points_that_stand_too_far_apart_for_an_ecg_are_not_clear(sheet, save, truth, draw, step_ms, verdicts):
    """Straight lines or curves between points a tenth of a second apart show no heartbeat as it was."""
    sheet.grid()
    for lead, base in zip(LEADS, BASES_MM, strict=True):
        every(step_ms // 2, draw)(sheet, *points(truth, lead, base))
    name_rows(sheet)
    found = read(save(sheet))
    assert {found.quality.leads[lead].verdict for lead in LEADS} <= verdicts
    assert (found.verdict == "good") == (step_ms == 10)
    clarity = {trace.clarity for trace in found.reading.traces}
    assert min(clarity) == 1 if step_ms == 10 else max(clarity) == pytest.approx(16 / step_ms, rel=0.05)


def test_points_that_are_left_out_where_a_trace_is_straight_are_no_fault(sheet, save, truth):
    """Between its beats a trace of a program that leaves out what lies on a line has hardly any points."""
    sheet.grid()
    for lead, base in zip(LEADS, BASES_MM, strict=True):
        x, y = points(truth, lead, base)
        kept = [0]
        for last in range(2, len(x)):
            first = kept[-1]
            line = np.interp(x[first:last], x[[first, last]], y[[first, last]])
            if np.abs(line - y[first:last]).max() > 0.08:
                kept.append(last - 1)
        sheet.line(x[[*kept, -1]], y[[*kept, -1]])
    name_rows(sheet)
    found = read(save(sheet))
    assert (found.verdict, {trace.clarity for trace in found.reading.traces}) == ("good", {1.0})
