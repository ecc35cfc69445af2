from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import cv2
import numpy as np
import pytest

from ecg_core.config.choice import default_choice
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError, PluginNotFound
from ecg_core.execution.batch import Batch, Item, Part
from ecg_core.execution.outputs import Outputs
from ecg_core.formats import read_record, write_record
from ecg_core.paper import LAYOUT_3X4_1R, PaperSpec
from ecg_core.pictures import write_picture
from ecg_core.record import Record
from ecg_render import PageStyle, render_page
from ecg_render.drawing.paper import draw_paper
from ecg_render.geometry import PageScale
from ecg_render.style import GridStyle
from ecg_render.tasks.metadata import write_metadata
from ecg_render.tasks.pages import RenderPagesConfig, run

MakeRecord = Callable[..., Record]
DPI = 60.0
SHEET = PageScale(layout=LAYOUT_3X4_1R, paper=PaperSpec(), dots_per_inch=100)


@pytest.fixture
def records(tmp_path: Path, flat_record: MakeRecord) -> Path:
    """A folder of three records in two formats, one of them in a folder below."""
    folder = tmp_path / "records"
    write_record(attrs.evolve(flat_record(0.2), name="a"), folder / "a.npz")
    write_record(attrs.evolve(flat_record(0.4), name="b"), folder / "b.hea")
    write_record(attrs.evolve(flat_record(0.6), name="a"), folder / "ward" / "a.npz")
    return folder


def of_many_points(item: Item, outputs: Outputs) -> Iterator[Part]:
    yield Part(values={"id": item.key, "grid_points_px": [[float(number), 0.5] for number in range(5000)]})


def print_pages(
    out_dir: Path,
    *inputs: Path,
    seed: int = 0,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    **options: object,
) -> TaskResult:
    out_dir.mkdir(exist_ok=True)
    executor = default_choice("executors", "processes", {"workers": workers})
    given = {"inputs": tuple(map(str, inputs)), "dots_per_inch": DPI, "masks": False, "executor": executor}
    context = RunContext(task="render.pages", out_dir=out_dir, seed=seed, resume=resume, overwrite=overwrite)
    return run(RenderPagesConfig(**given | options), context)


def pages_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


def lines_in(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]


def test_every_record_becomes_a_page_under_its_name(records: Path, tmp_path: Path) -> None:
    result = print_pages(tmp_path / "out", records)
    assert list(pages_in(tmp_path / "out")) == ["a.png", "b.png", "ward/a.png"]
    assert not result.failures
    assert result.summary == {"pages": 3}


def test_page_on_disk_is_the_page_in_memory(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records)
    expected = render_page(read_record(records / "ward" / "a.npz"), dots_per_inch=DPI)
    picture = cv2.imread(str(tmp_path / "out" / "ward" / "a.png"))
    assert picture is not None
    np.testing.assert_array_equal(picture[..., ::-1], expected.image)


def test_a_layout_may_be_written_as_its_rows(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "rows", records / "a.npz", layout="i AVR v1 v4 / ii avl v2 v5 / iii avf v3 v6 / ii")
    print_pages(tmp_path / "name", records / "a.npz", layout="3x4+1R")
    assert pages_in(tmp_path / "rows") == pages_in(tmp_path / "name")
    (line,) = lines_in(tmp_path / "rows")
    assert line["layout"] == "I aVR V1 V4 / II aVL V2 V5 / III aVF V3 V6 / II"


def test_a_lead_without_a_name_is_none_that_a_record_lacks(records: Path, tmp_path: Path) -> None:
    assert not print_pages(tmp_path / "bare", records / "a.npz", layout="I ? / II").failures
    (failure,) = print_pages(tmp_path / "lacks", records / "a.npz", layout="I V7 / II").failures
    assert "no lead V7" in failure.reason


def test_a_word_that_is_no_lead_is_told_before_the_first_page(records: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'row 2: "V7R" is no lead; did you mean V7\?'):
        print_pages(tmp_path / "out", records, layout="I / V7R")
    with pytest.raises(PluginNotFound, match="Or write the rows of the page as text"):
        print_pages(tmp_path / "out", records, layout="3x5")


