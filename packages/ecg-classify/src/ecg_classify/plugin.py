"""What ecg-classify registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec, TaskSpec

area = AreaSpec(
    implementation="ecg_classify",
    summary="Diagnostic classes from 12-lead records",
    planned=("classify.train", "classify.evaluate", "classify.predict", "classify.resnet1d"),
)
prepare_task = TaskSpec(
    implementation="ecg_classify.prepare.task:run",
    config="ecg_classify.prepare.config:PrepareConfig",
    summary="Recordings of any format to signals, labels and splits",
)
