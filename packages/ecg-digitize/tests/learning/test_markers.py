from __future__ import annotations

import math
from pathlib import Path

import attrs
import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ecg_core.config import Choice  # noqa: E402
from ecg_core.context import RunContext  # noqa: E402
from ecg_core.leads import STANDARD_LEADS  # noqa: E402
from ecg_core.paper import PaperSpec  # noqa: E402
from ecg_core.plugins.registry import registry  # noqa: E402
from ecg_core.synthetic import synthesize_record  # noqa: E402
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_BOX  # noqa: E402
from ecg_digitize.digitizers.neural.grid.mesh import Mesh  # noqa: E402
from ecg_digitize.digitizers.neural.markers.classes import CLASSES, GAINS, SPEEDS  # noqa: E402
from ecg_digitize.digitizers.neural.markers.second_look import CLOSER  # noqa: E402
from ecg_digitize.learning.marker_targets import draw_targets, pixels_within  # noqa: E402
from ecg_digitize.learning.markers import (  # noqa: E402
    BOXES_BEYOND,
    MarkerNet,
    beyond_the_lines,
    endless_marker_views,
    jittered_mesh,
    take_view,
)
from ecg_digitize.learning.options import (  # noqa: E402
    MarkerViewsConfig,
    PageUNetConfig,
    StageDataRequest,
    StageModelRequest,
)
from ecg_digitize.learning.train import TrainStage0Config, run_stage0  # noqa: E402
from ecg_render import Page, PageRecipe, render_page  # noqa: E402
from ecg_render.scene import CalibrationPulse, Separator  # noqa: E402
from ecg_render.styles import style_by_name  # noqa: E402


def options(records: Path, **changes: object) -> MarkerViewsConfig:
    pages = PageRecipe(degradations=("none", "camera"), least_dots_per_inch=60, most_dots_per_inch=70)
    plain = {"views_per_page": 2, "size_px": 192, "pages": pages, "closer_share": 0.0}
    return MarkerViewsConfig(records=(str(records),), steps_per_epoch=2, validation_batches=1, **{**plain, **changes})


