"""The whole evaluation, through the command line, on pictures that a short training tells apart."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from ecg_core.cli.main import main
from ecg_core.context import RunContext
from ecg_core.errors import ConfigError, RunInterrupted
from ecg_diffusion.evaluation import resnet18, training
from ecg_diffusion.evaluation.classifier import ClassifierConfig, ClassifierRequest
from ecg_diffusion.evaluation.report import as_text
from ecg_diffusion.evaluation.resnet18 import PictureResNet18
from ecg_diffusion.evaluation.result_cache import ResultCache
from ecg_diffusion.evaluation.results import Estimate, Evaluation, GainResult, Scores
from ecg_diffusion.images.folders import find_classes
from ecg_diffusion.images.split import Split
from ecg_diffusion.tasks import evaluate
from ecg_diffusion.tasks.evaluate import EvaluateConfig

LABELS = ("low", "high")


def write_stripes(folder: Path, seed: int, *, count: int, told: bool = True) -> None:
    """Noise with a bright stripe, in the lower half of the one class and the upper half of the other, if ``told``."""
    rng = np.random.default_rng(seed)
    for number, label in enumerate(LABELS):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for picture in range(count):
            image = rng.integers(0, 120, (32, 32, 3), np.uint8)
            if told:
                image[rng.integers(2, 12) + (0 if number else 16)] += 120
            Image.fromarray(image).save(folder / label / f"{picture}.png")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real pictures, their split, and samples of two checkpoints: good ones, and noise."""
    root = tmp_path_factory.mktemp("study")
    write_stripes(root / "images", 0, count=12)
    write_stripes(root / "samples/step-0000002", 1, count=6)
    write_stripes(root / "samples/step-0000001", 2, count=6, told=False)
    Split.draw(find_classes(root / "images"), per_class=6, seed=0).write(root / "split.json")
    return root


class SmallNet(nn.Module):
    """The parts of torchvision's ResNet with few channels, so that a training takes a second."""

    def __init__(self, *, weights: None, num_classes: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 8, 5, stride=2, padding=2), nn.BatchNorm2d(8, momentum=0.3)
        self.relu, self.maxpool = nn.ReLU(), nn.MaxPool2d(2)
        self.layer1 = nn.Sequential(nn.Conv2d(8, 16, 3, stride=2), nn.ReLU())
        self.layer2, self.layer3, self.layer4 = nn.Identity(), nn.Identity(), nn.Identity()
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d((3, 1)), nn.Linear(48, num_classes)


