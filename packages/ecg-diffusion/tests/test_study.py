"""What an evaluation reads, and what it refuses."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecg_core.errors import DataError
from ecg_diffusion.evaluation.batches import PictureBatches, plain_batches
from ecg_diffusion.evaluation.pictures import Pictures
from ecg_diffusion.evaluation.study import read_study
from ecg_diffusion.evaluation.training_sets import TrainingSet, TrainingSets

LABELS = ("ID_1", "ID_2")


def write_set(folder: Path, seed: int, *, count: int = 6, labels: tuple[str, ...] = LABELS) -> Path:
    rng = np.random.default_rng(seed)
    for label in labels:
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Image.fromarray(rng.integers(0, 255, (256, 256, 3), np.uint8)).save(folder / label / f"{number}.png")
    return folder


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_set(tmp_path / "images", 0)


@pytest.fixture
def split(tmp_path: Path) -> Path:
    names = {part: {label: [f"{n}.png" for n in numbers] for label in LABELS} for part, numbers in PARTS.items()}
    path = tmp_path / "split.json"
    path.write_text(json.dumps({"seed": 0, **names}))
    return path


PARTS = {"train": range(4), "test": range(4, 6)}


def test_checkpoints_and_classes_are_found(images: Path, split: Path, tmp_path: Path) -> None:
    for name in ("step-0000100", "step-0000200"):
        write_set(tmp_path / "samples" / name, seed=len(name), count=3)
    study = read_study(images, split, tmp_path / "samples", 32)
    assert list(study.samples) == ["step-0000100", "step-0000200"]
    assert study.labels == list(LABELS)
    assert (len(study.train), len(study.test), len(study.samples["step-0000100"])) == (8, 4, 6)
    assert study.train.pixels.shape == (8, 32, 32, 3)
    assert study.test.targets.tolist() == [0, 0, 1, 1]


def test_class_folders_are_one_checkpoint_and_other_pictures_beside_them_do_not_matter(
    images: Path, split: Path, tmp_path: Path
) -> None:
    write_set(tmp_path / "made", 1)
    Image.new("RGB", (9, 9)).save(tmp_path / "made/grid.png")
    assert list(read_study(images, split, tmp_path / "made", 32).samples) == ["made"]


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        (("ID_1", "ID_3"), r"no folder with pictures of ID_2; the folders ID_3 are of no class of the split"),
        (("ID_1",), r"no folder with pictures of ID_2\. The classes are ID_1, ID_2"),
        (("ID_1", "ID_2", "walker"), r"the folders walker are of no class"),
        (("a", "b"), r"no folder with pictures of ID_1, ID_2; the folders a, b"),
    ],
)
def test_classes_that_are_not_those_of_the_split_are_told(
    labels: tuple[str, ...], complaint: str, images: Path, split: Path, tmp_path: Path
) -> None:
    for folder in ("step-1", "."):
        write_set(tmp_path / "samples" / folder, 1, labels=labels)
        with pytest.raises(DataError, match=complaint):
            read_study(images, split, tmp_path / "samples" / folder, 32)


def test_a_sample_that_is_a_test_picture_is_refused_in_whatever_format(
    images: Path, split: Path, tmp_path: Path
) -> None:
    write_set(tmp_path / "samples", 1)
    with Image.open(images / "ID_2/5.png") as shown:
        shown.save(tmp_path / "samples/ID_1/0.bmp")
    with pytest.raises(DataError, match=r"1 samples of samples are copies .*ID_1/0.bmp of ID_2/5\.png"):
        read_study(images, split, tmp_path / "samples", 32)


def test_a_training_picture_that_is_a_test_picture_is_refused(images: Path, split: Path) -> None:
    with Image.open(images / "ID_2/5.png") as shown:
        shown.save(images / "ID_2/0.png", compress_level=1)
    with pytest.raises(DataError, match="copies of pictures"):
        read_study(images, split, None, 32)


def test_a_split_with_a_picture_in_both_parts_is_refused(images: Path, split: Path) -> None:
    content = json.loads(split.read_text())
    content["test"]["ID_1"].append("0.png")
    split.write_text(json.dumps(content))
    with pytest.raises(DataError, match="in both parts"):
        read_study(images, split, None, 32)


def test_a_class_in_one_part_only_is_refused(images: Path, split: Path) -> None:
    content = json.loads(split.read_text())
    del content["test"]["ID_2"]
    split.write_text(json.dumps(content))
    with pytest.raises(DataError, match="ID_2 in one part only"):
        read_study(images, split, None, 32)


def test_damaged_pictures_are_named_and_left_out(images: Path, split: Path, tmp_path: Path) -> None:
    write_set(tmp_path / "samples", 1)
    (images / "ID_1/1.png").write_bytes(b"\x89PNG")
    (tmp_path / "samples/ID_2/3.png").write_bytes(b"")
    study = read_study(images, split, tmp_path / "samples", 32)
    assert [Path(failure.item).name for failure in study.failures] == ["1.png", "3.png"]
    assert (len(study.train), len(study.samples["samples"])) == (7, 11)
    for path in (tmp_path / "samples/ID_2").iterdir():
        path.write_bytes(b"")
    with pytest.raises(DataError, match="ID_2: none of 6 pictures could be read"):
        read_study(images, split, tmp_path / "samples", 32)


def test_training_sets_of_one_seed_share_their_real_pictures_and_fewer_are_among_more(
    images: Path, split: Path, tmp_path: Path
) -> None:
    write_set(tmp_path / "samples", 1, count=3)
    study = read_study(images, split, tmp_path / "samples", 32)
    sets = TrainingSets.of(study, share=0.5)
    few, many = (set(sets.real(count).draw(study, seed=1).digests) for count in (2, 4))
    both = sets.added("samples", 2)
    assert both == TrainingSet(2, "samples", 1)
    assert few < many
    assert few < set(both.draw(study, seed=1).digests)
    assert many == set(study.train.digests)
    assert Counter(both.draw(study, seed=1).targets.tolist()) == {0: 3, 1: 3}
    assert set(sets.synthetic("samples").draw(study, seed=1).digests) <= set(study.samples["samples"].digests)
    assert any(set(sets.real(2).draw(study, seed=seed).digests) != few for seed in range(2, 6))
    assert sets.counts((9, 4, 2, 2)) == [2, 4]


def test_samples_that_are_fewer_than_asked_for_are_all_taken_and_told(
    images: Path, split: Path, tmp_path: Path
) -> None:
    write_set(tmp_path / "samples", 1, count=3)
    sets = TrainingSets.of(read_study(images, split, tmp_path / "samples", 32), share=2.0)
    assert sets.too_few() == {"samples": 3}
    assert sets.added("samples") == TrainingSet(4, "samples", 3)


def ramp(count: int) -> Pictures:
    """Pictures whose first pixel is their number, and whose columns rise."""
    pixels = np.tile(np.arange(32, dtype=np.uint8)[None, None, :, None], (count, 32, 1, 3))
    pixels[:, 0, :, 0] = np.arange(count)[:, None]
    return Pictures(
        paths=[Path(f"{n}.png") for n in range(count)],
        targets=np.arange(count) % 2,
        pixels=pixels,
        digests=[str(n) for n in range(count)],
    )


def test_every_picture_comes_once_a_pass_and_a_later_start_gives_the_same_batches() -> None:
    data = PictureBatches(ramp(10), ramp(3), batch_size=4, shift=0.1, seed=3)
    first, again = data.batches("train", epoch=0), data.batches("train", epoch=0, start_step=3)
    batches = [next(first) for _ in range(5)]
    seen = [int(value) for batch in batches for value in batch["pixels"][:, 0, 0, 0]]
    assert sorted(seen[:10]) == sorted(seen[10:20]) == list(range(10))
    assert seen[:10] != seen[10:20]
    for batch in batches[3:]:
        other = next(again)
        assert all((batch[name] == other[name]).all() for name in batch)


def test_pictures_are_moved_in_time_alone_and_by_no_more_than_asked() -> None:
    data = PictureBatches(ramp(8), ramp(3), batch_size=8, shift=0.125, seed=0)
    moved = next(data.batches("train", epoch=0))["pixels"][:, 1, 5:-5, 16].numpy().astype(int) - 16
    assert (moved == moved[:, :1]).all()
    assert 0 < np.abs(moved).max() <= 4


def test_what_fills_a_batch_does_not_count() -> None:
    batches = list(plain_batches(ramp(5), 4))
    assert [batch["counts"].tolist() for batch in batches] == [[1, 1, 1, 1], [1, 0, 0, 0]]
    assert {tuple(batch["pixels"].shape) for batch in batches} == {(4, 3, 32, 32)}
