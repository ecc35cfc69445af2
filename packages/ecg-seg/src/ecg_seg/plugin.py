"""What ecg-seg registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec, DatasetSpec, ModelSpec, TaskSpec

area = AreaSpec(implementation="ecg_seg", summary="Five-class segmentation of ECG pages")
unet_model = ModelSpec(
    implementation="ecg_seg.models.unet:SegUNet",
    config="ecg_seg.options:SegUNetConfig",
    summary="A U-Net over any backbone, of operators that stay on the device",
)
endless_dataset = DatasetSpec(
    implementation="ecg_seg.data.endless:endless_crops",
    config="ecg_seg.options:EndlessConfig",
    summary="Pages rendered as the training goes on",
)
crops_dataset = DatasetSpec(
    implementation="ecg_seg.data.folder:CropFoldersData",
    config="ecg_seg.options:CropFoldersConfig",
    summary="Folders of crops and masks, as render.crops makes them",
)
train_task = TaskSpec(
    implementation="ecg_seg.tasks.train:run",
    config="ecg_seg.tasks.train:SegTrainConfig",
    summary="Train a page segmenter",
    named_configs={name: f"ecg_seg.configs:{name}.yaml" for name in ("grid", "grid-wave", "five-classes", "shipped")},
    uses_backend=True,
)
evaluate_task = TaskSpec(
    implementation="ecg_seg.tasks.evaluate:run",
    config="ecg_seg.tasks.evaluate:SegEvaluateConfig",
    summary="Measure a page segmenter",
    uses_backend=True,
)
predict_task = TaskSpec(
    implementation="ecg_seg.tasks.predict:run",
    config="ecg_seg.tasks.predict:SegPredictConfig",
    summary="Segment pictures of pages",
    uses_backend=True,
)
export_task = TaskSpec(
    implementation="ecg_seg.tasks.export:run",
    config="ecg_seg.tasks.export:SegExportConfig",
    summary="Weights of a run as one file",
)
