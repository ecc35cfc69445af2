"""PDFs as other makers draw them, and structures that no layout knows."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import pytest

from ecg_core import Record, synthesize_record
from ecg_core.errors import DataError
from ecg_digitize import digitize, load_pages
from ecg_digitize.digitizers.print_scale import PrintSettings

LIMB = ("I", "II", "III", "aVR", "aVL", "aVF")
CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")
LEFT_MM = 25.0
ATOL_MV = 0.012


def read(path, **options):
    [page] = load_pages(path)
    return digitize(page, method="vector", **options)


def points(truth: Record, lead: str, begin_s: float, end_s: float, left_mm: float, base_mm: float, **scale: float):
    """Where the samples of a lead lie on paper; ``speed`` and ``gain`` are 25 and 10."""
    rate = truth.sampling_rate_hz
    samples = np.arange(round(begin_s * rate), round(end_s * rate))
    x = left_mm + (samples / rate - begin_s) * scale.get("speed", 25.0)
    return x, base_mm - truth.lead_mv(lead)[samples] * scale.get("gain", 10.0)


def bases(count: int) -> np.ndarray:
    return np.linspace(30.0, 180.0, count) if count > 1 else np.array([100.0])


def draw_rows(
    sheet, truth: Record, leads: Sequence[str], *, seconds: float = 10.0, name_at=(2.0, -6.0), **scale: float
):
    """A row for each lead."""
    for lead, base in zip(leads, bases(len(leads)), strict=True):
        sheet.line(*points(truth, lead, 0.0, seconds, LEFT_MM, base, **scale))
        sheet.text(LEFT_MM + name_at[0], base + name_at[1], lead)


def draw_columns(sheet, truth: Record, rows: Sequence[Sequence[str]], *, gap_mm: float = 0.0, at_once: bool = False):
    """Rows of several leads, and of single ones for the whole length."""
    widest = max(map(len, rows))
    for row, base in zip(rows, bases(len(rows)), strict=True):
        length = 10.0 / widest if len(row) > 1 or at_once else 10.0
        sheet.pulse(LEFT_MM - 9, base)
        for column, lead in enumerate(row):
            left = LEFT_MM + column * (length * 25.0 + gap_mm)
            begin = 0.0 if at_once else column * length
            sheet.line(*points(truth, lead, begin, begin + length, left, base))
            sheet.text(left + 2, base - 7, lead)


def assert_same(found, truth: Record, lead: str, begin_s: float, end_s: float, *, called: str = ""):
    """A lead shows its recording, but for a constant height where no pulse tells it."""
    first, last = round(begin_s * 500), round(end_s * 500) - 4
    read_mv = found.record.lead_mv(called or lead)[first:last]
    at_s = np.arange(first, last) / 500
    true_mv = np.interp(at_s, np.arange(truth.num_samples) / truth.sampling_rate_hz, truth.lead_mv(lead))
    assert np.isfinite(read_mv).mean() > 0.99
    difference = read_mv - true_mv
    np.testing.assert_allclose(difference, np.nanmedian(difference), atol=ATOL_MV)


# What a grid is made of


def dots(sheet):
    """Tiny filled squares, a millimetre apart in lines five millimetres apart, and the other way round."""
    sheet.raw("0.6 0.6 0.6 rg")
    places = {(x, y) for x in range(10, 281) for y in range(5, 201) if not (x % 5 and y % 5)}
    for x, y in sorted(places):
        sheet.raw(f"{x * 72 / 25.4:.2f} {595 - y * 72 / 25.4:.2f} 0.5 0.5 re f")


def round_dots(sheet):
    """A round dot every millimetre of every line, made of Bézier curves."""
    for x in range(10, 281):
        for y in range(5, 201, 5):
            place = f"1 0 0 1 {x * 72 / 25.4:.2f} {595 - y * 72 / 25.4:.2f} cm"
            sheet.raw(f"q {place} 0 0 m 0 0.3 0.3 0.5 0.5 0.5 c 0.8 0.5 0.8 0 0.5 0 c h f Q")


def bars(sheet):
    """Filled rectangles that are as thin as lines."""
    for x in range(10, 281, 5):
        sheet.raw(f"{x * 72 / 25.4:.2f} 20 0.3 560 re f")
    for y in range(5, 201, 5):
        sheet.raw(f"28 {595 - y * 72 / 25.4:.2f} 766 0.3 re f")


def dashes(sheet):
    sheet.raw("[1 3] 0 d 0.2 w")
    sheet.grid(1.0)
    sheet.raw("[] 0 d 0.7 w")


@pytest.mark.parametrize("draw_grid", [dots, round_dots, bars, dashes, lambda sheet: sheet.grid(5.0)])
def test_whatever_a_grid_is_made_of_it_tells_the_scale(sheet, save, truth, draw_grid):
    draw_grid(sheet)
    draw_rows(sheet, truth, LIMB)
    found = read(save(sheet))
    assert found.reading.details["has_grid"]
    assert found.reading.geometry.px_per_mm_x == pytest.approx(300 / 25.4, rel=2e-3)
    assert found.quality.layout_rows == tuple((lead,) for lead in LIMB)
    assert found.quality.layout == "6x1"
    for lead in LIMB:
        assert_same(found, truth, lead, 0.0, 10.0)


def test_without_a_grid_the_millimetres_of_the_page_hold_where_the_rows_confirm_them(sheet, save, truth):
    draw_rows(sheet, truth, LIMB)
    sheet.text(20, 200, "25 mm/s 10 mm/mV")
    found = read(save(sheet))
    assert not found.reading.details["has_grid"]
    assert (found.verdict, found.quality.paper.speed_from, found.quality.paper.gain_from) == (
        "good",
        "printed",
        "printed",
    )
    assert_same(found, truth, "II", 0.0, 10.0)


def test_without_a_grid_a_scaled_page_is_doubted(sheet, save, truth):
    draw_rows(sheet, truth, LIMB, speed=23.3, gain=9.32)
    sheet.text(20, 200, "25 mm/s 10 mm/mV")
    found = read(save(sheet))
    assert found.verdict == "doubtful"
    assert "no grid is drawn" in found.warnings[0]


def test_a_drawing_that_nothing_says_is_an_ecg_is_refused(sheet, save, truth):
    sheet.line(*points(truth, "II", 0.0, 10.0, LEFT_MM, 100.0))
    with pytest.raises(DataError, match="no name of a lead, no pulse and no scale"):
        read(save(sheet))


def test_a_page_in_units_of_its_own_is_scaled_by_its_grid(sheet, save, truth):
    sheet.grid(1.0)
    draw_rows(sheet, truth, LIMB)
    half = type(sheet)()
    half.parts = ["0.5 0 0 0.5 0 0 cm", *sheet.parts]
    found = read(save(half, entries="/UserUnit 2"))
    assert found.quality.paper.speed_mm_per_s == 25.0
    assert_same(found, truth, "II", 0.0, 10.0)


# How a trace is drawn


def whole(sheet, x, y):
    sheet.line(x, y)


def in_pieces(sheet, x, y):
    """Pieces of 128 points that share their ends."""
    for first in range(0, len(x) - 1, 127):
        sheet.line(x[first : first + 128], y[first : first + 128])


def in_parted_pieces(sheet, x, y):
    """Pieces of 128 points, the last of one and the first of the next a sample apart."""
    for first in range(0, len(x), 128):
        sheet.line(x[first : first + 128], y[first : first + 128])


def as_curves(sheet, x, y):
    sheet.curves(x, y)


def as_shape(sheet, x, y):
    """A thin filled shape round the trace."""
    half = 0.1
    sheet.line(np.concatenate((x, x[::-1])), np.concatenate((y - half, y[::-1] + half)), paint="h f")


def without_level_points(sheet, x, y):
    """Only the points where the height changes."""
    kept = np.concatenate(([True], (np.abs(np.diff(y[:-1])) > 0.02) | (np.abs(np.diff(y[1:])) > 0.02), [True]))
    sheet.line(x[kept], y[kept])


@pytest.mark.parametrize(
    "draw",
    [whole, in_pieces, in_parted_pieces, as_curves, as_shape, without_level_points],
    ids=lambda each: each.__name__,
)
def test_however_a_trace_is_drawn_it_is_read_exactly(sheet, save, truth, draw):
    sheet.grid()
    for lead, base in zip(LIMB, bases(6), strict=True):
        draw(sheet, *points(truth, lead, 0.0, 10.0, LEFT_MM, base))
        sheet.text(LEFT_MM + 2, base - 6, lead)
    found = read(save(sheet))
    assert found.quality.layout_rows == tuple((lead,) for lead in LIMB)
    for lead in LIMB:
        assert_same(found, truth, lead, 0.0, 10.0)


def test_what_a_clip_hides_is_not_read(sheet, save, truth):
    """Every lead is drawn for 7.5 s and shown for the 2.5 s of its column."""
    sheet.grid()
    for row, base in zip((LIMB[:3], LIMB[3:], CHEST[:3], CHEST[3:]), bases(4), strict=True):
        for column, lead in enumerate(row):
            left = LEFT_MM + column * 62.5
            sheet.raw(f"q {left * 72 / 25.4} 0 {62.5 * 72 / 25.4} 595 re W n")
            sheet.line(*points(truth, lead, 0.0, 7.5, LEFT_MM, base))
            sheet.raw("Q")
            sheet.text(left + 2, base - 7, lead)
    found = read(save(sheet))
    assert found.quality.layout_rows == (LIMB[:3], LIMB[3:], CHEST[:3], CHEST[3:])
    for column, lead in enumerate(CHEST[:3]):
        assert_same(found, truth, lead, 2.5 * column + 0.01, 2.5 * column + 2.49)


def test_a_pulse_in_one_go_with_a_trace_is_no_signal(sheet, save, truth):
    sheet.grid()
    for lead, base in zip(LIMB, bases(6), strict=True):
        x, y = points(truth, lead, 0.0, 10.0, LEFT_MM, base)
        before = LEFT_MM - 8 + np.array([0, 1, 1, 6, 6, 7.5])
        sheet.line(np.concatenate((before, x)), np.concatenate((base - 10 * np.array([0.0, 0, 1, 1, 0, 0]), y)))
        sheet.text(LEFT_MM + 2, base - 7, lead)
    found = read(save(sheet))
    assert found.quality.paper.gain_from == "pulse"
    assert found.record.duration_s == 10.0
    for lead in LIMB:
        assert_same(found, truth, lead, 0.05, 10.0)


def test_separators_in_one_go_with_the_traces_are_no_signal(sheet, save, truth):
    sheet.grid()
    rows = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
    for row, base in zip(rows, bases(3), strict=True):
        x, y = [], []
        for column, lead in enumerate(row):
            own_x, own_y = points(truth, lead, 2.5 * column, 2.5 * column + 2.5, LEFT_MM + 62.5 * column, base)
            if column:
                x += [own_x[0]] * 4
                y += [y[-1], base - 8, base + 8, own_y[0]]
            x, y = [*x, *own_x], [*y, *own_y]
            sheet.text(LEFT_MM + 62.5 * column + 2, base - 9, lead)
        sheet.line(np.array(x), np.array(y))
    found = read(save(sheet))
    assert found.quality.layout == "3x4"
    for row in rows:
        for column, lead in enumerate(row):
            assert_same(found, truth, lead, 2.5 * column + 0.01, 2.5 * column + 2.49)


# Names


@pytest.mark.parametrize("name_at", [(2.0, -6.0), (2.0, 6.0), (20.0, -8.0), (-12.0, 0.0), (1.0, -14.0)])
def test_names_stand_anywhere(sheet, save, truth, name_at):
    sheet.grid()
    draw_rows(sheet, truth, LIMB, name_at=name_at)
    assert read(save(sheet)).quality.layout_rows == tuple((lead,) for lead in LIMB)


@pytest.mark.parametrize("form", ["{}", "|{}", "Lead {}", "{}:", "{} 10 mm/mV"])
@pytest.mark.parametrize("change", [str, str.lower, str.upper])
def test_names_are_written_in_many_ways(sheet, save, truth, form, change):
    sheet.grid()
    leads = ("aVF", "V1", "V2", "II")
    for lead, base in zip(leads, bases(4), strict=True):
        sheet.line(*points(truth, lead, 0.0, 10.0, LEFT_MM, base))
        sheet.text(LEFT_MM + 2, base - 7, form.format(change(lead)))
    assert read(save(sheet)).quality.layout_rows == tuple((lead,) for lead in leads)


def test_names_written_letter_by_letter_are_put_together(sheet, save, truth):
    sheet.grid()
    for lead, base in zip(LIMB, bases(6), strict=True):
        sheet.line(*points(truth, lead, 0.0, 10.0, LEFT_MM, base))
        for number, letter in enumerate(lead):
            sheet.text(LEFT_MM + 2 + number * (2.0 if lead.startswith("a") else 1.0), base - 7, letter)
    assert read(save(sheet)).quality.layout_rows == tuple((lead,) for lead in LIMB)


def test_names_in_sentences_name_no_row(sheet, save, truth):
    sheet.grid()
    draw_rows(sheet, truth, ("V1", "V2"))
    sheet.text(LEFT_MM, 24, "ST elevation in II and III")
    assert read(save(sheet)).quality.layout_rows == (("V1",), ("V2",))


def test_names_that_belong_to_no_trace_are_told(sheet, save, truth):
    sheet.grid()
    draw_rows(sheet, truth, ("V1", "V2"))
    sheet.text(LEFT_MM + 2, 100, "V9")
    found = read(save(sheet))
    assert found.quality.layout_rows == (("V1",), ("V2",))
    assert found.verdict == "doubtful"
    assert "the names V9 are printed among the traces, but belong to none of them" in found.warnings


def test_a_name_at_the_end_of_a_trace_names_nothing_of_it_and_is_told(sheet, save, truth):
    """The first name stands before its trace, so the second would begin after the end."""
    sheet.grid()
    draw_rows(sheet, truth, ("V1", "II"), name_at=(-9.0, 0.0))
    sheet.text(LEFT_MM + 247, bases(2)[0], "V5")
    found = read(save(sheet))
    assert found.quality.layout_rows == (("V1",), ("II",))
    assert found.verdict == "doubtful"
    assert "the names V5 are printed among the traces, but belong to none of them" in found.warnings


# Rows


def test_rhythm_rows_are_those_that_are_named(sheet, save, truth):
    sheet.grid()
    rows = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"), ("V1",), ("V5",))
    draw_columns(sheet, truth, rows)
    found = read(save(sheet))
    assert found.quality.layout == "3x4+2R"
    assert found.quality.layout_rows == rows
    assert [trace.is_rhythm for trace in found.reading.traces] == [False] * 12 + [True] * 2
    for lead, begin, end in (("V1", 0.0, 10.0), ("V5", 0.0, 10.0), ("aVL", 2.5, 5.0), ("V6", 7.5, 10.0)):
        assert_same(found, truth, lead, begin, end)


def test_a_rhythm_row_without_a_name_is_the_lead_that_is_drawn_alike(sheet, save, truth):
    sheet.grid()
    rows = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"), ("V1",))
    draw_columns(sheet, truth, rows)
    sheet.parts.pop()  # the name of the last row
    found = read(save(sheet))
    assert found.quality.layout_rows == rows
    assert found.warnings[-1] == "row 4 from the top is lead V1, as its signal tells; no name of it was read"
    assert_same(found, truth, "V1", 0.0, 10.0)


def test_without_pulses_a_rhythm_row_has_the_zero_of_the_same_lead_in_the_columns(sheet, save, truth):
    """Leads that lie beside it lift the usual height of a row, which would leave a step where its column ends."""
    sheet.grid()
    for row, base in zip((("II", "V2"), ("II",)), (60.0, 140.0), strict=True):
        for column, lead in enumerate(row):
            end = 5.0 * column + (5.0 if len(row) > 1 else 10.0)
            raised = base - (4.0 if lead == "V2" else 0.0)
            sheet.line(*points(truth, lead, 5.0 * column, end, LEFT_MM + 125.0 * column, raised))
            sheet.text(LEFT_MM + 125.0 * column + 2, base - 12, lead)
    found = read(save(sheet))
    assert found.quality.layout_rows == (("II", "V2"), ("II",))
    assert_same(found, truth, "II", 0.0, 10.0)


def test_a_row_without_a_name_that_is_like_no_other_is_unknown(sheet, save, truth):
    sheet.grid()
    draw_rows(sheet, truth, ("V1", "V2", "V3"))
    sheet.parts.pop()
    found = read(save(sheet))
    assert found.quality.layout_rows == (("V1",), ("V2",), ("?",))
    assert found.verdict == "doubtful"
    assert "no name is printed for what is drawn in row 3" in found.warnings
    assert not np.isfinite(found.record.lead_mv("II")).any()


def test_fifteen_leads_in_five_rows_are_a_full_page(sheet, save, truth):
    sheet.grid()
    rows = (("I", "aVR", "V1"), ("II", "aVL", "V2"), ("III", "aVF", "V3"), ("V4", "V5", "V6"), ("V3R", "V4R", "V7"))
    twins = {"V3R": "V1", "V4R": "V2", "V7": "V6"}
    sheet.text(LEFT_MM, 205, "25 mm/s   10 mm/mV")
    for row, base in zip(rows, bases(5), strict=True):
        for column, lead in enumerate(row):
            begin, left = column * 10 / 3, LEFT_MM + column * 250 / 3
            sheet.line(*points(truth, twins.get(lead, lead), begin, begin + 10 / 3, left, base))
            sheet.text(left + 2, base - 8, lead)
    found = read(save(sheet))
    assert found.quality.layout_rows == rows
    assert (found.quality.layout, found.verdict) == ("5x3", "good")


def test_one_lead_goes_on_over_several_rows(sheet, save, truth):
    """Three rows of 3 s of lead I, which a sentence names, as watches print them."""
    sheet.grid()
    for row, base in enumerate((40.0, 90.0, 140.0)):
        sheet.line(*points(truth, "I", 3.0 * row, 3.0 * row + 3, LEFT_MM, base))
        for second in range(4):
            sheet.text(LEFT_MM + 25 * second, base + 20, f"{3 * row + second}s")
    sheet.text(20, 190, "25 mm/s, 10 mm/mV. This ECG is similar to a Lead I ECG.")
    found = read(save(sheet))
    assert found.quality.layout_rows == (("I",),) * 3
    assert found.quality.layout == "1x1 over 3 rows"
    assert (found.record.duration_s, found.verdict) == (9.0, "good")
    for row in range(3):
        assert_same(found, truth, "I", 3.0 * row, 3.0 * row + 3)


def test_a_row_that_begins_late_begins_late_in_the_record(sheet, save, truth):
    sheet.grid()
    for row, base in enumerate((60.0, 120.0)):
        late = 0.0 if row else 0.5
        sheet.line(*points(truth, "II", 4.0 * row + late, 4.0 * row + 4, LEFT_MM + 25 * late, base))
        sheet.text(LEFT_MM + 2, base - 10, "II")
    found = read(save(sheet))
    assert found.record.duration_s == 8.0
    assert not np.isfinite(found.record.lead_mv("II")[:240]).any()
    assert_same(found, truth, "II", 0.5, 4.0)
    assert_same(found, truth, "II", 4.0, 8.0)


def test_seconds_alone_tell_that_rows_go_on(sheet, save, truth):
    sheet.grid()
    for row, base in enumerate((60.0, 120.0)):
        sheet.line(*points(truth, "II", 5.0 * row, 5.0 * row + 5, LEFT_MM, base))
        for second in range(1, 6):
            sheet.text(LEFT_MM + 25 * second, base - 15, str(5 * row + second))
    sheet.text(20, 190, "25 mm/s, 10 mm/mV")
    path = save(sheet)
    found = read(path)
    assert found.quality.layout_rows == (("?",), ("?",))
    assert [trace.first_sample for trace in found.reading.traces] == [0, 2500]
    assert found.verdict == "doubtful"
    assert_same(found, truth, "II", 0.0, 10.0, called="unknown")
    told = read(path, layout="II / II")
    assert told.quality.layout_rows == (("II",), ("II",))
    assert (told.record.duration_s, told.verdict) == (10.0, "good")
    assert_same(told, truth, "II", 0.0, 10.0)


# Time


def test_time_does_not_run_in_the_gaps_between_columns_where_a_rhythm_row_says_so(sheet, save, truth):
    sheet.grid()
    rows = (("I", "V1"), ("II", "V2"), ("III", "V3"), ("II",))
    draw_columns(sheet, truth, rows, gap_mm=8.0)
    found = read(save(sheet))
    assert found.reading.details["timing"] == "columns end to end"
    assert found.quality.layout_rows == rows
    assert_same(found, truth, "V2", 5.0, 10.0)


def test_columns_of_the_same_seconds_are_told_by_a_row_as_long_as_one(sheet, save, truth):
    sheet.grid()
    rows = (("I", "V1"), ("II", "V2"), ("III", "V3"), ("V2",))
    draw_columns(sheet, truth, rows, at_once=True)
    found = read(save(sheet))
    assert found.reading.details["timing"] == "columns at once"
    assert found.record.duration_s == 5.0
    for lead in ("I", "V2", "V3"):
        assert_same(found, truth, lead, 0.0, 5.0)


# Speed and gain


@pytest.mark.parametrize(
    ("text", "speed", "gain"),
    [
        ("25mm/s 10mm/mV", 25.0, 10.0),
        ("50 mm/s, 5 mm/mV", 50.0, 5.0),
        ("Speed: 25 mm/sec  Gain: 2 cm/mV", 25.0, 20.0),
        ("12,5 mm/s 10,0 mm/mV 0.05-150 Hz", 12.5, 10.0),
    ],
)
def test_speed_and_gain_are_what_is_printed(sheet, save, truth, text, speed, gain):
    sheet.grid()
    draw_rows(sheet, truth, ("V1", "V2"), seconds=5.0, speed=speed, gain=gain)
    sheet.text(20, 200, text)
    found = read(save(sheet)).quality.paper
    assert (found.speed_mm_per_s, found.speed_from) == (speed, "printed")
    assert (found.gain_mm_per_mv, found.gain_from) == (gain, "printed")


def test_a_narrow_pulse_does_not_tell_a_slow_paper(sheet, save, truth):
    sheet.grid()
    draw_rows(sheet, truth, LIMB)
    for base in bases(6):
        sheet.pulse(14, base, width_mm=2.5)
    paper = read(save(sheet)).quality.paper
    assert (paper.speed_mm_per_s, paper.speed_from) == (25.0, "rows")
    assert (paper.gain_mm_per_mv, paper.gain_from) == (10.0, "pulse")


def test_print_outweighs_the_width_of_the_pulse(sheet, save, truth):
    sheet.grid()
    draw_rows(sheet, truth, LIMB, seconds=5.0, speed=50.0)
    for base in bases(6):
        sheet.pulse(14, base, width_mm=5.0)
    sheet.text(20, 200, "50 mm/s")
    found = read(save(sheet))
    assert found.quality.paper.speed_mm_per_s == 50.0
    assert found.record.duration_s == 5.0
    assert_same(found, truth, "II", 0.0, 5.0)


@pytest.mark.parametrize(
    ("texts", "told", "doubt"),
    [
        (["25 mm/s", "50 mm/s"], {}, "25 and 50 mm/s is printed"),
        (["50 mm/s"], {"speed_mm_per_s": 25.0}, "50 mm/s is printed, and 25 mm/s given"),
        (["5 mm/mV"], {}, "the calibration pulse is 10.0 mm tall, not 5 mm"),
    ],
)
def test_what_does_not_agree_is_doubted(sheet, save, truth, texts, told, doubt):
    sheet.grid()
    draw_rows(sheet, truth, LIMB)
    for base in bases(6):
        sheet.pulse(14, base)
    for number, text in enumerate(texts):
        sheet.text(20, 190 + 5 * number, text)
    found = read(save(sheet), settings=PrintSettings(**told))
    assert found.verdict == "doubtful"
    assert any(doubt in warning for warning in found.warnings)


def test_chest_leads_have_the_gain_that_is_printed_for_them(sheet, save, truth):
    sheet.grid()
    for lead, base in zip(("II", "V2"), (60.0, 140.0), strict=True):
        sheet.line(*points(truth, lead, 0.0, 10.0, LEFT_MM, base, gain=5.0 if lead == "V2" else 10.0))
        sheet.text(LEFT_MM + 2, base - 12, lead)
    sheet.text(20, 195, "25 mm/s Limb: 10 mm/mV Chest: 5 mm/mV")
    found = read(save(sheet))
    assert "the chest leads are printed at 5 mm/mV, the others at 10 mm/mV" in found.warnings
    assert found.verdict == "good"
    for lead in ("II", "V2"):
        assert_same(found, truth, lead, 0.0, 10.0)


# What pages that are read as pictures are asked, too

THREE_ROWS = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
SIX_ROWS = tuple(zip(LIMB, CHEST, strict=True))


@pytest.mark.parametrize("rows", [THREE_ROWS, SIX_ROWS])
@pytest.mark.parametrize("gap_mm", [0.0, 8.0])
def test_columns_of_the_same_seconds_are_told_by_their_signals(sheet, save, truth, rows, gap_mm):
    sheet.grid()
    draw_columns(sheet, truth, rows, gap_mm=gap_mm, at_once=True)
    found = read(save(sheet))
    assert found.reading.details["timing"] == "columns at once"
    for lead in ("I", "aVF", "V6"):
        assert_same(found, truth, lead, 0.0, 10.0 / len(rows[0]))


def test_a_regular_rhythm_of_the_same_seconds_is_told_by_the_limb_leads(sheet, save):
    """At 72 a minute three whole beats fit into a column: they stand at the same places whatever the columns show."""
    regular = synthesize_record(seed=4, heart_rate_bpm=72)
    beat = regular.signal_mv[:, 1000 : 1000 + 417]
    same = attrs.evolve(regular, signal_mv=np.tile(beat, 12)[:, :5000])
    sheet.grid()
    draw_columns(sheet, same, THREE_ROWS, at_once=True)
    assert read(save(sheet)).reading.details["timing"] == "columns at once"


def test_what_a_regular_rhythm_does_not_tell_is_said(sheet, save):
    """All limb leads stand in one column, and those of the chest do not tell each other."""
    regular = synthesize_record(seed=4, heart_rate_bpm=60)
    same = attrs.evolve(regular, signal_mv=np.tile(regular.signal_mv[:, 1000:1500], 10))
    sheet.grid()
    draw_columns(sheet, same, SIX_ROWS, at_once=True)
    found = read(save(sheet))
    assert found.verdict == "doubtful"
    assert any("does not tell whether the columns follow each other" in text for text in found.warnings)


def test_a_long_row_of_another_name_is_the_lead_that_its_signal_tells(sheet, save, truth):
    sheet.grid()
    draw_columns(sheet, truth, (*THREE_ROWS, ("V1",)))
    sheet.parts[-1] = sheet.parts[-1].replace("(V1)", "(II)")
    found = read(save(sheet))
    assert found.quality.layout_rows[-1] == ("V1",)
    assert any("its name was read as II" in text for text in found.warnings)
    assert_same(found, truth, "V1", 0.0, 10.0)


def test_an_even_rhythm_tells_whether_paper_between_columns_takes_time(sheet, save, truth):
    sheet.grid()
    draw_columns(sheet, truth, SIX_ROWS, gap_mm=12.5)
    found = read(save(sheet))
    assert found.reading.details["timing"] == "columns end to end"
    assert_same(found, truth, "V1", 5.0, 10.0)
    assert not any("the columns do not touch" in text for text in found.warnings)


def test_gaps_that_nothing_explains_are_told(sheet, save):
    """Two beats a column are no rhythm."""
    sheet.grid()
    draw_columns(sheet, synthesize_record(seed=11, heart_rate_bpm=25), SIX_ROWS, gap_mm=12.5)
    found = read(save(sheet))
    assert found.verdict == "doubtful"
    assert any("the columns do not touch" in text for text in found.warnings)


def test_leads_that_are_named_twice_are_told(sheet, save, truth):
    sheet.grid()
    draw_rows(sheet, truth, ("I", "II", "II", "aVR", "aVL", "aVF"))
    found = read(save(sheet))
    assert found.verdict == "doubtful"
    assert any("II would stand in several rows" in text for text in found.warnings)


def test_a_speed_in_print_that_the_page_contradicts_is_in_doubt(sheet, save, truth):
    sheet.grid()
    draw_columns(sheet, truth, THREE_ROWS)
    sheet.text(30, 195, "100 mm/s 10 mm/mV")
    found = read(save(sheet))
    assert found.verdict == "doubtful"
    assert any("100 mm/s is not what the lengths and beats of this page show" in text for text in found.warnings)


def test_a_gain_in_print_that_is_not_understood_is_told(sheet, save, truth):
    sheet.grid()
    draw_rows(sheet, truth, LIMB)
    sheet.text(30, 195, "25 mm/s x mm/mV")
    found = read(save(sheet))
    assert found.verdict == "doubtful"
    assert any("the gain is printed, and not understood" in text for text in found.warnings)


def test_a_grid_for_every_lead_tells_the_scale_as_one_for_all(sheet, save, truth):
    """Lines of the panels of two rows are shifted by half a millimetre against each other."""
    for number, base in enumerate(bases(6)):
        for x in np.arange(24 + number % 2 * 0.5, 276, 1.0):
            sheet.line(np.array([x, x]), np.array([base - 14, base + 14]))
        for y in np.arange(base - 14, base + 14.1, 1.0):
            sheet.line(np.array([24.0, 276.0]), np.array([y, y]))
    draw_rows(sheet, truth, LIMB)
    geometry = read(save(sheet)).reading.geometry
    assert (geometry.px_per_mm_x, geometry.px_per_mm_y) == pytest.approx((300 / 25.4,) * 2, rel=1e-3)


def test_a_trace_that_leaves_the_drawing_is_one_lead_with_a_gap_and_told(sheet, save, truth):
    sheet.grid()
    draw_rows(sheet, truth, LIMB[:5])
    x, y = points(truth, "aVF", 0.0, 10.0, LEFT_MM, 190.0)
    edge = 190.0 - 0.6 * float(truth.lead_mv("aVF").max()) * 10
    inside = y >= edge
    edges = np.flatnonzero(np.diff(inside.astype(int))) + 1
    for part in np.split(np.arange(len(x)), edges):
        if inside[part[0]]:
            own_x, own_y = x[part], y[part]
            first, last = part[0] > 0, part[-1] < len(x) - 1
            own_y = np.concatenate((np.full(int(first), edge), own_y, np.full(int(last), edge)))
            own_x = np.concatenate((own_x[:1] - 0.01 if first else [], own_x, own_x[-1:] + 0.01 if last else []))
            sheet.line(own_x, own_y)
    sheet.text(LEFT_MM + 2, 184.0, "aVF")
    found = read(save(sheet))
    assert found.quality.layout_rows == tuple((lead,) for lead in LIMB)
    assert any("aVF: its trace leaves the drawing over an edge" in text for text in found.warnings)
    gaps = ~np.isfinite(found.record.lead_mv("aVF")[:4990])
    assert 0.001 < gaps.mean() < 0.1
    assert found.quality.leads["I"].verdict == "good"
    assert found.quality.leads["aVF"].verdict == "doubtful"


def test_a_piece_that_looks_like_a_trace_and_belongs_to_none_is_told(sheet, save, truth):
    sheet.grid()
    draw_rows(sheet, truth, LIMB)
    sheet.line(*points(truth, "II", 1.0, 1.6, LEFT_MM, 12.0))
    found = read(save(sheet))
    assert found.verdict == "doubtful"
    assert any("lines that look like pieces of a trace were taken for none" in text for text in found.warnings)


def test_names_stand_as_far_above_tall_rows_as_these_are_tall(sheet, save, truth):
    sheet.grid()
    for lead, base in (("I", 65.0), ("II", 155.0)):
        sheet.line(*points(truth, lead, 0.0, 10.0, LEFT_MM, base))
        sheet.text(LEFT_MM + 2, base - 45, lead)
    assert read(save(sheet)).quality.layout_rows == (("I",), ("II",))


def test_a_pulse_that_is_drawn_half_below_zero_has_its_middle_there(sheet, save, truth):
    sheet.grid()
    draw_rows(sheet, truth, LIMB)
    for base in bases(6):
        sheet.pulse(14, base + 5)
    found = read(save(sheet))
    difference = found.record.lead_mv("II")[:4990] - truth.lead_mv("II")[:4990]
    assert abs(np.nanmedian(difference)) < 0.01
