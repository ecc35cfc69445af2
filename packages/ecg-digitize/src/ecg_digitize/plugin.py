"""What ecg-digitize registers through entry points."""

from __future__ import annotations

from ecg_core.plugins.spec import (
    AreaSpec,
    DatasetSpec,
    DigitizerSpec,
    EngineSpec,
    FormatSpec,
    ModelSpec,
    TaskSpec,
    VerbSpec,
)

RENDER = "ecg-digitize[render]"
"""What prints pages needs ecg-render; what reads them does not."""

area = AreaSpec(
    implementation="ecg_digitize",
    summary="Photo, scan or PDF of a page to a 12-lead record",
)
page_format = FormatSpec(
    implementation="ecg_digitize.page_format:PageFormat",
    summary="Photo, scan or PDF of a page, digitized as it is read",
    suffixes=(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".pdf"),
    writes=False,
    in_folders=False,
)
heic_format = FormatSpec(
    implementation="ecg_digitize.page_format:PageFormat",
    summary="Photo of a page as telephones keep it, digitized as it is read",
    extra="ecg-digitize[heic]",
    suffixes=(".heic", ".heif"),
    writes=False,
    in_folders=False,
)
vector_digitizer = DigitizerSpec(
    implementation="ecg_digitize.digitizers.vector.digitizer:VectorDigitizer",
    summary="PDFs whose traces are drawn as lines, read from the lines themselves",
)
neural_digitizer = DigitizerSpec(
    implementation="ecg_digitize.digitizers.neural.digitizer:NeuralDigitizer",
    config="ecg_digitize.digitizers.neural.options:NeuralOptions",
    summary="Photos, scans and whatever else is a picture, any way up, by networks",
)
onnx_engine = EngineSpec(
    implementation="ecg_core.onnx:open_network",
    summary="ONNX Runtime on the processor; comes with the package",
    suffix=".onnx",
)
torch_engine = EngineSpec(
    implementation="ecg_digitize.learning.torch_engine:open_network",
    summary="torch on the processor",
    extra="ecg-digitize[torch]",
    suffix=".safetensors",
)
pages_task = TaskSpec(
    implementation="ecg_digitize.tasks.pages:run",
    config="ecg_digitize.tasks.pages:PagesConfig",
    summary="Turn pictures of ECG pages into records",
)
digitize_verb = VerbSpec(
    task="digitize.pages",
    argument="inputs",
    summary="Turn pictures of ECG pages into records",
    short_flags={
        "speed_mm_per_s": "speed",
        "gain_mm_per_mv": "gain",
        "sampling_rate_hz": "rate",
        "duration_s": "duration",
        "formats": "format",
        "executor.workers": "workers",
        "timeout_s": "timeout",
        "memory_gb": "memory",
        "digitizers.neural.engine": "engine",
        "digitizers.neural.networks": "networks",
    },
)
evaluate_task = TaskSpec(
    implementation="ecg_digitize.evaluation.task:run",
    config="ecg_digitize.evaluation.task:EvaluateConfig",
    summary="Score digitized pages against the recordings they were printed from",
    extra=RENDER,
)
calibrate_task = TaskSpec(
    implementation="ecg_digitize.evaluation.calibrate:run",
    config="ecg_digitize.evaluation.calibrate:CalibrateConfig",
    summary="Fit the confidence of the neural digitizer to pages whose recordings are known",
    extra=RENDER,
)
inspect_task = TaskSpec(
    implementation="ecg_digitize.tasks.inspect_pages:run",
    config="ecg_digitize.tasks.inspect_pages:InspectConfig",
    summary="Draw what every stage of the neural digitizer found on a page, to see where it went wrong",
)
align_task = TaskSpec(
    implementation="ecg_digitize.learning.align_task:run",
    config="ecg_digitize.learning.align_task:AlignConfig",
    summary="Find the true traces on pages whose recordings are known, to train stage 2 on them",
)
demo_task = TaskSpec(
    implementation="ecg_digitize.tasks.demo:run",
    config="ecg_digitize.tasks.demo:DemoConfig",
    summary="From a synthetic record to a scanned page and back, with the SNR",
    extra=RENDER,
)
markers_model = ModelSpec(
    implementation="ecg_digitize.learning.markers:MarkerNet",
    config="ecg_digitize.learning.options:PageUNetConfig",
    summary="Stage 0: finds the names of leads on flat paper",
    extra="ecg-digitize[torch]",
)
grid_model = ModelSpec(
    implementation="ecg_digitize.learning.grid:GridNet",
    config="ecg_digitize.learning.options:PageUNetConfig",
    summary="Stage 1: finds crossings of the grid, its lines, and ink",
    extra="ecg-digitize[torch]",
)
waveform_model = ModelSpec(
    implementation="ecg_digitize.learning.waveform:WaveformNet",
    config="ecg_digitize.learning.options:WaveformNetConfig",
    summary="Stage 2: finds the trace in every column of a row of flat paper",
    extra="ecg-digitize[torch]",
)
reader_model = ModelSpec(
    implementation="ecg_digitize.learning.word_net:WordNet",
    config="ecg_digitize.learning.options:WordNetConfig",
    summary="Reader: spells the names of leads and the printed speeds and gains",
    extra="ecg-digitize[torch]",
)
marker_views_dataset = DatasetSpec(
    implementation="ecg_digitize.learning.markers:endless_marker_views",
    config="ecg_digitize.learning.options:MarkerViewsConfig",
    summary="Stage 0: views of the flat paper of rendered pages",
    extra="ecg-digitize[torch]",
)
grid_crops_dataset = DatasetSpec(
    implementation="ecg_digitize.learning.grid:endless_grid_crops",
    config="ecg_digitize.learning.options:GridCropsConfig",
    summary="Stage 1: crops of rendered pages",
    extra="ecg-digitize[torch]",
)
strips_dataset = DatasetSpec(
    implementation="ecg_digitize.learning.waveform:endless_strips",
    config="ecg_digitize.learning.options:StripsConfig",
    summary="Stage 2: strips of rendered pages, and of real ones whose recordings are known",
    extra="ecg-digitize[torch]",
)
words_dataset = DatasetSpec(
    implementation="ecg_digitize.learning.words:endless_words",
    config="ecg_digitize.learning.options:WordsConfig",
    summary="Reader: crops of the printed words of rendered pages",
    extra="ecg-digitize[torch]",
)
train_stage0_task = TaskSpec(
    implementation="ecg_digitize.learning.train:run_stage0",
    config="ecg_digitize.learning.train:TrainStage0Config",
    summary="Train the network that finds the names of leads",
    uses_backend=True,
    extra="ecg-digitize[torch]",
)
train_stage1_task = TaskSpec(
    implementation="ecg_digitize.learning.train:run_stage1",
    config="ecg_digitize.learning.train:TrainStage1Config",
    summary="Train the network that finds the crossings and lines of a grid",
    uses_backend=True,
    extra="ecg-digitize[torch]",
)
train_stage2_task = TaskSpec(
    implementation="ecg_digitize.learning.train:run_stage2",
    config="ecg_digitize.learning.train:TrainStage2Config",
    summary="Train the network that reads a row of a flat page",
    uses_backend=True,
    extra="ecg-digitize[torch]",
)
train_reader_task = TaskSpec(
    implementation="ecg_digitize.learning.train:run_reader",
    config="ecg_digitize.learning.train:TrainReaderConfig",
    summary="Train the network that spells names of leads, speeds and gains",
    uses_backend=True,
    extra="ecg-digitize[torch]",
)
train_all_task = TaskSpec(
    implementation="ecg_digitize.learning.train:run_all",
    config="ecg_digitize.learning.train:TrainAllConfig",
    summary="Train the networks of all three stages, one after the other",
    uses_backend=True,
    extra="ecg-digitize[torch]",
)
export_task = TaskSpec(
    implementation="ecg_digitize.learning.export:run",
    config="ecg_digitize.learning.export:ExportConfig",
    summary="Write a trained network as ONNX and safetensors, and prove that both give the same",
    extra="ecg-digitize[torch]",
)
