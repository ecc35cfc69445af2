"""What acme-ecg registers. Imported to list plugins, so it imports nothing heavy."""

from __future__ import annotations

from ecg_core.plugins.spec import (
    BackboneSpec,
    BackendSpec,
    DigitizerSpec,
    EngineSpec,
    ExecutorSpec,
    FormatSpec,
    StyleSpec,
    TaskSpec,
    VerbSpec,
)

tiny_backbone = BackboneSpec(
    implementation="acme_ecg.backbone:make_tiny",
    summary="Two strided convolutions",
    extra="acme-ecg[torch]",
)
json_format = FormatSpec(
    implementation="acme_ecg.json_format:AcmeJsonFormat",
    summary="Acme's JSON records",
    suffixes=(".acme",),
)
paper_style = StyleSpec(
    implementation="acme_ecg.style:PAPER",
    summary="Acme's violet paper",
    extra="acme-ecg[render]",
)
cpu_backend = BackendSpec(
    implementation="acme_ecg.backend:AcmeCpuBackend",
    summary="The CPU, counting the batches",
    extra="acme-ecg[torch]",
    preference=-10,  # never the choice of --backend auto
)
threads_executor = ExecutorSpec(
    implementation="acme_ecg.threads:ThreadsExecutor",
    config="acme_ecg.threads:ThreadsConfig",
    summary="Threads of this process",
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