def test_failures_are_named_and_the_others_printed(records: Path, tmp_path: Path) -> None:
    (records / "broken.npz").write_bytes(b"not an archive")
    gone = tmp_path / "gone.csv"
    result = print_pages(tmp_path / "out", records, gone)
    assert {Path(failure.item).name for failure in result.failures} == {"broken.npz", "gone.csv"}
    assert any("no such file" in failure.reason for failure in result.failures)
    assert list(pages_in(tmp_path / "out")) == ["a.png", "b.png", "ward/a.png"]


def test_a_record_that_lacks_leads_fails_by_name_unless_that_is_allowed(records: Path, tmp_path: Path) -> None:
    full = read_record(records / "a.npz")
    write_record(full.select(full.lead_names[:10]), records / "short.csv")
    result = print_pages(tmp_path / "out", records)
    (failure,) = result.failures
    assert failure.item.endswith("short.csv")
    assert "V5" in failure.reason
    assert "V6" in failure.reason
    assert not (tmp_path / "out" / "short.png").exists()
    assert (tmp_path / "out" / "a.png").exists()
    allowed = print_pages(tmp_path / "allowed", records, allow_missing_leads=True)
    assert not allowed.failures
    assert (tmp_path / "allowed" / "short.png").exists()


def test_two_records_of_one_name_do_not_overwrite_each_other(records: Path, tmp_path: Path) -> None:
    result = print_pages(tmp_path / "out", records / "a.npz", records / "ward" / "a.npz")
    assert [failure.item for failure in result.failures] == [str(records / "ward" / "a.npz")]
    assert str(records / "a.npz") in result.failures[0].reason


@pytest.mark.slow
def test_bytes_do_not_depend_on_the_number_of_workers(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "one", records, degradation="scan", style="random", masks=True, seed=3)
    print_pages(tmp_path / "two", records, degradation="scan", style="random", masks=True, seed=3, workers=2)
    assert pages_in(tmp_path / "one") == pages_in(tmp_path / "two")
    first, second = ((tmp_path / name / "metadata.jsonl").read_bytes() for name in ("one", "two"))
    assert first == second


def test_degradation_depends_on_seed_and_record(records: Path, tmp_path: Path) -> None:
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        print_pages(tmp_path / name, records, degradation="scan", seed=seed)
    first, again, other = (pages_in(tmp_path / name) for name in ("first", "again", "other"))
    assert first == again
    assert all(first[name] != other[name] for name in first)


def test_layout_is_taken_by_name(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records / "a.npz", layout="12x1")
    expected = render_page(read_record(records / "a.npz"), dots_per_inch=DPI).image
    picture = cv2.imread(str(tmp_path / "out" / "a.png"))
    assert picture is not None
    assert (picture[..., ::-1] != expected).any()


def test_started_again_it_prints_what_is_missing(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records)
    (tmp_path / "out" / "a.png").write_bytes(b"kept")
    (tmp_path / "out" / "b.png").unlink()
    result = print_pages(tmp_path / "out", records, resume=True)
    assert result.summary == {"pages": 3, "already there": 2}
    assert (tmp_path / "out" / "a.png").read_bytes() == b"kept"
    assert (tmp_path / "out" / "b.png").exists()
    assert [line["id"] for line in lines_in(tmp_path / "out")] == ["a", "b", "ward/a"]


def test_overwrite_prints_every_page_again(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records)
    (tmp_path / "out" / "a.png").write_bytes(b"stale")
    assert print_pages(tmp_path / "out", records, overwrite=True).summary == {"pages": 3}
    assert (tmp_path / "out" / "a.png").read_bytes() != b"stale"


@pytest.mark.parametrize(("option", "value"), [("layout", "6x2"), ("dots_per_inch", 70.0), ("style", "kit")])
def test_pages_of_other_options_are_not_mixed_in(records: Path, tmp_path: Path, option: str, value: object) -> None:
    print_pages(tmp_path / "out", records / "a.npz")
    with pytest.raises(ConfigError, match=rf"{option}.*--overwrite"):
        print_pages(tmp_path / "out", records, **{option: value})
    with pytest.raises(ConfigError, match=r"seed 0 → 5"):
        print_pages(tmp_path / "out", records, seed=5)
    print_pages(tmp_path / "out", records, overwrite=True, **{option: value})
    assert len(lines_in(tmp_path / "out")) == 3


def test_more_records_and_other_workers_are_welcome(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records, limit=1)
    assert list(pages_in(tmp_path / "out")) == ["a.png"]
    assert print_pages(tmp_path / "out", records, workers=2, resume=True).summary["already there"] == 1


