"""What acme-ecg registers. Imported to list plugins, so it imports nothing heavy."""

from __future__ import annotations

from ecg_core.plugins.spec import (
    BackboneSpec,
    BackendSpec,
    DatasetSpec,
    DegradationSpec,
    DigitizerSpec,
    EngineSpec,
    ExecutorSpec,
    FormatSpec,
    ModelSpec,
    StyleSpec,
    TaskSpec,
    VerbSpec,
)

paper_style = StyleSpec(
    implementation="acme_ecg.style:PAPER",
    summary="Acme's violet paper",
    extra="acme-ecg[render]",
)

feeder_degradation = DegradationSpec(
    implementation="acme_ecg.degradation:degrade",
    summary="Slipped in the feeder of Acme's scanner, a clip on its upper edge",
    extra="acme-ecg[render]",
)

json_format = FormatSpec(
    implementation="acme_ecg.json_format:AcmeJsonFormat",
    summary="Acme's JSON records",
    suffixes=(".acme",),
)

hello_task = TaskSpec(
    implementation="acme_ecg.hello:run",
    config="acme_ecg.hello:HelloConfig",
    summary="Greet records",
)
hello_verb = VerbSpec(
    task="acme.hello",
    argument="records",
    summary="Greet records",
    short_flags={"executor.workers": "workers"},
)

threads_executor = ExecutorSpec(
    implementation="acme_ecg.threads:ThreadsExecutor",
    config="acme_ecg.threads:ThreadsConfig",
    summary="Threads of this process",
)

page_digitizer = DigitizerSpec(
    implementation="acme_ecg.digitizer:AcmeDigitizer",
    config="acme_ecg.digitizer:AcmeDigitizerOptions",
    summary="Pages of Acme's recorder, known by their violet corner",
    extra="acme-ecg[digitize]",
)

onnx_engine = EngineSpec(
    implementation="acme_ecg.engine:open_network",
    summary="ONNX Runtime on one thread",
    extra="acme-ecg[digitize]",
    suffix=".onnx",
)

tiny_backbone = BackboneSpec(
    implementation="acme_ecg.backbone:make_tiny",
    summary="Two strided convolutions",
    extra="acme-ecg[torch]",
)

net_model = ModelSpec(
    implementation="acme_ecg.net:AcmeNet",
    config="acme_ecg.options:NetConfig",
    summary="A segmenter of two convolutions",
    extra="acme-ecg[seg]",
)
squares_dataset = DatasetSpec(
    implementation="acme_ecg.squares:Squares",
    config="acme_ecg.options:SquaresConfig",
    summary="Squares in the gray of their class",
    extra="acme-ecg[seg]",
)

cpu_backend = BackendSpec(
    implementation="acme_ecg.backend:AcmeCpuBackend",
    summary="The CPU, counting the batches",
    extra="acme-ecg[torch]",
    preference=-10,  # never the choice of --backend auto
)
