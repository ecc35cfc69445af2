from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import attrs
import cv2
import numpy as np
import pytest

from ecg_core.config import load_config
from ecg_core.config.choice import default_choice
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError, PluginNotFound
from ecg_core.formats import write_record
from ecg_core.launch import find_task
from ecg_core.synthetic import synthesize_record
from ecg_render.tasks import pages, prepare_all
from ecg_render.tasks.crops import RenderCropsConfig, run

SIZE = {"width_px": 160, "height_px": 128, "samples_per_image": 3, "negatives_per_image": 1}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two pages and their masks, one of them in a folder below."""
    folder = tmp_path_factory.mktemp("printed")
    write_record(synthesize_record(seed=1), folder / "in" / "a.npz")
    write_record(synthesize_record(seed=2), folder / "in" / "ward" / "b.npz")
    config = pages.RenderPagesConfig(inputs=(str(folder / "in"),), dots_per_inch=100.0)
    pages.run(config, context(folder / "out"))
    return folder / "out"


def context(out_dir: Path, seed: int = 0, **values: Any) -> RunContext:
    out_dir.mkdir(parents=True, exist_ok=True)
    return RunContext(task="render.crops", out_dir=out_dir, seed=seed, **values)


def cut(
    out_dir: Path,
    *inputs: Path,
    seed: int = 0,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    **options: Any,
) -> TaskResult:
    executor = default_choice("executors", "processes", {"workers": workers})
    config = RenderCropsConfig(**{"inputs": tuple(map(str, inputs)), "executor": executor, **SIZE, **options})
    return run(config, context(out_dir, seed, resume=resume, overwrite=overwrite))


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


def mask(path: Path) -> np.ndarray:
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found is not None
    return found


def test_every_page_gives_crops_with_their_masks(printed: Path, tmp_path: Path) -> None:
    result = cut(tmp_path / "out", printed)
    expected = {f"{kind}/{page}_{k}.png" for kind in ("images", "masks") for page in ("a", "ward/b") for k in range(4)}
    assert set(files_in(tmp_path / "out")) == expected
    assert result.summary == {"pages": 2, "crops": 8}
    assert not result.failures


def test_a_crop_is_a_window_of_its_page(printed: Path, tmp_path: Path) -> None:
    cut(tmp_path / "out", printed)
    lines = [json.loads(line) for line in (tmp_path / "out" / "metadata.jsonl").read_text().splitlines()]
    page, classes = cv2.imread(str(printed / "a.png")), mask(printed / "a_mask.png")
    assert page is not None
    for number, crop in enumerate(lines[0]["crops"]):
        window = np.s_[crop["top"] : crop["top"] + 128, crop["left"] : crop["left"] + 160]
        np.testing.assert_array_equal(cv2.imread(str(tmp_path / f"out/images/a_{number}.png")), page[window])
        np.testing.assert_array_equal(mask(tmp_path / f"out/masks/a_{number}.png"), classes[window])
        assert crop["has_wave"] == (number < 3)


@pytest.mark.parametrize(("kind", "values"), [("grid", {0, 1}), ("wave", {0, 1}), ("grid-wave", {0, 1, 2})])
def test_kinds_of_masks(printed: Path, tmp_path: Path, kind: str, values: set[int]) -> None:
    cut(tmp_path / "out", printed, kind=kind)
    found = {int(value) for path in (tmp_path / "out" / "masks").rglob("*.png") for value in np.unique(mask(path))}
    assert found == values


def test_a_degradation_changes_picture_and_mask_together(printed: Path, tmp_path: Path) -> None:
    cut(tmp_path / "plain", printed)
    cut(tmp_path / "turned", printed, degradation="affine")
    plain, turned = files_in(tmp_path / "plain"), files_in(tmp_path / "turned")
    assert plain.keys() == turned.keys()
    assert all(plain[name] != turned[name] for name in plain)


@pytest.mark.slow
def test_bytes_do_not_depend_on_workers(printed: Path, tmp_path: Path) -> None:
    for name, workers in (("one", 1), ("two", 2)):
        cut(tmp_path / name, printed, workers=workers, degradation="grid", seed=5)
    assert files_in(tmp_path / "one") == files_in(tmp_path / "two")
    assert (tmp_path / "one/metadata.jsonl").read_bytes() == (tmp_path / "two/metadata.jsonl").read_bytes()


def test_started_again_it_cuts_what_is_missing(printed: Path, tmp_path: Path) -> None:
    cut(tmp_path / "out", printed)
    (tmp_path / "out/masks/a_2.png").unlink()
    assert cut(tmp_path / "out", printed, resume=True).summary["already there"] == 1
    assert (tmp_path / "out/masks/a_2.png").exists()
    with pytest.raises(ConfigError, match=r"kind classes → wave.*overwrite"):
        cut(tmp_path / "out", printed, kind="wave")
    assert cut(tmp_path / "out", printed, kind="wave", overwrite=True).summary["pages"] == 2


def test_masks_in_a_folder_of_their_own(printed: Path, tmp_path: Path) -> None:
    for file in ("a.png", "a_mask.png"):
        target = tmp_path / ("masks" if "mask" in file else "images") / "a.png"
        target.parent.mkdir()
        shutil.copy(printed / file, target)
    cut(tmp_path / "out", tmp_path / "images", masks=str(tmp_path / "masks"), mask_suffix="")
    assert "images/a_0.png" in files_in(tmp_path / "out")


def test_bad_pages_are_named_and_the_others_cut(printed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    shutil.copytree(printed, folder)
    for name in ("damaged", "odd", "small", "values"):
        shutil.copy(folder / "a_mask.png", folder / f"{name}_mask.png")
        shutil.copy(folder / "a.png", folder / f"{name}.png")
    (folder / "damaged.png").write_bytes(b"\x89PNG no more")
    cv2.imwrite(str(folder / "odd.png"), np.zeros((300, 300, 3), np.uint8))
    cv2.imwrite(str(folder / "small.png"), np.zeros((90, 90, 3), np.uint8))
    cv2.imwrite(str(folder / "small_mask.png"), np.zeros((90, 90), np.uint8))
    cv2.imwrite(str(folder / "values_mask.png"), np.full(mask(folder / "a_mask.png").shape, 9, np.uint8))
    reasons = {Path(failure.item).stem: failure.reason for failure in cut(tmp_path / "out", folder).failures}
    assert "damaged" in reasons["damaged"]
    assert "300 x 300" in reasons["odd"]
    assert "less than a crop" in reasons["small"]
    assert "value 9" in reasons["values"]
    assert "images/a_0.png" in files_in(tmp_path / "out")


def test_nothing_to_cut_says_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="inputs"):
        cut(tmp_path / "out")
    with pytest.raises(DataError, match="no such folder"):
        cut(tmp_path / "out", tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no page with a mask"):
        cut(tmp_path / "out", tmp_path / "empty")
    with pytest.raises(PluginNotFound, match="nonsense"):
        cut(tmp_path / "out", tmp_path / "empty", degradation="nonsense")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("grid", "grid"), ("grid-moire-blur-required", "grid"), ("wave-only", "wave"), ("grid-wave-mix", "grid-wave")],
)
def test_named_configurations(name: str, kind: str) -> None:
    config = load_config(RenderCropsConfig, file=find_task("render.crops").config_path(name), overrides=())
    assert (config.kind, config.degradation) == (kind, name)
    assert (config.wave_min_coverage, config.wave_coverage_kernel) == (0.05, 45)
    assert (config.min_horizontal_density > 0) == (kind == "grid")


def test_prepare_all_makes_the_four_data_sets_from_records(tmp_path: Path) -> None:
    for seed in range(2):
        write_record(synthesize_record(seed=seed), tmp_path / "in" / f"{seed}.npz")
    (tmp_path / "in" / "bad.npz").write_bytes(b"no record")
    config = prepare_all.PrepareAllConfig(
        inputs=(str(tmp_path / "in"),), dots_per_inch=80.0, crop_px=128, samples_per_image=2, negatives_per_image=1
    )
    result = prepare_all.run(config, context(tmp_path / "out"))
    assert [Path(failure.item).name for failure in result.failures] == ["bad.npz"]
    assert result.summary["pages"] == {"pages": 2}
    for name, values in (("grid", 2), ("grid-moire-blur-required", 2), ("wave-only", 2), ("grid-wave-mix", 3)):
        masks = [mask(path) for path in sorted((tmp_path / "out" / name / "masks").rglob("*.png"))]
        assert 2 <= len(masks) <= 6
        assert len({int(value) for each in masks for value in np.unique(each)}) == values
    again = prepare_all.run(config, context(tmp_path / "out", resume=True))
    assert again.summary["grid"]["already there"] == 2
    assert again.summary["pages"] == {"pages": 2, "already there": 2}


def test_prepare_all_reads_remote_roots(tmp_path: Path) -> None:
    import fsspec

    write_record(synthesize_record(seed=3), tmp_path / "a.npz")
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/records/a.npz", (tmp_path / "a.npz").read_bytes())
    config = prepare_all.PrepareAllConfig(
        inputs=("memory://bucket/records",), data_sets=("wave-only",), dots_per_inch=80.0, crop_px=128
    )
    result = prepare_all.run(attrs.evolve(config, samples_per_image=1), context(tmp_path / "out"))
    assert not result.failures
    assert result.summary["wave-only"]["pages"] == 1