def test_metadata_are_written_anew_from_the_ledger(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records)
    whole = (tmp_path / "out" / "metadata.jsonl").read_text()
    (tmp_path / "out" / "metadata.jsonl").write_text(whole[:-40])
    assert print_pages(tmp_path / "out", records, resume=True).summary["already there"] == 3
    assert (tmp_path / "out" / "metadata.jsonl").read_text() == whole


@pytest.mark.parametrize("option", ["image_dir", "mask_dir"])
@pytest.mark.parametrize(
    "folder", ["../elsewhere", "a/../../elsewhere", "..\\elsewhere", "{outside}/elsewhere", "link/elsewhere"]
)
def test_pictures_never_go_elsewhere(records: Path, tmp_path: Path, option: str, folder: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigError, match=rf"{option}: .* is not within the run folder"):
        print_pages(tmp_path / "out", records / "a.npz", masks=True, **{option: folder.format(outside=tmp_path)})
    assert sorted(tmp_path.rglob("*")) == before


def test_mask_lies_beside_the_page_and_belongs_to_it(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records / "a.npz", masks=True)
    mask = cv2.imread(str(tmp_path / "out" / "a_mask.png"), cv2.IMREAD_UNCHANGED)
    assert mask is not None
    expected = render_page(read_record(records / "a.npz"), dots_per_inch=DPI).class_mask
    np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize(("kind", "values"), [("classes", 5), ("grid-wave", 3), ("grid", 2), ("wave", 2)])
def test_kinds_of_masks(records: Path, tmp_path: Path, kind: str, values: int) -> None:
    print_pages(tmp_path / "out", records / "a.npz", masks=None, mask_kind=kind)
    mask = cv2.imread(str(tmp_path / "out" / "a_mask.png"), cv2.IMREAD_UNCHANGED)
    assert mask is not None
    assert sorted(np.unique(mask)) == list(range(values))


def test_the_end_of_a_run_takes_the_memory_of_one_page(records: Path, tmp_path: Path) -> None:
    def peak_of_end(number: int) -> int:
        folder = tmp_path / f"{number}"
        context = RunContext(task="render.pages", out_dir=folder)
        with Batch(context, {}) as batch:
            items = [Item(source=f"{each}", key=f"{each}", files=()) for each in range(number)]
            batch.run(of_many_points, items, executor=default_choice("executors", "serial"))
            tracemalloc.start()
            try:
                write_metadata(batch)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    few, many = peak_of_end(3), peak_of_end(30)
    assert few > 100_000  # a page's line alone
    assert many < 1.5 * few


def test_pictures_and_masks_in_folders_of_their_own(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records, masks=True, image_dir="images", mask_dir="masks")
    found = set(pages_in(tmp_path / "out"))
    assert {"images/a.png", "masks/a_mask.png", "images/ward/a.png", "masks/ward/a_mask.png"} <= found
    assert lines_in(tmp_path / "out")[2]["files"] == {"image": "images/ward/a.png", "mask": "masks/ward/a_mask.png"}


def test_metadata_tell_where_everything_is(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records / "a.npz", degradation="affine", seed=2)
    (line,) = lines_in(tmp_path / "out")
    assert line["source"] == str(records / "a.npz")
    assert (line["layout"], line["style"], line["degradations"]) == ("3x4+1R", "standard", ["affine"])
    assert line["px_per_mm"] == pytest.approx(60 / 25.4)
    assert line["px_per_mv"] == pytest.approx(600 / 25.4)
    assert len(line["baselines_px"]) == 4
    assert [name["lead"] for name in line["lead_names"]][:4] == ["I", "aVR", "V1", "V4"]
    assert np.array(line["grid_points_px"]).shape == (44, 56, 2)
    assert [pulse["row"] for pulse in line["pulses"]] == [0, 1, 2, 3]


def test_traces_on_request(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records / "a.npz", traces=True)
    with np.load(tmp_path / "out" / "a_traces.npz", allow_pickle=False) as arrays:
        assert arrays["leads"].tolist()[:4] == ["I", "aVR", "V1", "V4"]
        expected = render_page(read_record(records / "a.npz"), dots_per_inch=DPI).pieces[3]
        np.testing.assert_allclose(arrays["y_px_3"], expected.y_px, atol=1e-3)


