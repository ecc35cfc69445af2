from __future__ import annotations

import logging
import pickle
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import attrs
import numpy as np
import pytest

from ecg_core.config import structure
from ecg_core.errors import ConfigError, DataError, PluginError
from ecg_core.formats import write_record
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_render.endless import EndlessPages, PageRecipe, RecordFiles

SMALL = PageRecipe(least_dots_per_inch=50, most_dots_per_inch=70)


def records(number: int = 3, duration_s: float = 10.0) -> list[Record]:
    return [synthesize_record(seed=seed, duration_s=duration_s) for seed in range(number)]


def test_a_sample_depends_on_seed_and_index_alone() -> None:
    first, again, other = (EndlessPages(records(), SMALL, seed=seed) for seed in (1, 1, 2))
    first.sample(0)  # what was drawn before makes no difference
    one, same = first.sample(7), again.sample(7)
    np.testing.assert_array_equal(one.page.image, same.page.image)
    np.testing.assert_array_equal(one.page.labels, same.page.labels)
    assert one.degradation == same.degradation
    different = other.sample(7)
    assert one.page.image.shape != different.page.image.shape or (one.page.image != different.page.image).any()


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"least_dots_per_inch": 300}, "least_dots_per_inch: 300, which is more than the 250 of most_dots_per_inch"),
        ({"most_dots_per_inch": 100}, "least_dots_per_inch: 150, which is more than the 100 of most_dots_per_inch"),
        ({"gains_mm_per_mv": []}, "gains_mm_per_mv: name at least one to choose from"),
        ({"layouts": []}, "layouts: name at least one to choose from"),
        ({"paper_speeds_mm_per_s": [25, 0]}, "paper_speeds_mm_per_s: must be above 0, found (25.0, 0.0)"),
        ({"chest_gains_mm_per_mv": [-5]}, "chest_gains_mm_per_mv: must be at least 0, found (-5.0,)"),
    ],
)
def test_choices_of_which_no_page_can_be_made_are_refused(options: dict[str, object], fault: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(fault)):
        structure(PageRecipe, options)


def test_workers_share_the_indices() -> None:
    pages = EndlessPages(records(), attrs.evolve(SMALL, degradations=("none",)))
    of_two_workers = [[each.index for each in islice(pages.samples(start=first, step=2), 3)] for first in (0, 1)]
    assert of_two_workers == [[0, 2, 4], [1, 3, 5]]


def test_a_worker_gets_it_by_pickle() -> None:
    pages = EndlessPages(records(1), SMALL, seed=4)
    copy = pickle.loads(pickle.dumps(pages))
    np.testing.assert_array_equal(copy.sample(3).page.image, pages.sample(3).page.image)


def test_the_recipe_is_kept_to() -> None:
    recipe = PageRecipe(
        layouts=("6x2",),
        styles=("plain",),
        degradations=("none",),
        least_dots_per_inch=60,
        most_dots_per_inch=61,
        paper_speeds_mm_per_s=(50.0,),
        gains_mm_per_mv=(5.0, 20.0),
    )
    samples = list(islice(EndlessPages(records(), recipe).samples(), 12))
    gains = {round(each.flat.px_per_mv / each.flat.px_per_mm) for each in samples}
    assert gains == {5, 20}
    for each in samples:
        assert each.flat.layout == "6x2"
        assert 60 <= each.flat.dots_per_inch <= 61
        assert each.flat.px_per_s / each.flat.px_per_mm == pytest.approx(50)
        assert not each.flat.grid_mask.any()
        assert each.page is each.flat


def test_records_are_printed_at_lower_rates_never_at_higher_ones() -> None:
    recipe = attrs.evolve(SMALL, degradations=("none",), printed_rates_hz=(0.0, 100.0, 1000.0))
    samples = list(islice(EndlessPages(records(1), recipe).samples(), 12))
    assert {each.record.sampling_rate_hz for each in samples} == {100.0, 500.0}
    for each in samples:
        times_s = each.flat.pieces[0].x_px / each.flat.px_per_s
        np.testing.assert_allclose(np.diff(times_s), 1 / each.record.sampling_rate_hz, rtol=1e-6)


def test_a_sample_carries_the_layout_that_was_drawn() -> None:
    recipe = attrs.evolve(SMALL, layouts=("random",), degradations=("none",))
    samples = list(islice(EndlessPages(records(duration_s=40.0), recipe).samples(), 12))
    assert len({each.layout.name for each in samples}) > 4
    for each in samples:
        assert each.flat.layout == each.layout.name
        assert len(each.flat.baselines_px) == each.layout.num_rows
        printed = [(name.lead, name.row) for name in each.flat.lead_names]
        assert printed == [(segment.lead, segment.row) for segment in each.layout.segments]


