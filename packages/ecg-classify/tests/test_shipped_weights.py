"""What the shipped classifier must be able to do."""

from __future__ import annotations

from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import attrs
import numpy as np
import pytest
from scipy.signal import find_peaks

from ecg_classify.classes import CLASSES
from ecg_classify.classifier import Classifier, classify
from ecg_classify.networks import NAME, ONNX, SAFETENSORS, open_classifier
from ecg_core import Record, synthesize_record
from ecg_core.metrics.snr import restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R

FOLDER = Path(str(files("ecg_classify.weights")))
LARGEST_MB = 20


def test_files_are_small_and_told_of_in_a_card() -> None:
    kept = [FOLDER / f"{NAME}{suffix}" for suffix in (ONNX, SAFETENSORS)]
    assert sum(path.stat().st_size for path in kept) < LARGEST_MB * 1e6
    card = (FOLDER / f"{NAME}.md").read_text(encoding="utf-8")
    assert all(word in card for word in ("PTB-XL", "licence", "AUROC", "Limits"))


@pytest.mark.skipif(find_spec("torch") is None, reason="the second file needs torch")
def test_both_files_give_the_same_logits() -> None:
    rng = np.random.default_rng(0)
    signal, seen = rng.standard_normal((2, 12, 5000), np.float32), rng.random((2, 12, 5000)) > 0.2
    first, second = (
        open_classifier(str(FOLDER / f"{NAME}{suffix}"))(signal, seen)[0] for suffix in (ONNX, SAFETENSORS)
    )
    np.testing.assert_allclose(first, second, atol=1e-3)


@pytest.mark.skipif(find_spec("torch") is None, reason="the second file needs torch")
def test_the_second_file_says_which_plugin_made_it() -> None:
    from ecg_core.training.weights import read_weights

    config = read_weights(FOLDER / f"{NAME}{SAFETENSORS}").config
    assert list(config) == ["model"]
    assert config["model"]["name"] == "classify.resnet1d"


@pytest.mark.parametrize("printed", [False, True])
def test_regular_beats_and_irregular_ones_are_told_apart(printed: bool) -> None:
    """Fibrillation has no P wave and no two intervals alike; a healthy heart is no fibrillating one."""
    regular, irregular = synthesize_record(seed=3, heart_rate_bpm=70), fibrillating(seed=3)
    shares = [
        classify(restrict_to_layout(record, LAYOUT_3X4_1R) if printed else record).probabilities["AF"]
        for record in (regular, irregular)
    ]
    assert shares[0] < 0.2 < shares[1]


def test_the_rate_and_the_spelling_of_leads_do_not_matter() -> None:
    record = synthesize_record(seed=5)
    names = tuple(name.upper() for name in record.lead_names)
    other = attrs.evolve(record.resample(400), lead_names=names)
    found = [list(classify(each).probabilities.values()) for each in (record, other)]
    np.testing.assert_allclose(found[0], found[1], atol=0.05)


def test_probabilities_are_of_the_five_classes_and_sum_to_one() -> None:
    found = Classifier.load().classify(synthesize_record(seed=1))
    assert tuple(found.probabilities) == CLASSES
    assert sum(found.probabilities.values()) == pytest.approx(1)


def fibrillating(seed: int) -> Record:
    """Complexes of a healthy heart without their P waves, at intervals that vary at random, over waves of 6 Hz."""
    rng = np.random.default_rng(seed)
    regular = synthesize_record(seed=seed, heart_rate_bpm=60, wander_mv=0.0)
    peaks, _ = find_peaks(np.abs(regular.signal_mv[1]), height=0.5 * np.abs(regular.signal_mv[1]).max(), distance=300)
    beat = regular.signal_mv[:, peaks[2] - 30 : peaks[2] + 220]
    beat = (beat - np.median(beat, axis=1, keepdims=True)) * np.hanning(250).clip(0, 0.3) / 0.3
    time_s = np.arange(5000) / 500
    signal_mv = 0.05 * np.sin(2 * np.pi * 6 * time_s + rng.uniform(0, 6, (12, 1))) + 0.01 * rng.standard_normal(
        (12, 5000)
    )
    start = 0
    while start + 250 <= 5000:
        signal_mv[:, start : start + 250] += beat
        start += int(rng.integers(260, 600))
    return attrs.evolve(regular, signal_mv=signal_mv)
