from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ecg_core.errors import DataError
from ecg_diffusion.images.folders import find_classes, read_image, read_images
from ecg_diffusion.images.split import Split


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three classes of six pictures, each another one."""
    rng = np.random.default_rng(0)
    for label in ("ID_1", "ID_2", "ID_10"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for number in range(6):
            picture = Image.fromarray(rng.integers(0, 255, (40, 30, 3), np.uint8))
            picture.save(tmp_path / f"set/{label}/{number}.png")
    return tmp_path / "set"


def test_classes_come_in_the_order_of_their_numbers(folder: Path) -> None:
    (folder / ".cache").mkdir()
    (folder / "ID_1/notes.txt").touch()
    found = find_classes(folder)
    assert list(found) == ["ID_1", "ID_2", "ID_10"]
    assert [path.name for path in found["ID_1"]] == [f"{number}.png" for number in range(6)]


def test_a_folder_without_classes_says_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such folder"):
        find_classes(tmp_path / "none")
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"pictures lie in the folder itself.*a folder for each class"):
        find_classes(tmp_path)


def test_any_picture_becomes_rgb_of_one_size_and_damaged_ones_are_named(folder: Path) -> None:
    Image.new("L", (256, 256), 7).save(folder / "ID_1/gray.tif")
    (folder / "ID_1/cut.png").write_bytes((folder / "ID_1/0.png").read_bytes()[:80])
    found, damaged = read_images(find_classes(folder)["ID_1"])
    assert len(found) == 7
    assert {image.shape for image in found.values()} == {(256, 256, 3)}
    assert (read_image(folder / "ID_1/gray.tif") == 7).all()
    assert [path.name for path in damaged] == ["cut.png"]
    assert "cut.png" in str(damaged[folder / "ID_1/cut.png"])


@given(per_class=st.integers(1, 5), seed=st.integers(0, 2**32))
def test_every_picture_is_in_one_part_and_a_class_has_so_many_to_train_on(per_class: int, seed: int) -> None:
    classes = {label: [Path(f"{label}{number}.png") for number in range(6)] for label in "abc"}
    split = Split.draw(classes, per_class=per_class, seed=seed)
    assert split == Split.draw(classes, per_class=per_class, seed=seed)
    for label, files in classes.items():
        assert len(split.train[label]) == per_class
        assert sorted([*split.train[label], *split.test[label]]) == [path.name for path in files]


def test_a_class_that_would_leave_nothing_to_test_on_is_named(folder: Path) -> None:
    (folder / "ID_2/0.png").unlink()
    with pytest.raises(DataError, match=r"leave none to test on: ID_2 has 5;"):
        Split.draw(find_classes(folder), per_class=5, seed=0)


def test_a_split_comes_back_as_it_was_written(folder: Path, tmp_path: Path) -> None:
    split = Split.draw(find_classes(folder), per_class=4, seed=3)
    split.write(tmp_path / "split.json")
    assert Split.read(tmp_path / "split.json") == split
    split.require_no_copies(folder)


@pytest.mark.parametrize("content", ["", "[]", '{"seed": 1}', '{"seed": 1, "train": [], "test": {}}'])
def test_what_is_no_split_is_refused_by_name(content: str, tmp_path: Path) -> None:
    (tmp_path / "split.json").write_text(content)
    with pytest.raises(DataError, match=r"split.json: no split of pictures, or damaged"):
        Split.read(tmp_path / "split.json")


def test_a_picture_in_both_parts_is_refused(tmp_path: Path) -> None:
    content = {"seed": 0, "train": {"a": ["x.png", "y.png"]}, "test": {"a": ["y.png"]}}
    (tmp_path / "split.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"in both parts, so that the test would know them: a/y\.png"):
        Split.read(tmp_path / "split.json")


def test_a_copy_under_another_name_or_class_is_refused(folder: Path) -> None:
    split = Split.draw(find_classes(folder), per_class=3, seed=0)
    learned, tested = split.train["ID_1"][0], split.test["ID_10"][0]
    (folder / "ID_10" / tested).write_bytes((folder / "ID_1" / learned).read_bytes())
    with pytest.raises(DataError, match=rf"ID_10/{tested} of ID_1/{learned}; remove the copies"):
        split.require_no_copies(folder)
