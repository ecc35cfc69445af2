"""`diffusion.sample`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ecg_core.errors import CheckpointError, ConfigError
from ecg_diffusion.images.folders import find_classes, read_image
from ecg_diffusion.tasks import sample
from ecg_diffusion.tasks.sample import SampleConfig


def config_of(run: Path, **options: object) -> SampleConfig:
    common = {"which": "latest", "per_class": 2, "steps": 2, "batch_size": 3}
    return SampleConfig(**{"weights": (str(run),), **common, **options})


def test_every_checkpoint_has_a_folder_of_class_folders(trained: Path, context):
    found = context("diffusion.sample")
    sample.run(config_of(trained, which="all"), found)
    assert sorted(each.name for each in found.out_dir.iterdir() if each.is_dir()) == ["step-0000002", "step-0000004"]
    for step in (2, 4):
        classes = find_classes(found.out_dir / f"step-{step:07d}")
        assert {label: [file.name for file in files] for label, files in classes.items()} == {
            label: ["0000.png", "0001.png"] for label in ("ID_1", "ID_2")
        }
    content = json.loads((found.out_dir / "samples.json").read_text())
    assert content["settings"]["guidance"] == 3.0
    assert content["checkpoints"]["step-0000002"]["step"] == 2


def test_one_checkpoint_has_that_level_too_and_classes_can_be_chosen(trained: Path, context):
    found = context("diffusion.sample")
    sample.run(config_of(trained / "checkpoints/step-0000002", classes=("ID_2",)), found)
    assert [each.name for each in (found.out_dir / "step-0000002").iterdir()] == ["ID_2"]


def test_what_is_there_stays_and_the_rest_comes_as_it_would_have(trained: Path, context):
    """The second run draws other batches than one run would, up to one level of rounding."""
    found, whole = context("diffusion.sample", "parts"), context("diffusion.sample", "whole")
    sample.run(config_of(trained, per_class=1), found)
    first = found.out_dir / "step-0000004/ID_1/0000.png"
    before = first.stat().st_mtime_ns
    sample.run(config_of(trained, per_class=3), found)
    assert first.stat().st_mtime_ns == before
    sample.run(config_of(trained, per_class=3), whole)
    for label, files in find_classes(whole.out_dir / "step-0000004").items():
        for file in files:
            other = read_image(found.out_dir / "step-0000004" / label / file.name)
            assert abs(read_image(file).astype(int) - other).max() <= 1


def test_other_settings_do_not_mix_with_what_is_there(trained: Path, context):
    sample.run(config_of(trained, per_class=1), context("diffusion.sample"))
    with pytest.raises(ConfigError, match=r"guidance was 3\.0"):
        sample.run(config_of(trained, guidance=1.0), context("diffusion.sample"))
    with pytest.raises(ConfigError, match="seed was 0"):
        sample.run(config_of(trained), context("diffusion.sample", seed=1))


def test_checkpoints_of_one_name_do_not_mix(trained: Path, context, tmp_path: Path):
    shutil.copytree(trained, tmp_path / "copy")
    both = (str(trained), str(tmp_path / "copy"))
    with pytest.raises(ConfigError, match="several are called step-0000004"):
        sample.run(config_of(trained, weights=both), context("diffusion.sample"))


@pytest.mark.parametrize(
    ("options", "said"), [({"weights": ()}, "weights: name"), ({"classes": ("ID_9",)}, "ID_9 unknown")]
)
def test_wrong_options_are_told(trained: Path, context, options: dict[str, object], said: str):
    with pytest.raises(ConfigError, match=said):
        sample.run(config_of(trained, **options), context("diffusion.sample"))


def test_another_autoencoder_is_refused(trained: Path, context, tmp_path: Path):
    from diffusers import AutoencoderKL

    AutoencoderKL(
        block_out_channels=(4,) * 4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=1,
    ).save_pretrained(tmp_path / "other")
    with pytest.raises(CheckpointError, match="other weights"):
        sample.run(config_of(trained, vae=tmp_path / "other"), context("diffusion.sample"))


def test_an_empty_folder_is_told(context, tmp_path: Path):
    for which in ("best", "all"):
        with pytest.raises(CheckpointError, match="holds no checkpoint"):
            sample.run(config_of(tmp_path, which=which), context("diffusion.sample"))


def test_names_of_classes_in_weights_never_lead_out_of_the_run_folder(trained: Path, context, tmp_path: Path):
    weights = tmp_path / "evil" / "step-0000002"
    shutil.copytree(trained / "checkpoints/step-0000002", weights)
    meta = json.loads((weights / "checkpoint.json").read_text())
    meta["signal_contract"]["classes"] = ["../../elsewhere", "ID_2"]
    (weights / "checkpoint.json").write_text(json.dumps(meta))
    with pytest.raises(ConfigError, match="within the run folder"):
        sample.run(config_of(weights), context("diffusion.sample"))
    assert not list(tmp_path.rglob("*.png"))
