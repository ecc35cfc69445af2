from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from ecg_core.errors import ConfigError, DataError
from ecg_diffusion.data.endless import EndlessExamples
from ecg_diffusion.data.pictures import held_out, training_part
from ecg_diffusion.latents.cache import LatentCache
from ecg_diffusion.latents.data import LatentData, LatentRequest
from ecg_diffusion.latents.report import LatentReport, Range
from ecg_diffusion.latents.sources import LatentDataConfig

CLASSES = ("a", "b", "c")
LABELS = ["a"] * 10 + ["b"] * 10 + ["c"] * 10


@pytest.fixture(scope="module")
def data_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., LatentData]:
    """A data set of thirty latents whose every value is their number, by its request."""
    folder, all_values = tmp_path_factory.mktemp("latents"), Range(min=0, max=29, mean=14.5, std=8.7)
    mean = np.tile(np.arange(30, dtype=np.float32)[:, None, None, None], (1, 1, 2, 2))
    LatentCache(
        mean=mean,
        std=np.zeros_like(mean),
        labels=np.arange(30) // 10,
        classes=CLASSES,
        names=[str(number) for number in range(30)],
        vae={},
    ).write(folder / "latents.safetensors")
    LatentReport(
        images="", vae={}, pictures=30, shape=(1, 2, 2), overall=all_values, channels=(all_values,), l1=0, mse=0
    ).write(folder / "latents.json")
    config = LatentDataConfig(latents=folder, check=folder, validation_share=0.2)

    def make(**options: object) -> LatentData:
        common = {"cond_drop_prob": 0.2, "validation_repeats": 3, "batch_size": 8}
        return LatentData(config, LatentRequest(timesteps=1000, seed=0, workers=0, **common | options))

    return make


def taken(data: EndlessExamples, count: int, start: int = 0) -> list[dict[str, torch.Tensor]]:
    return list(islice(data.batches("train", epoch=0, start_step=start), count))


def numbers(batches: list[dict[str, torch.Tensor]]) -> list[int]:
    return [int(value) for batch in batches for value in batch["mean"][:, 0, 0, 0]]


def test_the_same_share_of_every_class_is_kept_back_whatever_the_others_have():
    kept = held_out(["a"] * 10 + ["b"] * 20, 0.1, seed=3)
    assert (kept[:10].sum(), kept[10:].sum()) == (1, 2)
    np.testing.assert_array_equal(held_out(["a"] * 10, 0.1, seed=3), kept[:10])
    assert not held_out(["a"] * 10, 0.0, seed=3).any()
    with pytest.raises(DataError, match="lower validation_share"):
        held_out(["a"], 0.1, seed=0)


def test_only_the_training_part_is_looked_at(study):
    found = {f"{each.label}/{each.name}" for each in training_part(study.images, study.split)}
    assert len(found) == 8
    with pytest.raises(ConfigError, match="split: name"):
        training_part(study.images, None)
    with pytest.raises(DataError, match="that are not in"):
        training_part(Path("/nowhere"), study.split)


def test_a_pass_has_every_example_once_and_none_that_is_kept_back(data_of):
    kept_back = set(np.flatnonzero(held_out(LABELS, 0.2, seed=0)))
    seen = numbers(taken(data_of(), 3))
    assert len(kept_back) == 6
    assert sorted(seen) == sorted(set(range(30)) - kept_back)
    assert numbers(taken(data_of(), 6))[24:] != seen


def test_batches_go_on_where_a_run_stopped(data_of):
    whole, rest = taken(data_of(), 7), taken(data_of(), 3, start=4)
    for left, right in zip(whole[4:], rest, strict=True):
        for name, tensor in left.items():
            assert torch.equal(tensor, right[name]), name


def test_two_processes_share_each_batch(data_of):
    whole, data = taken(data_of(), 2), data_of()
    parts = [taken(data.share(rank, 2), 2) for rank in (0, 1)]
    for step, batch in enumerate(whole):
        for name, tensor in batch.items():
            assert torch.equal(tensor, torch.cat([parts[0][step][name], parts[1][step][name]])), name


def test_the_class_is_left_out_as_often_as_asked(data_of):
    batches = taken(data_of(cond_drop_prob=0.3), 250)
    condition = torch.cat([batch["condition"] for batch in batches])
    label = torch.cat([batch["label"] for batch in batches])
    dropped = condition == len(CLASSES)
    assert float(dropped.float().mean()) == pytest.approx(0.3, abs=0.03)
    assert torch.equal(condition[~dropped], label[~dropped])
    assert torch.equal(label[:8], torch.tensor([number // 10 for number in numbers(batches[:1])]))


def test_noise_is_standard_normal_and_timesteps_are_even(data_of):
    batches = taken(data_of(), 300)
    noise = torch.cat([batch["noise"] for batch in batches])
    times = torch.cat([batch["timestep"] for batch in batches])
    assert float(noise.mean()) == pytest.approx(0, abs=0.03)
    assert float(noise.std()) == pytest.approx(1, abs=0.03)
    assert (int(times.min()) < 5, int(times.max()) > 994) == (True, True)
    assert float(times.float().mean()) == pytest.approx(499.5, abs=20)


def test_validation_is_always_the_same_and_covers_all_timesteps(data_of):
    first, second = (list(data_of().batches("validation", epoch=0)) for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for one, two in zip(first, second, strict=True) for name in one)
    counts = torch.cat([batch["counts"] for batch in first]).bool()
    times = torch.cat([batch["timestep"] for batch in first])[counts]
    assert (int(counts.sum()), len(counts)) == (18, 24)
    assert sorted(times.tolist()) == [int((place + 0.5) * 1000 / 18) for place in range(18)]


def test_the_wrong_class_is_another_one(data_of):
    for batch in data_of().batches("validation", epoch=0):
        assert not (batch["wrong"] == batch["label"]).any()
        assert set(batch["wrong"].tolist()) <= {0, 1, 2}
