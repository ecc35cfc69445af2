from __future__ import annotations

import json
from pathlib import Path

import attrs
import numpy as np
import pytest

from ecg_core.errors import CheckpointError, ConfigError, DataError
from ecg_diffusion.images.split import Split
from ecg_diffusion.latents.cache import LatentCache
from ecg_diffusion.latents.normalization import Normalization, choose_normalization
from ecg_diffusion.latents.report import LatentReport, Range, RangeAccumulator
from ecg_diffusion.latents.sources import LatentDataConfig, open_source
from ecg_diffusion.latents.training_inputs import TrainingInputs, open_training_inputs
from ecg_diffusion.tasks import cache_latents, check_latents
from ecg_diffusion.tasks.cache_latents import CacheLatentsConfig
from ecg_diffusion.tasks.check_latents import CheckLatentsConfig


def inputs_of(config: LatentDataConfig) -> TrainingInputs:
    return open_training_inputs(config, open_source(config))


def report_of(lowest: float, highest: float) -> LatentReport:
    channel = Range(min=lowest, max=highest, mean=0.4, std=0.2)
    return LatentReport(
        images="images", vae={}, pictures=1, shape=(1, 2, 2), overall=channel, channels=(channel,), l1=0, mse=0
    )


def test_moments_are_those_of_latents_drawn_from_the_posterior():
    rng = np.random.default_rng(0)
    mean, std = rng.normal(1, 2, (50, 3, 16, 16)), rng.uniform(0.1, 1.5, (50, 3, 16, 16))
    ranges = RangeAccumulator(3)
    for start in range(0, 50, 20):
        ranges.add(mean[start : start + 20], std[start : start + 20])
    drawn = mean + std * rng.normal(size=mean.shape)
    for number, found in enumerate(ranges.channels()):
        assert (found.min, found.max) == (mean[:, number].min(), mean[:, number].max())
        assert found.mean == pytest.approx(drawn[:, number].mean(), abs=0.05)
        assert found.std == pytest.approx(drawn[:, number].std(), rel=0.02)
    assert ranges.overall().std == pytest.approx(drawn.std(), rel=0.02)
    assert ranges.overall().min == mean.min()


@pytest.mark.parametrize(
    ("lowest", "highest", "verdict"), [(0, 1, True), (0.2, 0.9, True), (-0.01, 1, False), (0, 1.01, False)]
)
def test_auto_normalize_is_allowed_only_inside_the_unit_interval(lowest: float, highest: float, verdict: bool):
    assert report_of(lowest, highest).auto_normalize is verdict


def test_the_verdict_decides_and_the_unit_interval_goes_to_one_on_either_side():
    inside = choose_normalization(report_of(0, 1), None, lowest=0.0, highest=1.0)
    assert [(value - inside.mean[0]) / inside.std[0] for value in (0, 0.5, 1)] == [-1, 0, 1]
    assert choose_normalization(report_of(-3, 3), None) == Normalization((0.4,), (0.2,))
    assert choose_normalization(report_of(-3, 3), False) == Normalization((0.4,), (0.2,))


@pytest.mark.parametrize(
    ("report", "option", "lowest"),
    [(report_of(-3, 3), True, None), (report_of(0, 1), False, None), (report_of(0, 1), True, -0.2)],
)
def test_what_contradicts_the_report_or_the_latents_is_refused(
    report: LatentReport, option: bool, lowest: float | None
):
    highest = None if lowest is None else 1.0
    with pytest.raises(ConfigError, match=r"auto_normalize.*run diffusion\.check_latents"):
        choose_normalization(report, option, lowest=lowest, highest=highest)


def test_training_refuses_auto_normalize_for_latents_that_go_beyond(study):
    with pytest.raises(ConfigError, match=r"latents in \[0, 1\]"):
        inputs_of(study.data(auto_normalize=True))


