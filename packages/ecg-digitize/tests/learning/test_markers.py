from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ecg_core.run import RunContext  # noqa: E402
from ecg_core.synthetic import synthesize_record  # noqa: E402
from ecg_digitize.learning.marker_config import MarkerNetConfig, ViewsConfig  # noqa: E402
from ecg_digitize.learning.marker_data import draw_names, endless_views, take_view  # noqa: E402
from ecg_digitize.learning.marker_net import MarkerNet  # noqa: E402
from ecg_digitize.learning.train_stage0 import TrainStage0Config, run  # noqa: E402
from ecg_digitize.markers import CLASSES, RHYTHM, class_of  # noqa: E402
from ecg_digitize.orientation import upright  # noqa: E402
from ecg_render import PageRecipe, render_page  # noqa: E402


def options(records: Path, **changes: object) -> ViewsConfig:
    pages = PageRecipe(degradations=("none", "camera"), least_dots_per_inch=60, most_dots_per_inch=70)
    plain = {"batch_size": 2, "views_per_page": 2, "size_px": 192, "workers": 0, "pages": pages}
    return ViewsConfig(records=(str(records),), steps_per_epoch=2, validation_batches=1, **{**plain, **changes})


def test_names_have_classes_of_their_own_and_the_long_row_another() -> None:
    assert len(CLASSES) == 14
    assert class_of("V6", is_rhythm=False) == 12
    assert (class_of("II", is_rhythm=False), class_of("II", is_rhythm=True)) == (2, CLASSES.index(RHYTHM))
    assert class_of("-aVR", is_rhythm=False) == class_of("aVR", is_rhythm=False)
    assert class_of("V7", is_rhythm=False) == 0


def test_marks_stand_on_the_ink_of_the_names() -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    mask = draw_names(page, np.array([[1.0, 0, 0], [0, 1, 0]]), max(page.width_px, page.height_px))
    assert set(np.unique(mask)) == set(range(14))
    for name in page.lead_names:
        x, y = (round(value) for value in name.centre_px)
        assert mask[y, x] > 0
    ink = page.image.min(axis=2) < 80
    marked = mask[: page.height_px, : page.width_px] > 0
    assert (ink & marked).sum() > 0.15 * marked.sum()


@pytest.mark.parametrize("seed", range(4))
def test_a_view_turned_back_shows_the_page_with_its_marks(records: Path, seed: int) -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    config = options(records, size_px=800, least_zoom=1.0, most_zoom=1.0)
    view = take_view(page, config, np.random.default_rng(seed))
    image, mask = upright(view.image, view.orientation), upright(view.mask, view.orientation)
    rows, columns = np.nonzero(mask == class_of("V4", is_rhythm=False))
    name = next(each for each in page.lead_names if each.lead == "V4")
    scale = 800 / page.width_px
    assert columns.mean() == pytest.approx(scale * name.centre_px[0], abs=2)
    dark = image[rows, columns].min(axis=1) < 120
    assert 0.05 < dark.mean() < 0.9


def test_batches_follow_from_seed_and_number(records: Path) -> None:
    first, again = (next(endless_views(options(records), 5).batches("train", epoch=1)) for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert first["image"].shape == (2, 3, 192, 192)
    assert first["mask"].shape == (2, 192, 192)
    assert first["orientation"].shape == (2,)


def test_names_and_orientation_come_out_together() -> None:
    names, orientation = MarkerNet(MarkerNetConfig())(torch.zeros(2, 3, 64, 96, dtype=torch.uint8))
    assert names.shape == (2, 14, 64, 96)
    assert orientation.shape == (2, 8)


def test_it_learns_the_orientation_of_one_picture() -> None:
    torch.manual_seed(0)
    net = MarkerNet(MarkerNetConfig(orientation_weight=1.0))
    image = torch.randint(256, (1, 3, 32, 32), dtype=torch.uint8)
    views = torch.cat([torch.rot90(image, turn, (2, 3)) for turn in range(4)])
    batch = {"image": views, "mask": torch.zeros(4, 32, 32, dtype=torch.uint8), "orientation": torch.arange(4)}
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        net.training_step(batch)["loss"].backward()
        optimizer.step()
    with torch.no_grad():
        assert net.figures(net.evaluation_step(batch))["orientation"] == 1.0


def test_the_task_trains_a_step_and_leaves_a_checkpoint(records: Path, tmp_path: Path) -> None:
    config = TrainStage0Config(steps=2, data=options(records))
    summary = run(config, RunContext(task="digitize.train_stage0", out_dir=tmp_path, backend="cpu")).summary
    assert summary["steps"] == 2
    assert math.isfinite(summary["validation_loss"])
