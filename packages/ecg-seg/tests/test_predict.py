from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.pictures import read_mask, read_picture, write_mask, write_picture
from ecg_core.synthetic import synthesize_record
from ecg_core.training.weights import read_weights
from ecg_render import render_page
from ecg_seg.tasks import evaluate, export, predict


@pytest.fixture(scope="session")
def trained(crop_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a training of two steps."""
    from ecg_core.config import choose
    from ecg_seg.tasks.train import SegTrainConfig, run

    folder = tmp_path_factory.mktemp("trained")
    data = choose("datasets", "seg.crops", {"folders": str(crop_folder)})
    config = SegTrainConfig(steps=2, data=data, batch_size=2, workers=0)
    run(config, RunContext(task="seg.train", out_dir=folder, backend="cpu"))
    return folder


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pages with their masks."""
    folder = tmp_path_factory.mktemp("pages")
    for seed in range(2):
        page = render_page(synthesize_record(seed=seed), dots_per_inch=50)
        write_picture(folder / f"{seed}.png", page.image)
        write_mask(folder / f"{seed}_mask.png", page.class_mask)
    return folder


def predicted(out_dir: Path, *inputs: Path, **options: Any) -> TaskResult:
    config = predict.SegPredictConfig(input=tuple(map(str, inputs)), tile_px=64, overlap_px=16, **options)
    return predict.run(config, RunContext(task="seg.predict", out_dir=out_dir, backend="cpu"))


def test_a_page_becomes_mask_overlay_and_probabilities(trained: Path, pages: Path, tmp_path: Path) -> None:
    result = predicted(tmp_path, pages / "0.png", weights=str(trained), probabilities=True)
    assert (result.summary["pages"], result.failures) == (1, [])
    shape = read_picture(pages / "0.png").shape
    mask = read_mask(tmp_path / "0_classes.png")
    assert mask.shape == shape[:2]
    assert mask.max() < 5
    assert read_picture(tmp_path / "0_overlay.jpg").shape == shape
    with np.load(tmp_path / "0_probabilities.npz") as archive:
        assert archive["probabilities"].shape == (5, *shape[:2])
        assert list(archive["classes"])[4] == "waveform"
        np.testing.assert_allclose(archive["probabilities"].sum(axis=0, dtype=int), 255, atol=3)


def test_a_damaged_picture_is_named_and_stops_nothing(trained: Path, pages: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "cut.png"
    damaged.write_bytes((pages / "0.png").read_bytes()[:100])
    result = predicted(tmp_path / "out", damaged, tmp_path / "none.png", pages / "1.png", weights=str(trained))
    assert [failure.item for failure in result.failures] == [str(damaged), str(tmp_path / "none.png")]
    assert (tmp_path / "out" / "1_classes.png").exists()


def test_a_mask_made_by_hand_is_left_alone(trained: Path, pages: Path, tmp_path: Path) -> None:
    (tmp_path / "0_classes.png").write_text("done by hand")
    (failure,) = predicted(tmp_path, pages / "0.png", weights=str(trained)).failures
    assert "was not written by this run" in failure.reason
    assert (tmp_path / "0_classes.png").read_text() == "done by hand"


def test_an_equal_run_goes_on(trained: Path, pages: Path, tmp_path: Path) -> None:
    predicted(tmp_path, pages / "0.png", weights=str(trained))
    made_ns = (tmp_path / "0_classes.png").stat().st_mtime_ns
    again = predicted(tmp_path, pages / "0.png", pages / "1.png", weights=str(trained))
    assert (again.summary["pages"], again.summary["already there"]) == (2, 1)
    assert (tmp_path / "0_classes.png").stat().st_mtime_ns == made_ns


def test_no_input_and_no_picture_are_explained(pages: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="input: name at least one picture"):
        predicted(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no picture in this folder"):
        predicted(tmp_path, tmp_path / "empty")


def test_an_exported_file_gives_the_same(trained: Path, pages: Path, tmp_path: Path) -> None:
    context = RunContext(task="seg.export", out_dir=tmp_path)
    summary = export.run(export.SegExportConfig(run=str(trained), name="mine"), context).summary
    predicted(tmp_path / "run", pages / "0.png", weights=str(trained))
    predicted(tmp_path / "file", pages / "0.png", weights=summary["weights"])
    masks = [(tmp_path / folder / "0_classes.png").read_bytes() for folder in ("run", "file")]
    assert masks[0] == masks[1]


def test_an_exported_file_lies_within_the_run_folder(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="results are written within the run folder"):
        export.run(
            export.SegExportConfig(run=str(trained), name="../mine"),
            RunContext(task="seg.export", out_dir=tmp_path / "out"),
        )
    assert not (tmp_path / "mine.safetensors").exists()


def test_an_exported_file_tells_nothing_of_the_data(trained: Path, crop_folder: Path, tmp_path: Path) -> None:
    export.run(export.SegExportConfig(run=str(trained)), RunContext(task="seg.export", out_dir=tmp_path))
    assert str(crop_folder).encode() not in (tmp_path / "segmenter.safetensors").read_bytes()
    assert set(read_weights(tmp_path / "segmenter.safetensors").config) == {"model", "classes"}


def test_evaluation_of_rendered_pages_and_of_folders(trained: Path, records: Path, pages: Path, tmp_path: Path) -> None:
    config = evaluate.SegEvaluateConfig(
        weights=str(trained),
        records=(str(records),),
        degradations=("none", "phone"),
        num_pages=1,
        pages=evaluate.PageRecipe(least_dots_per_inch=50, most_dots_per_inch=50),
        folders=(str(pages),),
    )
    result = evaluate.run(config, RunContext(task="seg.evaluate", out_dir=tmp_path, backend="cpu"))
    assert set(result.summary) == {"none", "phone", str(pages), "figures"}
    assert 0 <= result.summary["none"]["mean IoU"] <= 1
    table = (tmp_path / "evaluation.txt").read_text()
    assert "IoU waveform" in table.splitlines()[0]


def test_a_perfect_segmenter_is_called_perfect(pages: Path) -> None:
    from ecg_seg.evaluation import Tally
    from ecg_seg.pages import PicturesWithMasks

    found = PicturesWithMasks.within(pages)
    truth = iter([page.mask for page in found])

    class Oracle:
        def segment(self, image: np.ndarray, *, long_side_px: int) -> Any:
            return type("Seen", (), {"mask": next(truth)})

    tally = Tally.empty(5)
    for page in found:
        tally.add(Oracle(), page, long_side_px=0)  # type: ignore[arg-type]
    figures = tally.figures(("background", "horizontal", "vertical", "intersection", "waveform"))
    assert (figures["mean_iou"], figures["pages"]) == (1.0, 2)
    assert np.trace(np.array(figures["confusion"])) == np.sum(figures["confusion"])


def test_a_mask_of_another_size_is_a_failure_of_its_page(trained: Path, pages: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, rows in (("a", slice(None)), ("b", slice(10, None))):
        write_picture(tmp_path / "in" / f"{name}.png", read_picture(pages / "0.png"))
        write_mask(tmp_path / "in" / f"{name}_mask.png", read_mask(pages / "0_mask.png")[rows])
    config = evaluate.SegEvaluateConfig(weights=str(trained), folders=(str(tmp_path / "in"),))
    result = evaluate.run(config, RunContext(task="seg.evaluate", out_dir=tmp_path, backend="cpu"))
    assert len(result.failures) == 1
    assert "b_mask.png: the mask is" in result.failures[0].reason