def test_leads_that_a_record_lacks_are_made_up_and_short_records_repeated() -> None:
    recipe = attrs.evolve(SMALL, layouts=("random",), degradations=("none",))
    for sample in islice(EndlessPages(records(duration_s=4.0), recipe).samples(), 20):
        drawn = {piece.lead for piece in sample.flat.pieces}
        assert drawn == set(sample.layout.lead_names)
        assert sample.record.duration_s >= sample.layout.record_s - 0.01


def test_what_is_lacking_stays_empty_where_the_recipe_says_so() -> None:
    recipe = attrs.evolve(SMALL, layouts=("12x1",), degradations=("none",), made_up_leads=False, repeated=False)
    limb = [records(1, duration_s=4.0)[0].select(["I", "II"])]
    sample = EndlessPages(limb, recipe).sample(0)
    assert {piece.lead for piece in sample.flat.pieces} == {"I", "II"}
    assert sample.record.duration_s == pytest.approx(4)


def test_some_records_end_before_the_last_column_does() -> None:
    recipe = attrs.evolve(SMALL, layouts=("3x4",), degradations=("none",), short_share=1.0)
    for sample in islice(EndlessPages(records(), recipe).samples(), 6):
        assert 7.5 < sample.record.duration_s < 10
        assert len({piece.lead for piece in sample.flat.pieces}) == 12


def test_degradations_are_chained_by_a_plus() -> None:
    recipe = attrs.evolve(SMALL, degradations=("affine+jpeg",))
    sample = EndlessPages(records(1), recipe).sample(0)
    assert sample.degradation == "affine+jpeg"
    assert not np.allclose(sample.page.grid_points_px, sample.flat.grid_points_px)
    with pytest.raises(PluginError, match="nowhere"):
        EndlessPages(records(1), attrs.evolve(recipe, degradations=("jpeg+nowhere",))).sample(0)


def test_degradations_come_about_evenly() -> None:
    recipe = attrs.evolve(SMALL, degradations=("none", "jpeg"))
    names = [each.degradation for each in islice(EndlessPages(records(1), recipe).samples(), 40)]
    assert 8 <= names.count("jpeg") <= 32


def test_a_long_record_begins_anywhere() -> None:
    recipe = attrs.evolve(SMALL, layouts=("12x1",), degradations=("none",))
    long = records(1, duration_s=30.0)
    drawn = [each.record for each in islice(EndlessPages(long, recipe).samples(), 5)]
    assert len({record.num_samples for record in drawn}) > 1
    assert all(record.duration_s >= 10 for record in drawn)
    for record in drawn:
        np.testing.assert_array_equal(record.signal_mv, long[0].signal_mv[:, -record.num_samples :])
    fixed = EndlessPages(long, attrs.evolve(recipe, random_start=False)).sample(0)
    assert fixed.record.duration_s == pytest.approx(30)


def test_the_flat_page_carries_the_truth_of_the_degraded_one() -> None:
    sample = EndlessPages(records(1), attrs.evolve(SMALL, degradations=("phone",))).sample(0)
    assert [piece.lead for piece in sample.page.pieces] == [piece.lead for piece in sample.flat.pieces]
    for piece in sample.flat.pieces:
        truth = sample.record.lead_mv(piece.lead)
        first = round(piece.start_s * sample.record.sampling_rate_hz)
        back_mv = (sample.flat.baselines_px[piece.row] - piece.y_px) / sample.flat.px_per_mv
        np.testing.assert_allclose(back_mv, truth[first : first + len(back_mv)], atol=1e-5)


def test_a_damaged_record_is_named_counted_and_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    write_record(synthesize_record(seed=0), good)
    bad.write_text("# sampling_rate_hz: 500\nI,II\n0.1,oops\n")
    pages = EndlessPages(RecordFiles([str(good), str(bad)]), attrs.evolve(SMALL, degradations=("none",)))
    with caplog.at_level(logging.WARNING):
        names = {each.record.name for each in islice(pages.samples(), 12)}
    assert names == {"good"}
    assert pages.num_skipped > 0
    assert "bad.csv: row 3, column II" in caplog.text


def test_nothing_but_damaged_records_is_an_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("I,II\n0.1,oops\n")
    with pytest.raises(DataError, match="in a row"):
        EndlessPages(RecordFiles([str(bad)]), SMALL).sample(0)
    with pytest.raises(DataError, match="at least one"):
        EndlessPages([], SMALL)


def test_an_unknown_name_is_not_taken_for_a_damaged_record() -> None:
    with pytest.raises(PluginError, match="nowhere"):
        EndlessPages(records(1), attrs.evolve(SMALL, layouts=("nowhere",))).sample(0)


def test_endless_pages_need_no_torch() -> None:
    code = "import sys; sys.modules['torch'] = None; import ecg_render.endless"
    subprocess.run([sys.executable, "-c", code], check=True)