@pytest.fixture
def ecg(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Runs the ``ecg`` command in this process."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        found = capsys.readouterr()
        return int(ended.value.code or 0), found.out, found.err

    yield run
    root.handlers[:], level = before
    root.setLevel(level)
    logging.captureWarnings(False)


def test_an_evaluation_by_the_command_line(
    ecg: Callable[..., tuple[int, str, str]], study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(resnet18, "resnet18", SmallNet)
    out = tmp_path / "out"
    words = ["run", "diffusion.evaluate", "--backend", "cpu", "--out", str(out)]
    options = {
        "images": study / "images",
        "split": study / "split.json",
        "samples": study / "samples",
        "seeds": 2,
        "real_counts": "[2, 6, 9]",
        "pairs": 3,
        "classifier.side_px": 32,
        "classifier.steps": 40,
        "classifier.batch_size": 8,
        "classifier.lr": 1e-2,
    }
    words += [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
    code, told, log = ecg(*words)
    assert code == 0, log
    assert "real_counts: [9] left out" in log
    assert "step-0000002" in told

    # 1. Samples like the real pictures are recognised and teach; noise is at chance.
    found = json.loads((out / "evaluation.json").read_text())
    assert found["chance"] == 0.5
    good, noise = (found["checkpoints"][f"step-000000{number}"] for number in (2, 1))
    assert found["real_only"]["accuracy"]["mean"] > 0.8
    assert good["alone"]["accuracy"]["mean"] > 0.8
    assert good["identity_accuracy"]["mean"] > 0.8
    assert abs(noise["alone"]["accuracy"]["mean"] - 0.5) < 0.3
    assert good["fidelity"]["frechet"] < noise["fidelity"]["frechet"]
    assert good["fidelity"]["pictures"] == good["floor"]["pictures"] == 12
    assert [each["real"] for each in found["curve"]] == [2, 6]
    assert found["curve_of"] in found["checkpoints"]

    # 2. What is written.
    assert "step-0000002 alone" in (out / "evaluation.txt").read_text()
    assert (out / "evaluation.png").read_bytes().startswith(b"\x89PNG")
    with Image.open(out / "nearest-step-0000001.png") as sheet:
        assert sheet.size == (3 * 136, 4 * 136)
    trained = sorted(path.name for path in (out / "trained").glob("*.json"))
    assert len(trained) == 2 * (1 + 2 * 2 + 2)
    assert "real-6+6-of-step-0000002-seed-1.json" in trained
    assert not list(out.glob(".*"))

    # 3. A run that goes on trains none of them again, and one classifier that is missing gets the same figures.
    (out / "trained/real-2-seed-1.json").unlink()
    fits: list[int] = []
    fit = training.fit
    monkeypatch.setattr(training, "fit", lambda *words: fits.append(1) or fit(*words))
    assert ecg(*words)[0] == 2
    assert ecg(*words, "--resume")[0] == 0
    assert len(fits) == 1
    assert json.loads((out / "evaluation.json").read_text()) == found


def test_what_is_missing_is_asked_for(tmp_path: Path) -> None:
    context = RunContext(task="diffusion.evaluate", out_dir=tmp_path)
    for config, complaint in (
        (EvaluateConfig(), "images: name the folder"),
        (EvaluateConfig(images=tmp_path), r"split: name the split\.json"),
    ):
        with pytest.raises(ConfigError, match=complaint):
            evaluate.run(config, context)
    with pytest.raises(ValueError, match="real_counts: must be at least 1"):
        EvaluateConfig(real_counts=(5, 0))


def test_an_unknown_checkpoint_is_told_before_anything_is_trained(study: Path, tmp_path: Path) -> None:
    config = EvaluateConfig(
        images=study / "images", split=study / "split.json", samples=study / "samples", checkpoint="step-9"
    )
    with pytest.raises(ConfigError, match="no samples of step-9; found step-0000001, step-0000002"):
        evaluate.run(config, RunContext(task="diffusion.evaluate", out_dir=tmp_path, backend="cpu"))
    assert not list(tmp_path.iterdir())


def test_a_stopped_evaluation_says_how_to_go_on(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_words: Any) -> None:
        raise RunInterrupted("stopped at step 3")

    monkeypatch.setattr(training, "fit", stopped)
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "mine").write_text("mine")
    config = EvaluateConfig(images=study / "images", split=study / "split.json")
    with pytest.raises(RunInterrupted, match=rf"ecg run diffusion.evaluate --out {tmp_path} --resume"):
        evaluate.run(config, RunContext(task="diffusion.evaluate", out_dir=tmp_path, backend="cpu"))
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["training", "training/mine"]


def test_figures_are_kept_for_the_same_pictures_and_options_alone(tmp_path: Path) -> None:
    results = ResultCache(tmp_path, resume=True)
    results.put("real-5-seed-0", {"steps": 5, "train": ["a"]}, {"accuracy": 0.5})
    assert results.get("real-5-seed-0", {"train": ["a"], "steps": 5}) == {"accuracy": 0.5}
    assert results.get("real-5-seed-0", {"train": ["b"], "steps": 5}) is None
    assert results.get("real-6-seed-0", {"train": ["a"], "steps": 5}) is None
    results.path("real-5-seed-0", ".json").write_text("{")
    assert results.get("real-5-seed-0", {"train": ["a"], "steps": 5}) is None
    with pytest.raises(ConfigError, match="earlier evaluation: go on with it by --resume"):
        ResultCache(tmp_path, resume=False)


def test_every_training_is_measured_once_at_its_end_and_takes_the_steps_asked_for() -> None:
    config = training.training_config(ClassifierConfig(steps=70))
    assert (config.steps, config.evaluate_every_steps, config.checkpoint_every_steps) == (70, 70, 70)


def test_the_classifier_counts_what_counts() -> None:
    """Three pictures that count: the first two are claimed right, the third is not; macro F1 by hand."""
    torch.manual_seed(0)
    model = PictureResNet18(ClassifierRequest(num_classes=3, side_px=32)).eval()
    pixels = torch.randint(0, 255, (4, 3, 32, 32), dtype=torch.uint8)
    model.forward = lambda _: torch.eye(3)[[0, 1, 0, 2]] * 20  # type: ignore[method-assign]
    batch = {"pixels": pixels, "target": torch.tensor([0, 1, 1, 0]), "counts": torch.tensor([1.0, 1, 1, 0])}
    found = model.figures(model.evaluation_step(batch))
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["macro_f1"] == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert found["loss"] == pytest.approx(20 / 3, abs=1e-3)


def test_features_are_what_the_last_layer_sees_and_every_weight_learns() -> None:
    torch.manual_seed(0)
    model = PictureResNet18(ClassifierRequest(num_classes=3, side_px=32))
    pixels = torch.randint(0, 255, (4, 3, 32, 32), dtype=torch.uint8)
    assert model.features(pixels).shape == (4, 512)
    model.training_step({"pixels": pixels, "target": torch.tensor([0, 1, 2, 0])})["loss"].backward()
    assert all(each.grad is not None and each.grad.abs().sum() > 0 for each in model.parameters())


def scores(*values: float) -> Scores:
    return Scores(accuracy=Estimate.of(values), macro_f1=Estimate.of(values))


def test_the_text_of_an_evaluation_without_samples_and_with_one_seed() -> None:
    text = as_text(
        Evaluation(
            classes=["a", "b"],
            train_pictures=4,
            test_pictures=4,
            chance=0.5,
            seeds=[3],
            steps=9,
            real_only=scores(0.75),
            checkpoints={},
            curve_of="",
            curve=[],
            real_curve={2: scores(0.75)},
        )
    )
    assert "9 steps each, seeds 3" in text
    assert "real        0.750     0.750" in text
    assert "nan" not in text


def test_the_gain_is_paired_by_seed() -> None:
    before, after = scores(0.5, 0.7), scores(0.6, 0.8)
    gain = after.gain_on(before)
    compared = GainResult(real=5, synthetic=5, real_only=before, added=after, gain=gain)
    assert compared.gain.accuracy.values == pytest.approx([0.1, 0.1])
    assert (gain.accuracy.low, gain.accuracy.high) == pytest.approx((0.1, 0.1))
