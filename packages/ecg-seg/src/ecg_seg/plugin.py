"""What ecg-seg registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec

area = AreaSpec(
    implementation="ecg_seg",
    summary="Five-class segmentation of ECG pages",
    planned=("seg.train", "seg.evaluate", "seg.predict", "seg.unet"),
)
