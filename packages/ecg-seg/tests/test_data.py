from __future__ import annotations

import logging
import shutil
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ecg_core.errors import ConfigError, DataError
from ecg_core.training.endless import EndlessBatches
from ecg_render import CropRecipe, EndlessCrops, PageRecipe
from ecg_render.endless_crops import Crop
from ecg_seg.classes import class_set
from ecg_seg.data.endless import endless_crops
from ecg_seg.data.folder import CropFoldersData
from ecg_seg.options import CropFoldersConfig, EndlessConfig, SegDataRequest

CROP = Crop(np.zeros((48, 64, 3), np.uint8), np.zeros((48, 64), np.uint8))


def request(kind: str = "classes", *, workers: int = 0, seed: int = 1) -> SegDataRequest:
    return SegDataRequest(classes=class_set(kind), batch_size=4, workers=workers, seed=seed)


def endless(records: Path, *, workers: int = 0, kind: str = "classes", seed: int = 1, **options: Any) -> EndlessBatches:
    own = EndlessConfig(
        records=(str(records),),
        pages=PageRecipe(degradations=("none", "grid"), least_dots_per_inch=60, most_dots_per_inch=65),
        crops=CropRecipe(width_px=64, height_px=48, samples_per_page=2, negatives_per_page=1),
        steps_per_epoch=4,
        validation_batches=2,
        **options,
    )
    return endless_crops(own, request(kind, workers=workers, seed=seed))


def folders(*paths: Path, workers: int = 0, kind: str = "classes", **options: Any) -> CropFoldersData:
    own = CropFoldersConfig(folders=tuple(map(str, paths)), **{"validation_share": 0.25, **options})
    return CropFoldersData(own, request(kind, workers=workers))


def same(one: Any, other: Any) -> bool:
    return torch.equal(one["image"], other["image"]) and torch.equal(one["mask"], other["mask"])


