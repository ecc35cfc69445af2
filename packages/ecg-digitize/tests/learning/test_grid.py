from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ecg_core.config import Choice  # noqa: E402
from ecg_core.context import RunContext  # noqa: E402
from ecg_core.plugins.registry import registry  # noqa: E402
from ecg_core.synthetic import synthesize_record  # noqa: E402
from ecg_digitize.digitizers.neural.grid.lattice import order_crossings  # noqa: E402
from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS  # noqa: E402
from ecg_digitize.digitizers.neural.grid.peaks import find_peaks  # noqa: E402
from ecg_digitize.learning.grid import GridCrop, GridNet, cut_crop, draw_crossings, endless_grid_crops  # noqa: E402
from ecg_digitize.learning.options import (  # noqa: E402
    GridCropsConfig,
    PageUNetConfig,
    StageDataRequest,
    StageModelRequest,
)
from ecg_digitize.learning.train import TrainStage1Config, run_stage1  # noqa: E402
from ecg_render import Page, PageRecipe, PageStyle, render_page  # noqa: E402
from ecg_render.style import GridStyle  # noqa: E402


def options(records: Path, **changes: object) -> GridCropsConfig:
    pages = PageRecipe(degradations=("none", "camera"), least_dots_per_inch=60, most_dots_per_inch=70)
    plain = {"crops_per_page": 2, "size_px": 96, "pages": pages}
    return GridCropsConfig(records=(str(records),), steps_per_epoch=2, validation_batches=1, **{**plain, **changes})


def test_crossings_that_are_drawn_are_found_to_a_twentieth_of_a_pixel() -> None:
    rng = np.random.default_rng(0)
    x, y = np.meshgrid(np.arange(12, 180, 17.3), np.arange(9, 120, 18.1))
    points = np.stack((x.ravel(), y.ravel()), axis=1) + rng.uniform(-2, 2, (x.size, 2))
    found = find_peaks(draw_crossings(points, (130, 190), 2.0).astype(np.float32) / 255)
    assert len(found) == len(points)
    nearest = np.linalg.norm(found[:, None] - points, axis=2)
    assert nearest.min(axis=1).max() < 0.05


def test_a_crossing_beyond_the_edge_shines_in() -> None:
    heat = draw_crossings(np.array([[-2.0, 10.0], [-40.0, 10.0]]), (20, 20), 2.0)
    assert heat[10, 0] == round(255 * math.exp(-0.5))
    assert heat.max() == heat[10, 0]


def test_the_target_of_a_photo_leads_back_to_its_grid(records: Path) -> None:
    photo = registry().load("degradations", "phone")(render_page(synthesize_record(seed=1), dots_per_inch=100), 2)
    side = max(photo.width_px, photo.height_px)
    crop = cut_crop(photo, options(records, size_px=side), np.random.default_rng(0))
    mesh = order_crossings(find_peaks(crop.target[..., 0].astype(np.float32) / 255))
    truth = photo.grid_points_px.reshape(-1, 2)
    inside = ((truth > 3) & (truth < np.array([photo.width_px, photo.height_px]) - 4)).all(axis=1)
    assert mesh.found.sum() >= 0.98 * inside.sum()
    distance = np.linalg.norm(mesh.points_px[mesh.found][:, None] - truth, axis=2).min(axis=1)
    assert np.quantile(distance, 0.98) < 0.15


def test_lines_and_traces_stand_on_the_ink_of_the_picture(records: Path) -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    crop = cut_crop(page, options(records, size_px=700), np.random.default_rng(3))
    level = crop.image.astype(int).sum(axis=2)
    for channel in (1, 2, 3):
        on_line = crop.target[..., channel] > 0
        assert 0.002 < on_line.mean() < 0.2
        assert level[on_line].mean() < level[~on_line].mean()


def with_lines(*, small_mm: float, large_mm: float) -> PageStyle:
    return PageStyle(grid=GridStyle(minor_line_mm=small_mm, major_line_mm=large_mm))