def test_layouts_and_styles_are_drawn_by_the_seed(tmp_path: Path, flat_record: MakeRecord) -> None:
    for number in range(12):
        write_record(flat_record(), tmp_path / "in" / f"{number}.npz")
    print_pages(tmp_path / "out", tmp_path / "in", layout="3x4, 6x2", style="kit,blue", dots_per_inch=50.0)
    lines = lines_in(tmp_path / "out")
    assert {line["layout"] for line in lines} == {"3x4", "6x2"}
    assert {line["style"] for line in lines} == {"kit", "blue"}


def test_degradations_follow_one_another(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records / "a.npz", degradation="affine,gray-scan")
    picture = cv2.imread(str(tmp_path / "out" / "a.png"))
    assert picture is not None
    assert np.ptp(picture.astype(int), axis=2).max() <= 4  # gray at the end


def test_at_50_mm_per_s_what_fits_is_printed(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records / "a.npz", paper_speed_mm_per_s=50.0, gain_mm_per_mv=5.0)
    (line,) = lines_in(tmp_path / "out")
    assert line["px_per_s"] == pytest.approx(50 * line["px_per_mm"])
    assert line["px_per_mv"] == pytest.approx(5 * line["px_per_mm"])
    assert line["leads"][-1]["samples"] == 5 * 500
    print_pages(tmp_path / "short", records / "a.npz", paper_speed_mm_per_s=50.0, duration_s=2.0)
    assert lines_in(tmp_path / "short")[0]["leads"][-1]["samples"] == 2 * 500


def test_metadata_tell_the_gain_of_each_lead_and_where_it_is_printed(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records / "a.npz", chest_gain_mm_per_mv=5.0)
    (line,) = lines_in(tmp_path / "out")
    scales = {lead["lead"]: lead["px_per_mv"] / line["px_per_mm"] for lead in line["leads"]}
    assert scales["aVL"] == pytest.approx(10)
    assert scales["V5"] == pytest.approx(5)
    stated = [(text["text"], text["kind"], text["value"], text["leads"]) for text in line["scale_texts"]]
    assert stated == [
        ("25 mm/s", "speed", 25, "all"),
        ("10 mm/mV", "gain", 10, "limb"),
        ("5 mm/mV", "gain", 5, "chest"),
    ]
    assert np.shape(line["scale_texts"][0]["corners_px"]) == (4, 2)


def test_style_of_a_file_and_of_any_maker_print_pages(records: Path, tmp_path: Path) -> None:
    own = tmp_path / "acme.yaml"
    own.write_text("summary: Acme\nstyle: {pulse: {width_mm: 3.0}}\n", encoding="utf-8")
    print_pages(tmp_path / "own", records / "a.npz", style=str(own))
    (line,) = lines_in(tmp_path / "own")
    left, right = (line["pulses"][0]["corners_px"][corner][0] for corner in (0, 1))
    assert (right - left) / line["px_per_mm"] == pytest.approx(3, abs=0.01)
    print_pages(tmp_path / "any", records / "a.npz", style="maker")
    assert pages_in(tmp_path / "any")
    with pytest.raises(ConfigError, match=r"acme.yaml: pulse.widht_mm: unknown key"):
        own.write_text("summary: Acme\nstyle: {pulse: {widht_mm: 3.0}}\n", encoding="utf-8")
        print_pages(tmp_path / "broken", records / "a.npz", style=str(own))


def test_tables_without_a_rate_are_read_at_the_rate_given(tmp_path: Path, flat_record: MakeRecord) -> None:
    """As in the Kaggle set: a folder a record, a header row of leads, empty cells where nothing was printed."""
    folder = tmp_path / "train" / "7663343"
    folder.mkdir(parents=True)
    record = flat_record(0.3, duration_s=10.0, sampling_rate_hz=100.0)
    rows = [",".join(record.lead_names)]
    for index, values in enumerate(record.signal_mv.T):
        rows.append(",".join("" if index >= 250 and lead > 2 else f"{value:.3f}" for lead, value in enumerate(values)))
    (folder / "7663343.csv").write_text("\n".join(rows))
    failed = print_pages(tmp_path / "out", tmp_path / "train").failures
    assert "sampling" in failed[0].reason
    print_pages(tmp_path / "out", tmp_path / "train", sampling_rate_hz=100.0, overwrite=True)
    (line,) = lines_in(tmp_path / "out")
    assert line["id"] == "7663343/7663343"
    assert line["leads"][0]["samples"] == 250