def test_a_channel_that_never_changes_cannot_be_normalised():
    flat = attrs.evolve(report_of(-3, 3), channels=(Range(min=1, max=1, mean=1, std=0),))
    with pytest.raises(ConfigError, match="channel 0"):
        choose_normalization(flat, None)


def test_the_report_says_shape_range_error_and_verdict(study):
    content = json.loads((study.check / "latents.json").read_text())
    assert content["shape"] == [4, 32, 32]
    assert content["pictures"] == 8
    assert len(content["channels"]) == len(content["normalize"]["std"]) == 4
    assert content["auto_normalize"] is False
    assert content["l1"] > 0
    assert LatentReport.read(study.check).normalize_mean == tuple(content["normalize"]["mean"])


def test_the_cache_has_the_pictures_of_training_alone_and_normalises_to_one(study):
    cache, split = LatentCache.read(study.latents), Split.read(study.split)
    assert set(cache.names) == {f"{label}/{name}" for label, names in split.train.items() for name in names}
    assert [cache.classes[number] for number in cache.labels] == [name.split("/")[0] for name in cache.names]
    found = inputs_of(study.data()).normalization
    for number in range(4):
        values = (cache.mean[:, number] - found.mean[number]) / found.std[number]
        spread = np.sqrt(values.var() + ((cache.std[:, number] / found.std[number]) ** 2).mean())
        assert values.mean() == pytest.approx(0, abs=1e-3)
        assert spread == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("task", ["check", "cache"])
def test_damaged_pictures_are_named_and_left_out(study, tmp_path: Path, context, task: str):
    images = tmp_path / "images"
    split = Split.read(study.split)
    for label, names in split.train.items():
        for name in names:
            (images / label).mkdir(parents=True, exist_ok=True)
            (images / label / name).write_bytes((study.images / label / name).read_bytes())
    torn = images / "ID_1" / split.train["ID_1"][0]
    torn.write_bytes(torn.read_bytes()[:40])
    options = {"images": images, "split": study.split, "vae": study.vae, "batch_size": 1}
    if task == "check":
        result = check_latents.run(CheckLatentsConfig(**options), context("diffusion.check_latents"))
    else:
        result = cache_latents.run(CacheLatentsConfig(**options), context("diffusion.cache_latents"))
    assert [each.item for each in result.failures] == [str(torn)]
    assert result.summary["pictures"] == 7


def test_a_precision_that_is_not_used_is_told(study, context, caplog):
    options = {"images": study.images, "split": study.split, "vae": study.vae}
    check_latents.run(CheckLatentsConfig(**options), context("diffusion.check_latents", precision="bf16"))
    assert "--precision bf16 changes nothing" in caplog.text


def test_a_torn_cache_is_refused(study, tmp_path: Path):
    file = tmp_path / "latents.safetensors"
    file.write_bytes((study.latents / "latents.safetensors").read_bytes()[:-10])
    with pytest.raises(DataError, match="damaged"):
        LatentCache.read(file)


def test_latents_of_another_autoencoder_are_refused(study, tmp_path: Path):
    cache = LatentCache.read(study.latents)
    other = attrs.evolve(cache, vae={**cache.vae, "digest": "0" * 64})
    other.write(tmp_path / "latents.safetensors")
    with pytest.raises(CheckpointError, match="other weights"):
        inputs_of(study.data(latents=tmp_path))


def test_an_autoencoder_that_has_moved_is_asked_for_and_found_again(study, tmp_path: Path):
    cache = LatentCache.read(study.latents)
    attrs.evolve(cache, vae={**cache.vae, "path": str(tmp_path / "gone")}).write(tmp_path / "latents.safetensors")
    with pytest.raises(CheckpointError, match=r"data\.vae=PATH"):
        inputs_of(study.data(latents=tmp_path))
    assert inputs_of(study.data(latents=tmp_path, vae=study.vae)).latent_shape == (4, 32, 32)
