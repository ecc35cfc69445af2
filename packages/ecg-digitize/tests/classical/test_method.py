"""A page in, a record out: pages of the project's own renderer, as they are and after what may befall them."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
import pytest

from ecg_core import Record, competition_snr, synthesize_record
from ecg_core.errors import DataError
from ecg_core.leads import STANDARD_LEADS
from ecg_core.metrics.snr import restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_digitize import Digitization
from ecg_digitize import digitize as digitize_by
from ecg_render import PageStyle, degrade_as_scan, render_page

digitize = partial(digitize_by, method="classical")


def snr_db(truth: Record, digitization: Digitization) -> float:
    return competition_snr(restrict_to_layout(truth, LAYOUT_3X4_1R), digitization.record).db


def turned(image: np.ndarray, degrees: float) -> np.ndarray:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))


@pytest.fixture(scope="module")
def clean(page_image) -> Digitization:
    return digitize(page_image)


def test_a_clean_page_is_read_well(truth, clean):
    assert snr_db(truth, clean) >= 18
    assert clean.verdict == "good"


def test_leads_are_known_where_they_are_printed_and_nowhere_else(clean):
    record = clean.record
    assert record.lead_names == STANDARD_LEADS
    assert record.signal_mv.shape == (12, 5000)
    for leads, window in (
        (("I", "III"), (0, 1250)),
        (("aVR", "aVL", "aVF"), (1250, 2500)),
        (("V4", "V6"), (3750, 5000)),
    ):
        for lead in leads:
            known = np.flatnonzero(np.isfinite(record.lead_mv(lead)))
            assert window[0] <= known[0] <= window[0] + 25
            assert window[1] - 25 <= known[-1] + 1 <= window[1]
    assert np.isfinite(record.lead_mv("II")).mean() > 0.99  # printed on the rhythm row


def test_r_waves_keep_their_height(truth, clean):
    window = slice(0, 1250)
    assert np.nanmax(clean.record.lead_mv("II")[window]) == pytest.approx(truth.lead_mv("II")[window].max(), rel=0.05)


def test_scale_and_angle_are_those_of_the_page(clean):
    assert clean.geometry.px_per_mm_x == pytest.approx(200 / 25.4, rel=1e-3)
    assert clean.geometry.px_per_mm_y == pytest.approx(200 / 25.4, rel=1e-3)
    assert clean.geometry.rotation_deg == pytest.approx(0, abs=0.05)


def test_traces_are_told_in_pixels_of_the_picture(page, clean):
    by_place = {(piece.lead, piece.row): piece for piece in page.pieces}
    for trace in clean.geometry.traces:
        piece = by_place[trace.lead, trace.row]
        x, y = trace.points_px.T
        inside = (x > piece.x_px[0] + 5) & (x < piece.x_px[-1] - 5)
        error = y[inside] - np.interp(x[inside], piece.x_px, piece.y_px)
        assert abs(np.median(error)) < 0.25
        assert np.median(np.abs(error)) < 1.0  # the record's own noise is about as much


@pytest.mark.parametrize("degrees", [-5.0, 4.0])
def test_a_page_laid_askew_is_turned_back(truth, page_image, degrees):
    digitization = digitize(turned(page_image, degrees))
    assert digitization.geometry.rotation_deg == pytest.approx(degrees, abs=0.1)
    assert snr_db(truth, digitization) >= 15


def test_a_gray_page_is_read_as_well(truth, page_image):
    gray = cv2.cvtColor(page_image, cv2.COLOR_RGB2GRAY)
    assert snr_db(truth, digitize(cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB))) >= 16


def test_a_scan_is_read(truth, page):
    assert snr_db(truth, digitize(degrade_as_scan(page, seed=5).image)) >= 12


def test_bars_between_leads_do_not_disturb(truth):
    image = render_page(truth, style=PageStyle(separators=True)).image
    assert snr_db(truth, digitize(image)) >= 16


def test_a_higher_resolution_is_read_at_its_own_scale(truth):
    digitization = digitize(render_page(truth, dots_per_inch=300).image)
    assert digitization.geometry.px_per_mm_x == pytest.approx(300 / 25.4, rel=1e-3)
    assert snr_db(truth, digitization) >= 18


def test_another_rate_is_another_sampling_of_the_same_curve(page_image, clean):
    slow = digitize(page_image, sampling_rate_hz=250).record
    assert slow.num_samples == 2500
    np.testing.assert_allclose(slow.lead_mv("II")[100:2400], clean.record.lead_mv("II")[200:4800:2], atol=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_other_hearts_are_read_too(seed):
    truth = synthesize_record(seed=100 + seed)
    assert snr_db(truth, digitize(render_page(truth).image)) >= 15


@pytest.mark.parametrize("kind", ["white", "noise", "gradient"])
def test_a_picture_that_is_no_ecg_is_refused(kind):
    image = np.full((850, 1100, 3), 255, np.uint8)
    if kind == "noise":
        image = np.random.default_rng(0).integers(0, 256, image.shape, np.uint8)
    if kind == "gradient":
        image[:] = np.linspace(0, 255, 1100, dtype=np.uint8)[None, :, None]
    with pytest.raises(DataError, match="no regular grid"):
        digitize(image)


def test_grid_paper_without_a_trace_is_refused():
    empty = Record(signal_mv=np.full((12, 5000), np.nan), sampling_rate_hz=500, lead_names=STANDARD_LEADS)
    try:
        digitization = digitize(render_page(empty).image)
    except DataError:
        return
    assert digitization.verdict == "refused"


def test_a_tiny_picture_is_refused_by_its_size():
    with pytest.raises(DataError, match="1 x 1 pixels"):
        digitize(np.zeros((1, 1, 3), np.uint8))
