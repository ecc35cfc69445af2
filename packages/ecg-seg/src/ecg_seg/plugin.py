"""What ecg-seg registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec, ModelSpec

area = AreaSpec(
    implementation="ecg_seg",
    summary="Five-class segmentation of ECG pages",
    planned=("seg.train", "seg.evaluate", "seg.predict"),
)
unet_model = ModelSpec(
    implementation="ecg_seg.models.unet:SegUNet",
    config="ecg_seg.models.unet:SegUNetConfig",
    summary="A U-Net over any backbone, of operators that stay on the device",
)
