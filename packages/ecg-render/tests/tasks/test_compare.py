from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError, PluginNotFound
from ecg_core.formats import write_record
from ecg_core.synthetic import synthesize_record
from ecg_core.testing import TaskContract
from ecg_render import render_page
from ecg_render.tasks.compare import CompareConfig, run

DPI = 100.0


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A folder with two pictures, as if of real pages."""
    for name, seed in (("a.png", 1), ("ward/b.jpg", 2)):
        path = tmp_path / "real" / name
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), render_page(synthesize_record(seed=seed), dots_per_inch=DPI).image)
    return tmp_path / "real"


def compare(out_dir: Path, *real: Path, seed: int = 0, **options: object) -> TaskResult:
    small = {"num_pairs": 3, "pairs_per_sheet": 2, "crop_px": 80, "dots_per_inch": DPI, "degradation": None}
    config = CompareConfig(**({"real": tuple(map(str, real))} | small | options))
    out_dir.mkdir(exist_ok=True)
    return run(config, RunContext(task="render.compare", out_dir=out_dir, seed=seed))


class TestCompare(TaskContract):
    name = "render.compare"

    def overrides(self, folder: Path) -> list[str]:
        cv2.imwrite(str(folder / "real.png"), render_page(synthesize_record(), dots_per_inch=50).image)
        return [f"real=[{folder / 'real.png'}]", "num_pairs=1", "crop_px=80", "dots_per_inch=50", "degradation=null"]


def captions(out_dir: Path) -> list[str]:
    return re.findall(r"<li>(.*?)</li>", (out_dir / "index.html").read_text(encoding="utf-8"))


def test_sheets_hold_real_and_rendered_in_turn_and_the_index_shows_them(real: Path, tmp_path: Path) -> None:
    result = compare(tmp_path / "out", real)
    assert sorted(path.name for path in (tmp_path / "out").glob("*")) == [
        "compare-1.png",
        "compare-2.png",
        "index.html",
    ]
    assert (result.summary["pairs"], result.summary["sheets"]) == (3, 2)
    assert not result.failures
    words = [caption.split()[0] for caption in captions(tmp_path / "out")]
    assert words == ["REAL", "RENDERED"] * 3
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "compare-1.png" in index
    assert "compare-2.png" in index
    assert "without the right" in index


def test_real_scale_is_estimated_or_taken_as_given_and_said(real: Path, tmp_path: Path) -> None:
    compare(tmp_path / "estimated", real)
    estimated = [caption for caption in captions(tmp_path / "estimated") if caption.startswith("REAL")]
    scales = [re.fullmatch(r"REAL \w\.\w+, ([\d.]+) px/mm estimated", caption) for caption in estimated]
    assert [float(scale[1]) for scale in scales if scale] == pytest.approx([DPI / 25.4] * 3, rel=0.02)
    compare(tmp_path / "given", real, real_px_per_mm=7.0)
    assert any("7.0 px/mm given" in caption for caption in captions(tmp_path / "given"))


def test_pieces_are_shown_at_one_scale_whatever_the_resolution(real: Path, tmp_path: Path) -> None:
    compare(tmp_path / "out", real / "a.png", num_pairs=1, crop_mm=20.0, dots_per_inch=200.0, crop_px=200)
    sheet = cv2.imread(str(tmp_path / "out" / "compare-1.png"))
    assert sheet is not None
    pieces = sheet[10:210, 220:420], sheet[10:210, 640:840]  # each to the right of its whole picture
    for piece in pieces:
        dark = 255 - np.median(piece[..., 1], axis=0)
        lines = np.flatnonzero(dark > 0.7 * dark.max())
        large_boxes = np.diff(lines)[np.diff(lines) > 5]  # a line is a few columns wide
        np.testing.assert_allclose(large_boxes, 5 * 200 / 20, atol=5)


def test_the_same_seed_gives_the_same_sheets(real: Path, tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("again", 5), ("other", 6)):
        compare(tmp_path / name, real, seed=seed, degradation="scan")
    one, again, other = ((tmp_path / name / "compare-1.png").read_bytes() for name in ("one", "again", "other"))
    assert one == again != other


def test_a_picture_that_cannot_be_used_is_named_and_the_others_shown(real: Path, tmp_path: Path) -> None:
    (real / "broken.png").write_bytes(b"no picture")
    cv2.imwrite(str(real / "blank.png"), np.full((300, 400, 3), 255, np.uint8))
    result = compare(tmp_path / "out", real, num_pairs=4)
    assert {Path(failure.item).name for failure in result.failures} == {"broken.png", "blank.png"}
    assert any("real_px_per_mm" in failure.reason for failure in result.failures)
    assert result.summary["pairs"] == 2


def test_given_records_are_printed(real: Path, tmp_path: Path) -> None:
    write_record(synthesize_record(seed=3, name="patient"), tmp_path / "records" / "patient.npz")
    compare(tmp_path / "out", real, records=(str(tmp_path / "records"),))
    assert all("patient" in caption for caption in captions(tmp_path / "out") if caption.startswith("RENDERED"))


def test_no_pictures_is_an_error_that_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="real"):
        compare(tmp_path / "out")
    with pytest.raises(DataError, match="gone"):
        compare(tmp_path / "out", tmp_path / "gone")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no picture found"):
        compare(tmp_path / "out", tmp_path / "empty")


def test_an_unknown_degradation_is_an_error(real: Path, tmp_path: Path) -> None:
    with pytest.raises(PluginNotFound, match="nonsense"):
        compare(tmp_path / "out", real, degradation="nonsense")


def test_pages_of_a_maker_are_compared_in_its_own_layouts(real: Path, tmp_path: Path) -> None:
    result = compare(tmp_path / "out", real, style="maker", layout="maker", degradation="crop+scan")
    assert not result.failures
    assert "maker, crop+scan" in (tmp_path / "out" / "index.html").read_text()
