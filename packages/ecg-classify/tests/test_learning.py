from __future__ import annotations

import csv
import json
from pathlib import Path

import attrs
import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("matplotlib")

from ecg_classify.classes import CLASSES  # noqa: E402
from ecg_classify.classifier import Classifier, classify  # noqa: E402
from ecg_classify.networks import open_classifier  # noqa: E402
from ecg_classify.options import RecordingsConfig  # noqa: E402
from ecg_classify.tasks import cross_validate, evaluate, export, predict, train  # noqa: E402
from ecg_core.config import Choice, choose, to_plain  # noqa: E402
from ecg_core.context import RunContext  # noqa: E402
from ecg_core.errors import CheckpointError, ConfigError, DataError  # noqa: E402
from ecg_core.formats import write_record  # noqa: E402
from ecg_core.metrics.snr import restrict_to_layout  # noqa: E402
from ecg_core.paper import LAYOUT_3X4_1R  # noqa: E402
from ecg_core.synthetic import synthesize_record  # noqa: E402


def small() -> Choice:
    return choose("models", "classify.resnet1d", {"width": 8, "stem_stride": 8})


def recordings(folder: Path) -> Choice:
    return choose("datasets", "classify.prepared", {"folder": str(folder)})


def context(task: str, out: Path, config: object, **changes: object) -> RunContext:
    out.mkdir(exist_ok=True)
    return RunContext(task=task, out_dir=out, backend="cpu", config=to_plain(config), **changes)  # type: ignore[arg-type]