class TestEndless:
    def test_batches_are_bytes_of_one_shape(self, records: Path) -> None:
        batches = list(endless(records).batches("train", epoch=0))
        assert len(batches) == 4
        for batch in batches:
            assert batch["image"].shape == (4, 3, 48, 64)
            assert batch["mask"].shape == (4, 48, 64)
            assert batch["image"].dtype == batch["mask"].dtype == torch.uint8
            assert int(batch["mask"].max()) <= 4

    def test_a_resumed_epoch_gives_the_same_batches(self, records: Path) -> None:
        whole = list(endless(records).batches("train", epoch=1))
        resumed = list(endless(records).batches("train", epoch=1, start_step=2))
        assert all(same(*pair) for pair in zip(whole[2:], resumed, strict=True))

    def test_epochs_and_splits_differ_and_validation_stays(self, records: Path) -> None:
        data = endless(records)
        first, second = (next(data.batches("train", epoch=epoch)) for epoch in (0, 1))
        held, again = (list(data.batches("validation", epoch=epoch)) for epoch in (0, 5))
        assert not same(first, second)
        assert not same(first, held[0])
        assert len(held) == 2
        assert all(same(*pair) for pair in zip(held, again, strict=True))

    def test_workers_change_nothing(self, records: Path) -> None:
        here, there = (list(islice(endless(records, workers=w).batches("train", epoch=0), 2)) for w in (0, 1))
        assert all(same(*pair) for pair in zip(here, there, strict=True))

    def test_the_shares_of_processes_are_the_whole(self, records: Path) -> None:
        data = endless(records)
        for split in ("train", "validation"):
            shares = [list(data.share(rank, 2).batches(split, epoch=1)) for rank in (0, 1)]
            for whole, *parts in zip(data.batches(split, epoch=1), *shares, strict=True):
                assert same(whole, {name: torch.cat([part[name] for part in parts]) for name in whole})

    def test_a_share_draws_only_its_own_pages(self, records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn: list[int] = []
        monkeypatch.setattr(EndlessCrops, "of_page", lambda self, page: drawn.append(page) or [CROP] * 3)
        list(endless(records).share(1, 4).batches("train", epoch=0))  # one crop of four; a page gives three
        assert drawn == [0, 2, 4, 6]

    def test_a_batch_that_cannot_be_shared_is_explained(self, records: Path) -> None:
        with pytest.raises(ConfigError, match="4 examples cannot be shared equally by 3 processes"):
            next(endless(records).share(0, 3).batches("train", epoch=0))

    def test_a_page_without_a_place_for_a_crop_is_replaced(
        self, records: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(EndlessCrops, "of_page", lambda self, page: [] if page < 4 else [CROP])
        assert len(next(endless(records).batches("train", epoch=0))["image"]) == 4
        monkeypatch.setattr(EndlessCrops, "of_page", lambda self, page: [])
        with pytest.raises(DataError, match="gave no example"):
            next(endless(records).batches("train", epoch=0))

    def test_no_record_is_in_both_splits(self, records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        read: list[str] = []
        monkeypatch.setattr(
            EndlessCrops, "of_page", lambda self, page: read.extend(self.pages.records.locations) or [CROP]
        )
        data = endless(records, validation_share=0.5)
        splits = []
        for split in ("train", "validation"):
            read.clear()
            next(data.batches(split, epoch=0))
            splits.append(set(read))
        assert [len(split) for split in splits] == [2, 2]
        assert not splits[0] & splits[1]

    def test_without_records_it_says_what_to_name(self, records: Path, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"data\.records"):
            endless_crops(EndlessConfig(), request())
        with pytest.raises(DataError, match="no record"):
            endless(tmp_path)


class TestFolders:
    def test_all_crops_of_a_page_are_in_one_split(self, crop_folder: Path) -> None:
        data = folders(crop_folder)
        train, held = ({crop.page for crop in crops} for crops in (data._train, data._validation))
        assert (len(train), len(held)) == (3, 1)
        assert not train & held
        assert data.steps_per_epoch == 12 // 4

    def test_an_epoch_shows_every_crop_once(self, crop_folder: Path) -> None:
        batches = list(folders(crop_folder, flip=False).batches("train", epoch=0))
        seen = {image.numpy().tobytes() for batch in batches for image in batch["image"]}
        assert len(seen) == 12

    def test_resume_and_workers_change_nothing(self, crop_folder: Path) -> None:
        whole = list(folders(crop_folder).batches("train", epoch=3))
        resumed = list(folders(crop_folder, workers=1).batches("train", epoch=3, start_step=1))
        assert all(same(*pair) for pair in zip(whole[1:], resumed, strict=True))

    def test_the_shares_of_processes_are_the_whole(self, crop_folder: Path) -> None:
        data = folders(crop_folder)
        shares = [list(data.share(rank, 4).batches("train", epoch=2)) for rank in range(4)]
        for whole, *parts in zip(data.batches("train", epoch=2), *shares, strict=True):
            assert same(whole, {name: torch.cat([part[name] for part in parts]) for name in whole})

    def test_flips_move_picture_and_mask_together(self, crop_folder: Path) -> None:
        plain = folders(crop_folder, flip=False)._train
        pairs = {mask.tobytes(): image.tobytes() for image, mask in (crop.read() for crop in plain)}
        for batch in folders(crop_folder).batches("train", epoch=0):
            for image, mask in zip(batch["image"].permute(0, 2, 3, 1), batch["mask"], strict=True):
                turned = [(image.flip(axes), mask.flip(axes)) for axes in ((), (0,), (1,), (0, 1))]
                assert any(pairs.get(m.numpy().tobytes()) == i.contiguous().numpy().tobytes() for i, m in turned)

    @pytest.mark.parametrize("workers", [0, 1])
    def test_a_damaged_crop_is_named_once_counted_and_replaced(
        self, crop_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, workers: int
    ) -> None:
        copy = tmp_path / "crops"
        shutil.copytree(crop_folder, copy)
        (copy / "images" / "0_0.png").write_bytes(b"no picture")
        data = folders(copy, validation_share=0.0, workers=workers)
        with caplog.at_level(logging.WARNING):
            batches = [batch for epoch in (0, 1) for batch in data.batches("train", epoch=epoch)]
        assert len(batches) == 8
        assert data.summary() == {"damaged crops": 1}
        assert caplog.text.count("0_0.png") == 1

    def test_masks_with_other_classes_are_not_trained_on(self, crop_folder: Path) -> None:
        with pytest.raises(DataError, match="in a row are damaged"):
            list(folders(crop_folder, kind="grid").batches("train", epoch=0))

    def test_without_crops_it_says_what_is_wanted(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"data\.folders"):
            CropFoldersData(CropFoldersConfig(), request())
        with pytest.raises(DataError, match=r"render\.crops"):
            folders(tmp_path)
