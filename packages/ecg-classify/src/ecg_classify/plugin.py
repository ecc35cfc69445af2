"""What ecg-classify registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec, DatasetSpec, ModelSpec, TaskSpec, VerbSpec

TORCH = "ecg-classify[torch]"

area = AreaSpec(
    implementation="ecg_classify",
    summary="Diagnostic classes from 12-lead records",
)
prepare_task = TaskSpec(
    implementation="ecg_classify.prepare.task:run",
    config="ecg_classify.prepare.task:PrepareConfig",
    summary="Recordings of any format to signals, labels and splits",
)
pack_task = TaskSpec(
    implementation="ecg_classify.tasks.pack:run",
    config="ecg_classify.tasks.pack:PackConfig",
    summary="Prepared recordings as shards of one array, for large sets",
    extra="ecg-classify[zarr]",
)
train_task = TaskSpec(
    implementation="ecg_classify.tasks.train:run",
    config="ecg_classify.tasks.train:ClassifyTrainConfig",
    summary="Train a classifier of recordings",
    extra=TORCH,
    uses_backend=True,
)
resnet1d_model = ModelSpec(
    implementation="ecg_classify.models.resnet1d:ECGResNet1D",
    config="ecg_classify.options:ResNet1dConfig",
    summary="A residual network along time",
    extra=TORCH,
)
prepared_dataset = DatasetSpec(
    implementation="ecg_classify.data.prepared:PreparedData",
    config="ecg_classify.options:PreparedConfig",
    summary="Recordings that classify.prepare made, read as they are needed",
    extra=TORCH,
)
cross_validate_task = TaskSpec(
    implementation="ecg_classify.tasks.cross_validate:run",
    config="ecg_classify.tasks.cross_validate:CrossValidateConfig",
    summary="Train a classifier for every fold, and test each on what it has not seen",
    extra=TORCH,
    uses_backend=True,
)
export_task = TaskSpec(
    implementation="ecg_classify.tasks.export:run",
    config="ecg_classify.tasks.export:ClassifyExportConfig",
    summary="Weights of a run as ONNX and safetensors",
    extra=TORCH,
)
evaluate_task = TaskSpec(
    implementation="ecg_classify.tasks.evaluate:run",
    config="ecg_classify.tasks.evaluate:ClassifyEvaluateConfig",
    summary="Measure a classifier",
)
predict_task = TaskSpec(
    implementation="ecg_classify.tasks.predict:run",
    config="ecg_classify.tasks.predict:ClassifyPredictConfig",
    summary="Classify recordings: MI, AF, BBB, NORM or OTHER",
)
classify_verb = VerbSpec(
    summary="Classify recordings: MI, AF, BBB, NORM or OTHER",
    task="classify.predict",
    argument="inputs",
    short_flags={"executor.workers": "workers", "timeout_s": "timeout", "memory_gb": "memory"},
)