def training(folder: Path, **changes: object) -> train.ClassifyTrainConfig:
    return train.ClassifyTrainConfig(
        model=small(),
        data=recordings(folder),
        batch_size=4,
        workers=0,
        epochs=1,
        **changes,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def run_folder(prepared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    config = training(prepared_folder)
    train.run(config, context("classify.train", out, config))
    return out


@pytest.fixture(scope="module")
def exported(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exported")
    config = export.ClassifyExportConfig(run=str(run_folder))
    export.run(config, context("classify.export", out, config))
    return out


def test_both_files_of_an_export_give_what_the_run_gives(exported: Path, run_folder: Path) -> None:
    rng = np.random.default_rng(4)
    signal, seen = rng.standard_normal((2, 12, 5000), np.float32), rng.random((2, 12, 5000)) > 0.3
    expected = open_classifier(str(run_folder))(signal, seen)[0]
    for name in ("classifier.onnx", "classifier.safetensors"):
        np.testing.assert_allclose(open_classifier(str(exported / name))(signal, seen)[0], expected, atol=1e-4)


def test_an_export_can_fit_its_confidence_to_the_validation_split(
    exported: Path, run_folder: Path, prepared_folder: Path, tmp_path: Path
) -> None:
    config = export.ClassifyExportConfig(run=str(run_folder), data=RecordingsConfig(folder=prepared_folder))
    told = export.run(config, context("classify.export", tmp_path, config)).summary
    rng = np.random.default_rng(4)
    signal, seen = rng.standard_normal((2, 12, 5000), np.float32), np.ones((2, 12, 5000), bool)
    plain, fitted = (open_classifier(str(each / "classifier.onnx"))(signal, seen)[0] for each in (exported, tmp_path))
    assert told["temperature"] != 1
    np.testing.assert_allclose(fitted * told["temperature"], plain, rtol=1e-2)


def test_an_export_names_no_path_of_the_data(exported: Path, prepared_folder: Path) -> None:
    for path in exported.glob("classifier.*"):
        assert str(prepared_folder).encode() not in path.read_bytes()


def test_probabilities_sum_to_one_for_whole_and_printed_recordings(exported: Path) -> None:
    record = synthesize_record(seed=5)
    for each in (record, restrict_to_layout(record, LAYOUT_3X4_1R), record.resample(250), record.select(["II"])):
        found = classify(each, weights=str(exported / "classifier.onnx"))
        assert list(found.probabilities) == list(CLASSES)
        assert sum(found.probabilities.values()) == pytest.approx(1)
        assert found.probabilities[found.label] == max(found.probabilities.values())


def test_a_recording_of_other_leads_is_refused(exported: Path) -> None:
    foreign = attrs.evolve(synthesize_record(seed=5), lead_names=[f"x{n}" for n in range(12)])
    with pytest.raises(DataError, match="none of the twelve leads"):
        Classifier.load(str(exported / "classifier.onnx")).classify(foreign)


def test_an_evaluation_says_what_its_predictions_say(exported: Path, prepared_folder: Path, tmp_path: Path) -> None:
    config = evaluate.ClassifyEvaluateConfig(
        weights=str(exported / "classifier.onnx"),
        data=RecordingsConfig(folder=prepared_folder),
        batch_size=3,
        split="all",
        bootstrap_rounds=20,
    )
    evaluate.run(config, context("classify.evaluate", tmp_path, config))
    with (tmp_path / "predictions.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    assert len(rows) == figures["recordings"] == 20
    assert figures["accuracy"] == pytest.approx(np.mean([row["classes"] == row["claimed"] for row in rows]))
    assert sum(map(sum, figures["confusion"])) == 20
    assert "macro_auroc" in (tmp_path / "evaluation.txt").read_text()
    assert (tmp_path / "evaluation.png").read_bytes().startswith(b"\x89PNG")
    least, most = figures["intervals"]["macro_auroc"]
    assert least <= most


def test_cross_validation_tests_every_recording_once_and_goes_on_where_it_stopped(
    prepared_folder: Path, tmp_path: Path
) -> None:
    config = cross_validate.CrossValidateConfig(
        model=small(),
        data=recordings(prepared_folder),
        batch_size=4,
        workers=0,
        epochs=1,
        num_folds=3,
        bootstrap_rounds=5,
    )
    cross_validate.run(config, context("classify.cross_validate", tmp_path, config))
    table = (tmp_path / "predictions.csv").read_text()
    assert len({line.split(",")[0] for line in table.splitlines()[1:]}) == 20
    kept = (tmp_path / "fold-0/metrics.jsonl").read_bytes()
    cross_validate.run(config, context("classify.cross_validate", tmp_path, config, resume=True))
    assert (tmp_path / "predictions.csv").read_text() == table
    assert (tmp_path / "fold-0/metrics.jsonl").read_bytes().startswith(kept)


def test_cross_validation_of_another_data_set_is_refused(tmp_path: Path) -> None:
    config = cross_validate.CrossValidateConfig(data=Choice("datasets", "acme.beats"))
    with pytest.raises(ConfigError, match=r"data: acme\.beats cannot be dealt into folds"):
        cross_validate.run(config, RunContext(task="classify.cross_validate", out_dir=tmp_path, backend="cpu"))


def test_recordings_of_a_folder_are_told_and_a_damaged_one_is_named(exported: Path, tmp_path: Path) -> None:
    for seed in range(2):
        write_record(synthesize_record(seed=seed), tmp_path / f"data/r{seed}.hea")
    (tmp_path / "data/r2.npz").write_bytes(b"PK")
    config = predict.ClassifyPredictConfig(inputs=(str(tmp_path / "data"),), weights=str(exported / "classifier.onnx"))
    result = predict.run(config, context("classify.predict", tmp_path / "out", config))
    assert [Path(failure.item).name for failure in result.failures] == ["r2.npz"]
    with (tmp_path / "out/predictions.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert [Path(row["record"]).name for row in rows] == ["r0.hea", "r1.hea"]
    details = json.loads((tmp_path / "out/predictions.json").read_text())
    for row in rows:
        assert details[row["record"]]["label"] == row["label"]
        assert sum(float(row[name]) for name in CLASSES) == pytest.approx(1, abs=1e-3)


def test_the_url_of_a_folder_stands_for_its_recordings_and_that_of_a_file_for_itself(tmp_path: Path) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    for seed in range(2):
        write_record(synthesize_record(seed=seed), tmp_path / f"r{seed}.hea")
    memory.put([str(each) for each in tmp_path.iterdir()], "/ward/v1.0/")
    try:
        below = predict.find_inputs(("memory://ward/v1.0/",))
        assert below == ["memory:///ward/v1.0/r0.hea", "memory:///ward/v1.0/r1.hea"]
        assert predict.find_inputs(("memory://ward/v1.0/r1.hea",)) == ["memory://ward/v1.0/r1.hea"]
        with pytest.raises(DataError, match="memory://empty/: no recording in this folder"):
            predict.find_inputs(("memory://empty/",))
    finally:
        memory.rm("/ward", recursive=True)


def test_weights_that_are_not_there_or_of_something_else_are_refused(tmp_path: Path, prepared_folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"neither a file of classify\.export nor a run folder"):
        open_classifier(str(tmp_path / "nothing.onnx"))
    (tmp_path / "damaged.onnx").write_bytes(b"no")
    with pytest.raises(CheckpointError, match="no ONNX file, or damaged"):
        open_classifier(str(tmp_path / "damaged.onnx"))
    with pytest.raises(ConfigError, match="name the run folder"):
        export.run(export.ClassifyExportConfig(), context("classify.export", tmp_path, export.ClassifyExportConfig()))
