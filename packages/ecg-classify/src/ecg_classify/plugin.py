"""What ecg-classify registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec, DatasetSpec, ModelSpec, TaskSpec

TORCH = "ecg-classify[torch]"

area = AreaSpec(
    implementation="ecg_classify",
    summary="Diagnostic classes from 12-lead records",
    planned=("classify.evaluate", "classify.predict"),
)
prepare_task = TaskSpec(
    implementation="ecg_classify.prepare.task:run",
    config="ecg_classify.prepare.config:PrepareConfig",
    summary="Recordings of any format to signals, labels and splits",
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
    config="ecg_classify.models.config:ResNet1dConfig",
    summary="A residual network along time",
    extra=TORCH,
)
prepared_dataset = DatasetSpec(
    implementation="ecg_classify.data.prepared:PreparedData",
    config="ecg_classify.data.config:DataConfig",
    summary="Recordings that classify.prepare made, read as they are needed",
    extra=TORCH,
)
