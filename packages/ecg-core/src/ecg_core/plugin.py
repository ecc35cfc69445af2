"""What ecg-core registers: through entry points, like everybody else."""

from __future__ import annotations

from ecg_core.plugins.spec import (
    AreaSpec,
    BackboneSpec,
    BackendSpec,
    ExecutorSpec,
    FormatSpec,
    LayoutSpec,
    TaskSpec,
    TrainerSpec,
)

TORCH = "ecg-core[torch]"

area = AreaSpec(
    implementation="ecg_core",
    summary="Plugins, configuration, records, formats, backends and the training loop",
)

demo_fit = TaskSpec(
    implementation="ecg_core.training.demo:run",
    config="ecg_core.training.demo:DemoConfig",
    summary="Train a tiny network on made-up heartbeats, to try a backend",
    extra=TORCH,
    uses_backend=True,
)

to_pth = TaskSpec(
    implementation="ecg_core.training.pth:export_pth",
    config="ecg_core.training.pth:ToPthConfig",
    summary="Write a checkpoint of any training as one .pth file",
    extra=TORCH,
)
from_pth = TaskSpec(
    implementation="ecg_core.training.pth:import_pth",
    config="ecg_core.training.pth:FromPthConfig",
    summary="Take a .pth file over as a checkpoint, executing nothing of it",
    extra=TORCH,
)

default_trainer = TrainerSpec(
    implementation="ecg_core.training.loop:DefaultTrainer",
    summary="The training loop of every learned part",
    extra=TORCH,
)

light_backbone = BackboneSpec(
    implementation="ecg_core.networks.light:make_light",
    summary="Plain convolutions with few channels, made for processors without an accelerator",
    extra=TORCH,
)
lighter_backbone = BackboneSpec(
    implementation="ecg_core.networks.light:make_lighter",
    summary="The same at half the resolution, a quarter of the work: for what is wider than a pen's line",
    extra=TORCH,
)

cpu_backend = BackendSpec(
    implementation="ecg_core.backends.cpu:CpuBackend",
    summary="Plain PyTorch on the CPU, one process or several (gloo)",
    extra=TORCH,
)
cuda_backend = BackendSpec(
    implementation="ecg_core.backends.cuda:CudaBackend",
    summary="NVIDIA GPUs, one or several (nccl)",
    extra=TORCH,
    preference=10,
)
xla_backend = BackendSpec(
    implementation="ecg_core.backends.xla:XlaBackend",
    summary="TPUs through torch_xla; all chips of the host by SPMD",
    extra="ecg-core[tpu]",
    preference=20,
)

wfdb_format = FormatSpec(
    implementation="ecg_core.formats.wfdb:WfdbFormat",
    summary="WFDB header and signal files, as on PhysioNet",
    suffixes=(".hea", ".dat"),
)
mat_format = FormatSpec(
    implementation="ecg_core.formats.mat:MatFormat",
    summary="MATLAB file with a header beside it, as in the PhysioNet challenges",
    suffixes=(".mat",),
)
csv_format = FormatSpec(
    implementation="ecg_core.formats.csv:CsvFormat",
    summary="One column a lead in millivolts, with or without a time column",
    suffixes=(".csv",),
)
npz_format = FormatSpec(
    implementation="ecg_core.formats.npz:NpzFormat",
    summary="NumPy archive with signal, rate and lead names",
    suffixes=(".npz",),
)

layout_3x4_1r = LayoutSpec(
    implementation="ecg_core.paper:LAYOUT_3X4_1R",
    summary="Three rows of four leads for 2.5 s, lead II for 10 s below",
)
layout_competition = LayoutSpec(
    implementation="ecg_core.layouts:LAYOUT_COMPETITION",
    summary="3x4+1R as solutions of the PhysioNet digitization competition rectify it",
)
layout_kit = LayoutSpec(
    implementation="ecg_core.layouts:LAYOUT_KIT", summary="3x4+1R as ecg-image-kit prints it, rows between grid lines"
)
layout_3x4 = LayoutSpec(implementation="ecg_core.layouts:LAYOUT_3X4", summary="Three rows of four leads for 2.5 s")
layout_3x4_3r = LayoutSpec(
    implementation="ecg_core.layouts:LAYOUT_3X4_3R",
    summary="Three rows of four leads for 2.5 s, V1, II and V5 for 10 s below",
)
layout_6x2 = LayoutSpec(implementation="ecg_core.layouts:LAYOUT_6X2", summary="Six rows of two leads for 5 s")
layout_6x2_1r = LayoutSpec(
    implementation="ecg_core.layouts:LAYOUT_6X2_1R", summary="Six rows of two leads for 5 s, lead II for 10 s below"
)
layout_12x1 = LayoutSpec(implementation="ecg_core.layouts:LAYOUT_12X1", summary="Twelve rows of one lead for 10 s")
layout_4x3 = LayoutSpec(implementation="ecg_core.layouts:LAYOUT_4X3", summary="Four rows of three leads for 3.3 s")
layout_3x4_1r_cabrera = LayoutSpec(
    implementation="ecg_core.layouts:LAYOUT_3X4_1R_CABRERA",
    summary="Three rows of four leads in Cabrera order for 2.5 s, lead II for 10 s below",
)
layout_6x2_cabrera = LayoutSpec(
    implementation="ecg_core.layouts:LAYOUT_6X2_CABRERA",
    summary="Six rows of two leads for 5 s, limb leads in Cabrera order",
)
layout_12x1_cabrera = LayoutSpec(
    implementation="ecg_core.layouts:LAYOUT_12X1_CABRERA",
    summary="Twelve rows of one lead for 10 s, limb leads in Cabrera order",
)

serial_executor = ExecutorSpec(
    implementation="ecg_core.execution.serial:SerialExecutor",
    summary="One item after the other in this process",
)
processes_executor = ExecutorSpec(
    implementation="ecg_core.execution.processes:ProcessesExecutor",
    config="ecg_core.execution.processes:ProcessesConfig",
    summary="Several processes of this machine",
)
