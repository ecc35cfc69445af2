"""The study as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecg_core.cli.main import main
from ecg_diffusion.images.folders import find_classes


def ecg(task: str, out: Path, *options: str) -> None:
    words = [word for option in options for word in ("--set", option)]
    with pytest.raises(SystemExit) as ended:
        main(["run", task, "--backend", "cpu", "--out", str(out), *words])
    assert ended.value.code in (0, None)


def test_from_pictures_to_samples(study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    data = (f"images={study.images}", f"split={study.split}")
    few = ("steps=1", "batch_size=2", "data.validation_share=0.25")
    pictures = tuple(f"data.{each}" for each in data)
    ecg("diffusion.train_vae", tmp_path / "vae", *pictures, *few, "model.channels=[4,4,4,4]", "workers=0")
    for task in ("check_latents", "cache_latents"):
        ecg(f"diffusion.{task}", tmp_path / task, *data, f"vae={tmp_path / 'vae'}")
    ecg(
        *("diffusion.train", tmp_path / "run", *few),
        *(
            "data.latents=cache_latents",
            "data.check=check_latents",
            "model.dim=8",
            "model.dim_mults=[1,2]",
            "grid.per_class=0",
        ),
    )
    ecg("diffusion.sample", tmp_path / "samples", "weights=run", "per_class=1", "steps=2", "solver=ddim")
    assert list(find_classes(tmp_path / "samples/step-0000001")) == ["ID_1", "ID_2"]
    assert json.loads((tmp_path / "samples/samples.json").read_text())["settings"]["solver"] == "ddim"
