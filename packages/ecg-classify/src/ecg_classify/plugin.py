"""What ecg-classify registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec

area = AreaSpec(
    implementation="ecg_classify",
    summary="Diagnostic classes from 12-lead records",
    planned=("classify.prepare", "classify.train", "classify.evaluate", "classify.predict", "classify.resnet1d"),
)
