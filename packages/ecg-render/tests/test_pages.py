from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import cv2
import numpy as np
import pytest

from ecg_core.errors import ConfigError, DataError, PluginNotFound
from ecg_core.formats import read_record, write_record
from ecg_core.record import Record
from ecg_core.run import RunContext, TaskResult
from ecg_render import render_page
from ecg_render.tasks.pages import RenderPagesConfig, run

MakeRecord = Callable[..., Record]
DPI = 60.0


@pytest.fixture
def records(tmp_path: Path, flat_record: MakeRecord) -> Path:
    """A folder of three records in two formats, one of them in a folder below."""
    folder = tmp_path / "records"
    write_record(attrs.evolve(flat_record(0.2), name="a"), folder / "a.npz")
    write_record(attrs.evolve(flat_record(0.4), name="b"), folder / "b.hea")
    write_record(attrs.evolve(flat_record(0.6), name="a"), folder / "ward" / "a.npz")
    return folder


def print_pages(out_dir: Path, *inputs: Path, seed: int = 0, resume: bool = False, **options: object) -> TaskResult:
    out_dir.mkdir(exist_ok=True)
    config = RenderPagesConfig(**{"inputs": tuple(map(str, inputs)), "dots_per_inch": DPI} | options)
    return run(config, RunContext(task="render.pages", out_dir=out_dir, seed=seed, resume=resume))


def pages_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.*"))}


def test_every_record_becomes_a_page_under_its_name(records: Path, tmp_path: Path) -> None:
    result = print_pages(tmp_path / "out", records)
    assert list(pages_in(tmp_path / "out")) == ["a.png", "b.png", "ward/a.png"]
    assert not result.failures
    assert result.summary["pages written"] == 3


def test_page_on_disk_is_the_page_in_memory(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records)
    expected = render_page(read_record(records / "ward" / "a.npz"), dots_per_inch=DPI)
    picture = cv2.imread(str(tmp_path / "out" / "ward" / "a.png"))
    assert picture is not None
    np.testing.assert_array_equal(picture[..., ::-1], expected.image)


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
    print_pages(tmp_path / "one", records, degradation="scan", seed=3)
    print_pages(tmp_path / "two", records, degradation="scan", seed=3, workers=2)
    assert pages_in(tmp_path / "one") == pages_in(tmp_path / "two")


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


def test_resumed_run_leaves_finished_pages(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records)
    (tmp_path / "out" / "a.png").write_bytes(b"kept")
    (tmp_path / "out" / "b.png").unlink()
    result = print_pages(tmp_path / "out", records, resume=True)
    assert (result.summary["pages written"], result.summary["already there"]) == (1, 2)
    assert (tmp_path / "out" / "a.png").read_bytes() == b"kept"
    assert (tmp_path / "out" / "b.png").exists()


def test_fresh_run_prints_every_page_again(records: Path, tmp_path: Path) -> None:
    print_pages(tmp_path / "out", records)
    (tmp_path / "out" / "a.png").write_bytes(b"stale")
    assert print_pages(tmp_path / "out", records).summary["pages written"] == 3
    assert (tmp_path / "out" / "a.png").read_bytes() != b"stale"


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
