from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ecg_core.config import Choice  # noqa: E402
from ecg_core.context import RunContext  # noqa: E402
from ecg_core.plugins.registry import registry  # noqa: E402
from ecg_core.synthetic import synthesize_record  # noqa: E402
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_BOX  # noqa: E402
from ecg_digitize.digitizers.neural.grid.mesh import Mesh  # noqa: E402
from ecg_digitize.digitizers.neural.markers.classes import CLASSES, RHYTHM, class_of  # noqa: E402
from ecg_digitize.learning.markers import MarkerNet, draw_names, endless_marker_views, take_view  # noqa: E402
from ecg_digitize.learning.options import (  # noqa: E402
    MarkerViewsConfig,
    PageUNetConfig,
    StageDataRequest,
    StageModelRequest,
)
from ecg_digitize.learning.train import TrainStage0Config, run_stage0  # noqa: E402
from ecg_render import PageRecipe, render_page  # noqa: E402


def options(records: Path, **changes: object) -> MarkerViewsConfig:
    pages = PageRecipe(degradations=("none", "camera"), least_dots_per_inch=60, most_dots_per_inch=70)
    plain = {"views_per_page": 2, "size_px": 192, "pages": pages}
    return MarkerViewsConfig(records=(str(records),), steps_per_epoch=2, validation_batches=1, **{**plain, **changes})


def test_names_have_classes_of_their_own_and_the_long_row_another() -> None:
    assert len(CLASSES) == 14
    assert class_of("V6", is_rhythm=False) == 12
    assert (class_of("II", is_rhythm=False), class_of("II", is_rhythm=True)) == (2, CLASSES.index(RHYTHM))
    assert class_of("-aVR", is_rhythm=False) == class_of("aVR", is_rhythm=False)
    assert class_of("V7", is_rhythm=False) == 0


def test_marks_stand_on_the_ink_of_the_names() -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    mesh = Mesh(page.grid_points_px.astype(float))
    corner, size = (-1.0, -1.0), 1200
    mask = draw_names(page, mesh, corner, size)
    image = mesh.flatten(page.image, px_per_box=(PX_PER_BOX,) * 2, corner=corner, size=(size, size))
    assert set(np.unique(mask)) == set(range(14))
    ink = image.min(axis=2) < 80
    for value in range(1, 14):
        assert (ink & (mask == value)).sum() > 0.1 * (mask == value).sum()


@pytest.mark.parametrize("seed", range(3))
def test_a_view_of_a_photo_shows_its_names_where_they_are_marked(records: Path, seed: int) -> None:
    page = registry().load("degradations", "camera")(render_page(synthesize_record(seed=1), dots_per_inch=150), seed)
    config = options(records, size_px=1280, turned_share=0.0, grid_jitter_px=0.0, names_share=0.0)
    view = take_view(page, Mesh(page.grid_points_px.astype(float)), config, np.random.default_rng(seed))
    level = view.image.min(axis=2).astype(float)
    for value in (class_of("V4", is_rhythm=False), class_of("aVF", is_rhythm=False)):
        marked = view.mask == value
        beside = cv2.dilate(marked.astype(np.uint8), np.ones((9, 9))).astype(bool) & ~marked
        assert np.quantile(level[marked], 0.05) < np.quantile(level[beside], 0.05) - 20


def test_small_views_are_taken_about_names(records: Path) -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    mesh, rng = Mesh(page.grid_points_px.astype(float)), np.random.default_rng(0)
    chosen, anywhere = (
        [
            take_view(page, mesh, options(records, size_px=160, turned_share=0.0, names_share=share), rng)
            for _ in range(20)
        ]
        for share in (1.0, 0.0)
    )
    assert all(view.mask.any() for view in chosen)
    assert not all(view.mask.any() for view in anywhere)


def test_what_is_turned_has_no_names(records: Path) -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    config = options(records, size_px=1280, turned_share=1.0)
    assert not take_view(page, Mesh(page.grid_points_px.astype(float)), config, np.random.default_rng(0)).mask.any()


def test_batches_follow_from_seed_and_number(records: Path) -> None:
    request = StageDataRequest(stage="markers", batch_size=2, workers=0, seed=5)
    first, again = (next(endless_marker_views(options(records), request).batches("train", epoch=1)) for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert first["image"].shape == (2, 3, 192, 192)
    assert first["mask"].shape == (2, 192, 192)


def test_a_perfect_claim_has_an_iou_of_one() -> None:
    net = MarkerNet(PageUNetConfig(), StageModelRequest(stage="markers"))
    mask = torch.randint(14, (2, 32, 32), dtype=torch.uint8)
    net.forward = lambda images: torch.nn.functional.one_hot(mask.long(), 14).permute(0, 3, 1, 2) * 20.0
    figures = net.figures(net.evaluation_step({"image": torch.zeros(2, 3, 32, 32), "mask": mask}))
    assert figures["mean_iou"] == 1
    assert figures["loss"] < 1e-3


def test_the_task_trains_a_step_and_leaves_a_checkpoint(records: Path, tmp_path: Path) -> None:
    config = TrainStage0Config(
        steps=2, data=Choice("datasets", "digitize.marker_views", options(records)), batch_size=2, workers=0
    )
    summary = run_stage0(config, RunContext(task="digitize.train_stage0", out_dir=tmp_path, backend="cpu")).summary
    assert summary["steps"] == 2
    assert math.isfinite(summary["validation_loss"])
