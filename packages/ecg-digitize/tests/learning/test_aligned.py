"""Real pages and their recordings, here played by a rendered page whose truth is known."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import attrs
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")

from ecg_core import Record, synthesize_record, write_record
from ecg_core.errors import DataError
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_digitize.digitizers.neural.findings import PageFindings
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.marks import PageMarks
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.waveform.columns import Columns
from ecg_digitize.digitizers.neural.waveform.row_reading import GEOMETRY, RowReading
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.digitizers.structure.name_rows import NameGrid
from ecg_digitize.digitizers.structure.naming import NamedRows, Naming
from ecg_digitize.digitizers.structure.time_axis import ColumnLength, TimeAxis
from ecg_digitize.learning.aligned import SUFFIX, AlignedPage, align, read_aligned, write_aligned
from ecg_digitize.learning.options import StageDataRequest, StripsConfig
from ecg_digitize.learning.waveform import ABSENT, UNKNOWN, cut_strip_of_aligned, endless_strips, find_aligned
from ecg_render import Page, column_targets, render_page

NO_NAMES = NamedRows(NameGrid((), (), 0.0, ()), Naming((), 1.0, (), 0.0))


@pytest.fixture(scope="module")
def record() -> Record:
    return synthesize_record(seed=8)


@pytest.fixture(scope="module")
def printed(record: Record) -> Page:
    return render_page(record, dots_per_inch=200)


def true_rows(page: Page, row: int, start_box: float, count: int) -> np.ndarray:
    """Lattice rows of a trace at the columns of a strip; NaN where it is not printed."""
    first = page.grid_points_px[0, 0]
    pitch = (page.grid_points_px[-1, -1] - first) / (np.array(page.grid_points_px.shape[1::-1]) - 1)
    columns_px = first[0] + GEOMETRY.columns_box(start_box, count) * pitch[0]
    return (column_targets(page, columns_px).y_px[row] - first[1]) / pitch[1]


def seen_page(page: Page, *, leap: slice = slice(0), bent_mm: float = 0.0) -> PageFindings:
    """The page as good networks would have read it, but for a leap aside and a paper that is a little bent."""
    first = page.grid_points_px[0, 0]
    pitch = (page.grid_points_px[-1, -1] - first) / (np.array(page.grid_points_px.shape[1::-1]) - 1)
    shape = tuple(int((lines + 3) * 20) + 1 for lines in page.grid_points_px.shape[:2])
    flat = FlatPage(Mesh(page.grid_points_px.astype(float)), np.zeros((*shape, 3), np.uint8), np.zeros(shape), 1.0)
    count, readings = 4480, []
    for row, baseline_px in enumerate(page.baselines_px):
        zero_box = float((baseline_px - first[1]) / pitch[1])
        boxes = true_rows(page, row, 1.0, count) + bent_mm / 5 * np.sin(np.arange(count) / 700)
        there = np.isfinite(boxes)
        row_px = np.where(there, GEOMETRY.rows_of(np.where(there, boxes, 0), zero_box), 0.0)
        row_px[leap] += 150
        columns = Columns(row_px, there.astype(float), there.astype(float), there * 9.0)
        strip = np.zeros((GEOMETRY.height_px, count, 3), np.uint8)
        readings.append(RowReading(zero_box, 1.0, columns, GEOMETRY.zero_px, strip, np.ones(count, bool)))
    time_zero_mm = flat.mm_of_box(float((page.signal_start_px - first[0]) / pitch[0]))
    return PageFindings(
        image=page.image,
        page=UprightPage(flat, 0, PageMarks(), (), NO_NAMES),
        layout=LAYOUT_3X4_1R,
        readings=readings,
        scale=PrintSettings(speed_mm_per_s=25, gain_mm_per_mv=10).scale(),
        axis=TimeAxis((time_zero_mm,) * len(readings), 1.0, 0.0),
        column=ColumnLength(62.5, 2.5, True),
        row_mm=250.0,
    )


def aligned_page(page: Page, record: Record, picture: Path = Path("page.png"), **seen: object) -> AlignedPage:
    return align(picture, seen_page(page, **seen), record)


def test_the_true_course_comes_out_also_where_the_reading_leapt(printed: Page, record: Record) -> None:
    page = aligned_page(printed, record, leap=slice(2000, 2040))
    assert page.agreement == 1.0
    for number, row in enumerate(page.rows):
        truth = true_rows(printed, number, row.start_box, len(row.rows_box))
        both = np.isfinite(truth) & np.isfinite(row.rows_box)
        assert both.sum() > 3900
        assert row.known.mean() > 0.98
        assert np.median(np.abs(truth - row.rows_box)[both]) * 5 < 0.05  # millimetres
        assert np.abs(truth - row.rows_box)[2000:2040].max() * 5 < 1.0


def test_a_bent_paper_bends_the_course_with_it(printed: Page, record: Record) -> None:
    page = aligned_page(printed, record, bent_mm=1.0)
    row = page.rows[3]
    bent = true_rows(printed, 3, row.start_box, len(row.rows_box)) + 0.2 * np.sin(np.arange(len(row.rows_box)) / 700)
    both = np.isfinite(bent) & np.isfinite(row.rows_box)
    assert np.median(np.abs(bent - row.rows_box)[both]) * 5 < 0.08


def test_another_recording_is_told_by_its_leads(printed: Page) -> None:
    with pytest.raises(DataError, match="agree with other; is it another recording"):
        aligned_page(printed, synthesize_record(seed=77, name="other"))


def test_a_lead_whose_truth_is_missing_is_not_known(printed: Page, record: Record) -> None:
    signal = record.signal_mv.copy()
    signal[record.lead_names.index("V1")] = np.nan
    page = aligned_page(printed, attrs.evolve(record, signal_mv=signal))
    assert page.agreement == pytest.approx(12 / 13)
    assert page.rows[0].known.mean() == pytest.approx(1 - 1000 / 4480, abs=0.01)
    assert page.rows[1].known.all()


def test_a_page_is_written_and_read(printed: Page, record: Record, tmp_path: Path) -> None:
    page = aligned_page(printed, record)
    again = read_aligned(write_aligned(page, tmp_path / f"x{SUFFIX}"))
    assert again.picture == page.picture
    np.testing.assert_array_equal(again.points_px, page.points_px)
    assert len(again.rows) == 4
    np.testing.assert_array_equal(again.rows[2].rows_box, page.rows[2].rows_box)
    np.testing.assert_array_equal(again.rows[2].known, page.rows[2].known)
    (tmp_path / f"bad{SUFFIX}").write_bytes(b"PK nothing")
    with pytest.raises(DataError, match=r"bad\.aligned\.npz: no aligned page"):
        read_aligned(tmp_path / f"bad{SUFFIX}")


def test_strips_have_the_ink_where_the_truth_says(printed: Page, record: Record) -> None:
    page = aligned_page(printed, record)
    unknown = attrs.evolve(page.rows[0], known=np.zeros_like(page.rows[0].known))
    config = StripsConfig(width_px=512, grid_jitter_px=0.0)
    for seed in range(5):
        strip = cut_strip_of_aligned(page, printed.image, GEOMETRY, config, np.random.default_rng(seed))
        there = np.flatnonzero((strip.row_px >= 0) & (np.abs(np.gradient(strip.row_px)) < 1))
        assert np.median(strip.image[np.rint(strip.row_px[there]).astype(int), there].max(axis=1)) < 120
    rng = np.random.default_rng(0)
    blind = cut_strip_of_aligned(attrs.evolve(page, rows=(unknown,)), printed.image, GEOMETRY, config, rng)
    assert (blind.row_px == UNKNOWN).all()


def test_real_pages_are_mixed_with_rendered_ones(printed: Page, record: Record, tmp_path: Path) -> None:
    Image.fromarray(printed.image).save(tmp_path / "page.png")
    write_aligned(aligned_page(printed, record, tmp_path / "page.png"), tmp_path / f"page{SUFFIX}")
    write_record(record, tmp_path / "records" / "a.hea")
    config = StripsConfig(records=(str(tmp_path / "records"),), aligned=(str(tmp_path),), width_px=256)
    batches = endless_strips(config, StageDataRequest(stage="waveform", batch_size=4, workers=0, seed=1))
    first, again = ([each["strip"] for each in islice(batches.batches("train", epoch=0), 2)] for _ in range(2))
    assert all((one == two).all() for one, two in zip(first, again, strict=True))
    rows = next(iter(batches.batches("train", epoch=0)))["row_px"]
    assert rows.shape == (4, 256)
    assert ((rows >= 0) | (rows == ABSENT) | (rows == UNKNOWN)).all()
    with pytest.raises(DataError, match=r"records: no aligned pages"):
        find_aligned([str(tmp_path / "records")])