def upright_view(page: Page, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A view of the upper left of a page at the usual scale, and where classes are marked on it."""
    mesh, corner, scale = Mesh(page.grid_points_px.astype(float)), (-1.0, -1.0), (PX_PER_BOX,) * 2
    image = mesh.flatten(page.image, px_per_box=scale, corner=corner, size=(size, size))
    return image, draw_targets(page, mesh, corner, size, scale)


def test_marks_stand_on_the_ink_of_the_names() -> None:
    image, mask = upright_view(render_page(synthesize_record(seed=1), dots_per_inch=100), 1200)
    assert {CLASSES[value] for value in np.unique(mask)} == {
        "background",
        "pulse",
        "25 mm/s",
        "10 mm/mV",
        *STANDARD_LEADS,
    }
    ink = image.min(axis=2) < 80
    for name in STANDARD_LEADS:
        marked = mask == CLASSES.index(name)
        assert (ink & marked).sum() > 0.1 * marked.sum()


def test_the_name_of_a_rhythm_row_is_that_of_its_lead() -> None:
    _, mask = upright_view(render_page(synthesize_record(seed=1), dots_per_inch=100), 1200)
    count, _ = cv2.connectedComponents((mask == CLASSES.index("II")).astype(np.uint8))
    assert count - 1 == 2


@pytest.mark.parametrize("gain_mm_per_mv", [5.0, 10.0])
def test_a_pulse_is_marked_from_edge_to_edge_and_from_top_to_foot(gain_mm_per_mv: float) -> None:
    paper = PaperSpec(gain_mm_per_mv=gain_mm_per_mv)
    _, mask = upright_view(render_page(synthesize_record(seed=1), paper=paper, dots_per_inch=100), 1200)
    _, _, stats, _ = cv2.connectedComponentsWithStats((mask == CLASSES.index("pulse")).astype(np.uint8))
    px_per_mm = PX_PER_BOX / 5
    assert len(stats) - 1 == 4
    np.testing.assert_allclose(stats[1:, cv2.CC_STAT_WIDTH], 5 * px_per_mm, atol=1)
    np.testing.assert_allclose(stats[1:, cv2.CC_STAT_HEIGHT], gain_mm_per_mv * px_per_mm, atol=1)


def test_separators_are_marked_on_their_bars() -> None:
    gray = style_by_name("gray", np.random.default_rng(0))
    style = attrs.evolve(gray, names=attrs.evolve(gray.names, indent_mm=4.0))
    image, mask = upright_view(render_page(synthesize_record(seed=1), style=style, dots_per_inch=120), 1200)
    count, _, stats, _ = cv2.connectedComponentsWithStats((mask == CLASSES.index("separator")).astype(np.uint8))
    assert count - 1 == 9
    for left, top, width, height, _ in stats[1:]:
        assert image[top : top + height, left : left + width].min() < 120


@pytest.mark.parametrize(
    ("footer", "marked"),
    [
        ("{speed} mm/s", {"25 mm/s"}),
        ("{gain} mm/mV", {"10 mm/mV"}),
        ("{speed}mm/sec, {gain}mm/mV, 40 Hz", {"25 mm/s", "10 mm/mV"}),
        ("0.05-40 Hz", set()),
    ],
)
def test_printed_scales_are_marked(footer: str, marked: set[str]) -> None:
    style = attrs.evolve(style_by_name("red", np.random.default_rng(0)), footer=footer, notes=())
    image, mask = upright_view(render_page(synthesize_record(seed=1), style=style, dots_per_inch=100), 1200)
    scales = {CLASSES[value] for value in np.unique(mask)} & {*SPEEDS, *GAINS}
    assert scales == marked
    for name in scales:
        assert (image.min(axis=2)[mask == CLASSES.index(name)] < 120).mean() > 0.05


def test_of_marks_that_overlap_names_win_over_pulses_and_these_over_separators() -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    pulse, name = page.pulses[0], page.lead_names[0]
    named = attrs.evolve(name, corners_px=_middle_of(pulse))
    bar = Separator(corners_px=pulse.corners_px)
    page = attrs.evolve(page, separators=(bar,), lead_names=(named,), pulses=(pulse,), texts=())
    _, mask = upright_view(page, 1200)
    areas = {name: int((mask == value).sum()) for value, name in enumerate(CLASSES) if (mask == value).any()}
    box_px = 20 * 40
    assert areas["pulse"] + areas["I"] == pytest.approx(box_px, rel=0.1)
    assert areas["I"] == pytest.approx((20 / 3 + 3) * (40 / 3 + 3), rel=0.25)
    assert areas.get("separator", 0) <= 2 * (20 + 40) + 20


def _middle_of(pulse: CalibrationPulse) -> np.ndarray:
    middle = pulse.corners_px.mean(axis=0)
    return middle + (pulse.corners_px - middle) / 3


def test_a_box_keeps_its_area_wherever_it_lies() -> None:
    rng = np.random.default_rng(0)
    box = np.array([(0, 0), (6.4, 0), (6.4, 20), (0, 20)])
    sizes = [len(pixels_within(rng.uniform(8, 12, 2) + box, 40)[0]) for _ in range(200)]
    assert np.mean(sizes) == pytest.approx(6.4 * 20, rel=0.03)
    assert len(pixels_within(box + 100, 40)[0]) == len(pixels_within(box - 100, 40)[0]) == 0


def cropped(page: Page, left: int) -> Page:
    """A page of which so many columns are cut off."""
    return page.warped(
        lambda points: points - (left, 0), image=page.image[:, left:].copy(), labels=page.labels[:, left:].copy()
    )


def test_what_the_picture_does_not_show_has_no_mark() -> None:
    """A pulse that the edge cuts is marked as far as it is there; of a name that is cut nothing is."""
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    pulse, name = page.pulses[0], page.lead_names[0]
    _, half = upright_view(cropped(page, round(pulse.centre_px[0])), 1200)
    _, _, stats, _ = cv2.connectedComponentsWithStats((half == CLASSES.index("pulse")).astype(np.uint8))
    np.testing.assert_allclose(stats[1:, cv2.CC_STAT_WIDTH], 10, atol=1)
    _, without = upright_view(cropped(page, round(name.centre_px[0])), 1200)
    assert not (without == CLASSES.index(name.lead)).any()


def test_a_scale_whose_number_is_cut_off_has_no_mark() -> None:
    style = attrs.evolve(style_by_name("red", np.random.default_rng(0)), footer="{gain} mm/mV", notes=())
    page = render_page(synthesize_record(seed=1), style=style, dots_per_inch=100)
    [text] = page.scale_texts
    _, mask = upright_view(cropped(page, round(text.box_px[0] + 0.2 * (text.box_px[2] - text.box_px[0]))), 1200)
    assert not np.isin(mask, [CLASSES.index(gain) for gain in GAINS]).any()


def test_the_paper_goes_on_beyond_the_lines_of_its_grid() -> None:
    points = np.stack(np.meshgrid(np.arange(6) * 20.0, np.arange(5) * 20.0), axis=-1)
    wider = beyond_the_lines(points, 2)
    assert wider.shape == (9, 10, 2)
    np.testing.assert_allclose(wider[0, 0], (-40, -40), atol=1e-6)
    np.testing.assert_allclose(wider[2:-2, 2:-2], points, atol=1e-6)


def test_errors_of_the_grid_do_not_grow_beyond_its_lines(records: Path) -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    page = attrs.evolve(page, grid_points_px=page.grid_points_px[10:-10, 10:-10])
    mesh = jittered_mesh(page, 0.5, np.random.default_rng(0))
    assert mesh.points_px.shape[0] == page.grid_points_px.shape[0] + 2 * BOXES_BEYOND
    box_px = 100 / 25.4 * 5
    beyond = page.grid_points_px[0, 0] - 6 * box_px
    found = mesh.to_lattice(beyond[None])[0]
    np.testing.assert_allclose(found, BOXES_BEYOND - 6, atol=0.2)


def test_views_differ_in_scale_and_their_marks_with_them(records: Path) -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    mesh, heights = Mesh(page.grid_points_px.astype(float)), []
    config = options(records, size_px=1280, turned_share=0.0, marks_share=0.0, scale_error=0.03, grid_jitter_px=0.0)
    for seed in range(12):
        view = take_view(page, mesh, config, np.random.default_rng(seed))
        _, _, stats, _ = cv2.connectedComponentsWithStats((view.mask == CLASSES.index("pulse")).astype(np.uint8))
        heights.append(stats[1:, cv2.CC_STAT_HEIGHT].max())
    assert 38 <= min(heights) < max(heights) <= 42


def test_some_views_are_at_a_finer_scale_as_small_names_are_looked_at(records: Path) -> None:
    """A pulse is 10 mm tall, which is 40 pixels at the usual scale."""
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    mesh, heights = Mesh(page.grid_points_px.astype(float)), []
    config = options(
        records, size_px=2560, turned_share=0.0, marks_share=0.0, grid_jitter_px=0.0, scale_error=0.0, closer_share=0.5
    )
    for seed in range(12):
        view = take_view(page, mesh, config, np.random.default_rng(seed))
        _, _, stats, _ = cv2.connectedComponentsWithStats((view.mask == CLASSES.index("pulse")).astype(np.uint8))
        heights.append(int(stats[1:, cv2.CC_STAT_HEIGHT].max()))
    assert 39 <= min(heights) <= 41
    assert 41 * 1.4 < max(heights) <= 41 * CLOSER[-1]
    assert 3 <= sum(height > 44 for height in heights) <= 9


@pytest.mark.parametrize("seed", range(3))
def test_a_view_of_a_photo_shows_its_names_where_they_are_marked(records: Path, seed: int) -> None:
    page = registry().load("degradations", "camera")(render_page(synthesize_record(seed=1), dots_per_inch=150), seed)
    config = options(records, size_px=1280, turned_share=0.0, grid_jitter_px=0.0, marks_share=0.0)
    view = take_view(page, Mesh(page.grid_points_px.astype(float)), config, np.random.default_rng(seed))
    level = view.image.min(axis=2).astype(float)
    for value in (CLASSES.index("V4"), CLASSES.index("aVF")):
        marked = view.mask == value
        beside = cv2.dilate(marked.astype(np.uint8), np.ones((9, 9))).astype(bool) & ~marked
        assert np.quantile(level[marked], 0.05) < np.quantile(level[beside], 0.05) - 20


def test_small_views_are_taken_about_marks_and_texts(records: Path) -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    mesh, rng = Mesh(page.grid_points_px.astype(float)), np.random.default_rng(0)
    chosen, anywhere = (
        [
            take_view(page, mesh, options(records, size_px=160, turned_share=0.0, marks_share=share), rng)
            for _ in range(20)
        ]
        for share in (1.0, 0.0)
    )
    assert np.mean([view.mask.any() for view in chosen]) > np.mean([view.mask.any() for view in anywhere]) + 0.2


def test_what_is_turned_has_only_marks_that_look_the_same(records: Path) -> None:
    page = render_page(synthesize_record(seed=1), dots_per_inch=100)
    mesh, config = Mesh(page.grid_points_px.astype(float)), options(records, size_px=1280, turned_share=1.0)
    views = [take_view(page, mesh, config, np.random.default_rng(seed)).mask for seed in range(12)]
    assert {CLASSES[value] for value in np.unique(views)} == {"background", "I", "II", "III", "pulse"}
    assert sum(not view.any() for view in views) >= 3


def test_batches_follow_from_seed_and_number(records: Path) -> None:
    request = StageDataRequest(stage="markers", batch_size=2, workers=0, seed=5)
    first, again = (next(endless_marker_views(options(records), request).batches("train", epoch=1)) for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert first["image"].shape == (2, 3, 192, 192)
    assert first["mask"].shape == (2, 192, 192)


def test_a_perfect_claim_has_an_iou_of_one() -> None:
    net = MarkerNet(PageUNetConfig(), StageModelRequest(stage="markers"))
    mask = torch.randint(len(CLASSES), (2, 32, 32), dtype=torch.uint8)
    net.forward = lambda images: torch.nn.functional.one_hot(mask.long(), len(CLASSES)).permute(0, 3, 1, 2) * 20.0
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


def test_the_number_of_a_printed_scale_is_marked_and_not_its_unit() -> None:
    """What is left of the number when the unit is cut off is marked; of the unit alone nothing is."""
    style = attrs.evolve(style_by_name("red", np.random.default_rng(0)), footer="{gain} mm/mV", notes=())
    page = render_page(synthesize_record(seed=1), style=style, dots_per_inch=100)
    [text] = page.scale_texts
    _, mask = upright_view(page, 1200)
    _, across = np.nonzero(mask == CLASSES.index("10 mm/mV"))
    left, _, right, _ = (np.asarray(text.box_px) - page.grid_points_px[0, 0][0]) / (100 / 25.4) * PX_PER_BOX / 5
    assert across.min() == pytest.approx(left + PX_PER_BOX - 1.5, abs=1.5)
    assert across.max() == pytest.approx(left + PX_PER_BOX + text.number_share * (right - left) + 1.5, abs=1.5)
    assert 0.1 < text.number_share < 0.4


def test_views_are_taken_about_unusual_scales_more_often_than_about_the_usual_one_beside_them(records: Path) -> None:
    style = attrs.evolve(style_by_name("red", np.random.default_rng(0)), notes=())
    style = attrs.evolve(style, footer="{speed} mm/s" + 40 * " " + "{gain} mm/mV")
    paper = PaperSpec(gain_mm_per_mv=20.0)
    page = render_page(synthesize_record(seed=1), style=style, paper=paper, dots_per_inch=100)
    mesh, rng = Mesh(page.grid_points_px.astype(float)), np.random.default_rng(0)
    page = attrs.evolve(page, lead_names=(), pulses=(), texts=(), separators=())
    config = options(records, size_px=96, turned_share=0.0, marks_share=1.0)
    views = [take_view(page, mesh, config, rng).mask for _ in range(100)]
    usual, unusual = (sum((view == CLASSES.index(name)).any() for view in views) for name in ("25 mm/s", "20 mm/mV"))
    assert unusual > 2 * usual > 0