def test_a_bad_table_names_file_row_and_column(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("I,II\n0.1,0.2\n0.1,oops\n")
    (failure,) = print_pages(tmp_path / "out", tmp_path / "bad.csv", sampling_rate_hz=500.0).failures
    assert failure.item.endswith("bad.csv")
    assert "row 3, column II" in failure.reason


def test_records_are_printed_on_the_paper_of_a_picture(records: Path, tmp_path: Path) -> None:
    write_picture(tmp_path / "paper.png", draw_paper(SHEET, PageStyle(grid=GridStyle(major_rgb=(90, 160, 90)))))
    print_pages(tmp_path / "out", records / "a.npz", grid=str(tmp_path / "paper.png"), masks=True)
    picture = cv2.imread(str(tmp_path / "out" / "a.png"))
    assert picture is not None
    assert picture.shape == (SHEET.height_px, SHEET.width_px, 3)
    assert lines_in(tmp_path / "out")[0]["px_per_mm"] == pytest.approx(100 / 25.4, rel=1e-3)
    write_picture(tmp_path / "blank.png", np.full((300, 400, 3), 255, np.uint8))
    with pytest.raises(DataError, match=r"blank\.png.*flat, upright"):
        print_pages(tmp_path / "two", records / "a.npz", grid=str(tmp_path / "blank.png"))


def test_one_picture_where_the_user_wants_it(records: Path, tmp_path: Path) -> None:
    file = tmp_path / "anywhere" / "page.png"
    print_pages(tmp_path / "run", records / "a.npz", out_file=file, masks=None)
    assert [path.name for path in file.parent.iterdir()] == ["page.png"]
    print_pages(tmp_path / "run", records / "a.npz", out_file=file.with_suffix(".jpg"), masks=True)
    assert sorted(path.name for path in file.parent.iterdir()) == ["page.jpg", "page.png", "page_mask.png"]
    with pytest.raises(ConfigError, match="hold 3 records"):
        print_pages(tmp_path / "run", records, out_file=file)


def test_nothing_to_print_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="inputs"):
        print_pages(tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no record found"):
        print_pages(tmp_path / "out", tmp_path / "empty")


@pytest.mark.parametrize("option", ["layout", "degradation"])
def test_unknown_name_is_an_error_before_any_work(records: Path, tmp_path: Path, option: str) -> None:
    with pytest.raises(PluginNotFound, match="nonsense"):
        print_pages(tmp_path / "out", records, **{option: "nonsense"})
    assert pages_in(tmp_path / "out") == {}


def test_a_random_layout_is_drawn_for_each_page_from_leads_that_the_record_has(
    tmp_path: Path, flat_record: MakeRecord
) -> None:
    for number in range(8):
        write_record(attrs.evolve(flat_record(0.1), name=f"r{number}"), tmp_path / "in" / f"r{number}.npz")
    result = print_pages(tmp_path / "out", tmp_path / "in", layout="random")
    assert result.summary == {"pages": 8}
    assert not result.failures
    layouts = {line["layout"] for line in lines_in(tmp_path / "out")}
    assert len(layouts) >= 4
    assert any("/" in name for name in layouts)  # those of the grammar are named by their rows
    print_pages(tmp_path / "again", tmp_path / "in", layout="random")
    assert pages_in(tmp_path / "again") == pages_in(tmp_path / "out")


def test_a_random_layout_has_rows_of_the_time_asked_for(tmp_path: Path, records: Path) -> None:
    print_pages(tmp_path / "out", records, layout="random", duration_s=4.0)
    for line in lines_in(tmp_path / "out"):
        row_s = (line["signal_end_px"] - line["signal_start_px"]) / line["px_per_s"]
        assert 3.5 < row_s <= 4.001  # printing may stop 3 mm short


def test_a_makers_own_layout_speed_and_gain(tmp_path: Path, flat_record: MakeRecord) -> None:
    for number in range(8):
        write_record(attrs.evolve(flat_record(0.1), name=f"r{number}"), tmp_path / "in" / f"r{number}.npz")
    result = print_pages(tmp_path / "out", tmp_path / "in", style="mindray", layout="maker")
    assert not result.failures
    lines = lines_in(tmp_path / "out")
    assert len({line["layout"] for line in lines}) > 2
    assert {round(line["px_per_s"] / line["px_per_mm"], 3) for line in lines} == {25.0, 50.0}
