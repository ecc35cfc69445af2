"""Pages of PDFs read from their lines."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_core import Record, competition_snr
from ecg_core.errors import DataError
from ecg_core.metrics.snr import restrict_to_layout
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_digitize import digitize, load_pages
from ecg_digitize.digitizers.print_scale import PrintScale, PrintSettings

LAYOUTS: dict[str, Layout] = {
    entry.name: registry().load("layouts", entry.name) for entry in registry().entries("layouts")
}
STANDARD = LAYOUTS["3x4+1R"]
NEAR_PERFECT_DB = 24.0
LEAST_FROM_PICTURE_DB = 12.0


def read(path, **options):
    [page] = load_pages(path)
    return digitize(page, **options)


def snr_db(truth: Record, found, layout: Layout) -> float:
    return competition_snr(restrict_to_layout(truth, layout), found.record).db


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_every_layout_is_read_nearly_perfectly(draw, truth, layout):
    found = read(draw(truth, layout=LAYOUTS[layout]))
    assert found.quality.method == "vector"
    assert LAYOUTS[found.quality.layout].segments == LAYOUTS[layout].segments
    assert snr_db(truth, found, LAYOUTS[layout]) >= NEAR_PERFECT_DB
    assert found.verdict == "good"
    assert found.warnings == ()


@pytest.mark.parametrize(
    "change",
    [
        {"in_pieces": True},
        {"whole_rows": True},
        {"scaling": 0.9},
        {"grid_mm": (5.0,)},
        {"grid_mm": (1.0,)},
        {"rotate": 90},
        {"rotate": 180},
        {"rotate": 270},
        {"rate_hz": 500.0},
    ],
    ids=str,
)
def test_however_it_is_drawn_it_reads_the_same(draw, truth, change):
    found = read(draw(truth, layout=STANDARD, **change))
    assert found.quality.method == "vector"
    assert snr_db(truth, found, STANDARD) >= NEAR_PERFECT_DB
    expected = 300 / 25.4 * change.get("scaling", 1.0)
    assert found.reading.geometry.px_per_mm_x == pytest.approx(expected, rel=1e-3)
    assert found.reading.geometry.px_per_mm_y == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_traces_lie_on_the_ink_of_the_picture(draw, truth, rotate):
    found = read(draw(truth, layout=STANDARD, rotate=rotate))
    points = np.concatenate([trace.points_px for trace in found.reading.traces])
    x, y = np.rint(points).astype(int).T
    assert np.median(found.image[y, x].max(axis=1)) < 80


@pytest.mark.parametrize(("speed", "gain"), [(25.0, 5.0), (25.0, 20.0), (50.0, 10.0)])
def test_speed_and_gain_are_read_off_the_pulses(draw, truth, speed, gain):
    layout = attrs.evolve(STANDARD, duration_s=250 / speed)
    found = read(draw(truth, layout=layout, speed_mm_per_s=speed, gain_mm_per_mv=gain))
    assert found.quality.paper == PrintScale(
        speed_mm_per_s=speed, speed_from="pulse", gain_mm_per_mv=gain, gain_from="pulse"
    )
    assert found.record.duration_s == 250 / speed
    assert snr_db(truth, found, layout) >= NEAR_PERFECT_DB


def test_without_pulses_all_the_rest_tells_the_speed_and_the_usual_gain_is_a_doubt_until_it_is_told(draw, truth):
    path = draw(truth, layout=STANDARD, pulses=False)
    found = read(path)
    assert found.quality.paper.speed_from in ("columns", "beats")
    assert any("a gain of 10 mm/mV is taken for granted" in each for each in found.warnings)
    assert found.verdict == "doubtful"
    assert snr_db(truth, found, STANDARD) >= NEAR_PERFECT_DB
    told = read(path, settings=PrintSettings(speed_mm_per_s=25.0, gain_mm_per_mv=20.0))
    assert (told.verdict, told.warnings) == ("good", ())
    np.testing.assert_allclose(told.record.lead_mv("V5"), found.record.lead_mv("V5") / 2, atol=1e-3)


def test_a_wrong_speed_is_doubted(draw, truth):
    path = draw(truth, layout=STANDARD, pulses=False)
    found = read(path, settings=PrintSettings(speed_mm_per_s=50.0, duration_s=10.0))
    assert found.verdict == "doubtful"
    assert "5.0 s long at 50 mm/s, not 10 s" in found.warnings[0]


def test_the_zero_line_is_that_of_the_pulse(draw, truth):
    raised = attrs.evolve(truth, signal_mv=truth.signal_mv + np.float32(0.2))
    found = read(draw(raised, layout=STANDARD))
    np.testing.assert_allclose(
        np.nanmedian(found.record.signal_mv, axis=1), np.median(raised.signal_mv, axis=1), atol=0.1
    )
    known = np.isfinite(found.record.lead_mv("II"))
    difference = found.record.lead_mv("II")[known] - raised.lead_mv("II")[known]
    assert abs(np.median(difference)) < 0.005


def test_without_names_the_rows_are_told_as_unknown(draw, truth):
    path = draw(truth, layout=STANDARD, names=False)
    found = read(path, method="vector")
    assert found.verdict == "doubtful"
    assert found.quality.layout_rows == (("?",) * 4, ("?",) * 4, ("?",) * 4, ("?",))
    assert "no name is printed for what is drawn in row 1, 2, 3, 4" in found.warnings
    assert not np.isfinite(found.record.signal_mv[:12]).any()
    np.testing.assert_allclose(found.record.lead_mv("unknown-1")[:1200], truth.lead_mv("I")[:1200], atol=0.05)
    told = read(path, layout="3x4+1R", method="vector")
    assert snr_db(truth, told, STANDARD) >= NEAR_PERFECT_DB


def test_a_layout_of_other_rows_is_refused(draw, truth):
    path = draw(truth, layout=STANDARD)
    with pytest.raises(DataError, match="they do not make the layout 12x1"):
        read(path, layout="12x1", method="vector")


def test_it_can_be_left_aside(draw, truth):
    path = draw(truth, layout=STANDARD)
    found = read(path, method="neural")
    assert found.quality.method == "neural"
    assert snr_db(truth, found, STANDARD) >= LEAST_FROM_PICTURE_DB


@pytest.mark.parametrize("content", ["", "1 0 0 RG 10 10 m 700 10 l S", "BT /F1 9 Tf 100 100 Td (V1) Tj ET"])
def test_a_pdf_without_an_ecg_in_lines_is_looked_at_as_a_picture(write_content, content):
    [page] = load_pages(write_content(content))
    assert page.drawing is not None
    with pytest.raises(DataError, match="the picture shows no grid"):
        digitize(page)
    with pytest.raises(DataError, match="no trace is drawn as lines"):
        digitize(page, method="vector")