def largest_crop(page: Page, records: Path) -> GridCrop:
    side = max(page.width_px, page.height_px)
    return cut_crop(page, options(records, size_px=side), np.random.default_rng(0))


def test_where_no_grid_is_printed_there_are_no_crossings_and_no_lines(records: Path) -> None:
    page = render_page(synthesize_record(seed=1), style=with_lines(small_mm=0, large_mm=0), dots_per_inch=100)
    crop = largest_crop(page, records)
    assert not crop.target[..., :3].any()
    assert crop.target[..., 3].any()


def test_large_boxes_alone_are_boxes(records: Path) -> None:
    alone = render_page(synthesize_record(seed=1), style=with_lines(small_mm=0, large_mm=0.2), dots_per_inch=100)
    both = render_page(synthesize_record(seed=1), dots_per_inch=100)
    assert np.array_equal(*(largest_crop(page, records).target[..., 0] for page in (alone, both)))


@pytest.mark.parametrize("degradation", ["none", "camera"])
def test_small_boxes_alone_are_enlarged_until_they_are_boxes(records: Path, degradation: str) -> None:
    page = render_page(synthesize_record(seed=1), style=with_lines(small_mm=0.15, large_mm=0), dots_per_inch=150)
    if degradation != "none":
        page = registry().load("degradations", degradation)(page, 1)
    crop = cut_crop(page, options(records, size_px=320), np.random.default_rng(3))
    peaks = find_peaks(crop.target[..., 0].astype(np.float32) / 255)
    nearest = np.sort(np.linalg.norm(peaks[:, None] - peaks, axis=2), axis=1)[:, 1]
    assert 11 <= np.median(nearest) <= 4.2 * 150 / 25.4
    inner = peaks[((peaks > 12) & (peaks < 307)).all(axis=1)]
    level, half = crop.image.astype(int).sum(axis=2), round(float(np.median(nearest)) / 2)
    column, row = np.rint(inner).astype(int).T
    on, beside = level[row, column], level[row + half, column + half]
    assert len(inner) > 50
    assert (on < beside).mean() > 0.9


def test_small_boxes_that_cannot_be_seen_are_none(records: Path) -> None:
    page = render_page(synthesize_record(seed=1), style=with_lines(small_mm=0.15, large_mm=0), dots_per_inch=70)
    crop = largest_crop(page, records)
    assert not crop.target[..., :3].any()


def test_batches_follow_from_seed_and_number(records: Path) -> None:
    request = StageDataRequest(stage="grid", batch_size=2, workers=0, seed=5)
    first, again = (next(endless_grid_crops(options(records), request).batches("train", epoch=1)) for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert first["image"].shape == (2, 3, 96, 96)
    assert first["target"].shape == (2, len(OUTPUTS), 96, 96)
    assert first["target"].dtype == torch.uint8


def test_a_perfect_claim_has_an_iou_of_one() -> None:
    net = GridNet(PageUNetConfig(), StageModelRequest(stage="grid"))
    target = (torch.rand(1, len(OUTPUTS), 32, 32) > 0.8).to(torch.uint8) * 255
    net.forward = lambda images: (target.float() / 255 - 0.5) * 20
    totals = net.evaluation_step({"image": torch.zeros(1, 3, 32, 32), "target": target})
    figures = net.figures(totals)
    assert [figures[f"iou_{name}"] for name in OUTPUTS] == [1] * len(OUTPUTS)


def test_the_task_trains_a_step_and_leaves_a_checkpoint(records: Path, tmp_path: Path) -> None:
    config = TrainStage1Config(
        steps=2, data=Choice("datasets", "digitize.grid_crops", options(records)), batch_size=2, workers=0
    )
    summary = run_stage1(config, RunContext(task="digitize.train_stage1", out_dir=tmp_path, backend="cpu")).summary
    assert summary["steps"] == 2
    assert math.isfinite(summary["validation_loss"])
