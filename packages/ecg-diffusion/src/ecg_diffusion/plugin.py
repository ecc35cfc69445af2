"""What ecg-diffusion registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec, ModelSpec, TaskSpec

area = AreaSpec(
    implementation="ecg_diffusion",
    summary="Latent diffusion on time-frequency images of ECGs",
    planned=(
        "diffusion.train_vae",
        "diffusion.check_latents",
        "diffusion.train",
        "diffusion.sample",
    ),
)

make_gait_task = TaskSpec(
    implementation="ecg_diffusion.tasks.make_gait:run",
    config="ecg_diffusion.tasks.make_gait:MakeGaitConfig",
    summary="Micro-Doppler images of simulated people who walk, a folder a person",
)
make_ecg_task = TaskSpec(
    implementation="ecg_diffusion.tasks.make_ecg:run",
    config="ecg_diffusion.tasks.make_ecg:MakeEcgConfig",
    summary="Scalograms of recordings, a folder a class or patient",
)
split_task = TaskSpec(
    implementation="ecg_diffusion.tasks.split:run",
    config="ecg_diffusion.tasks.split:SplitConfig",
    summary="Class folders dealt to training and test",
)
evaluate_task = TaskSpec(
    implementation="ecg_diffusion.tasks.evaluate:run",
    config="ecg_diffusion.tasks.evaluate:EvaluateConfig",
    summary="Measure whether samples help a classifier of real pictures",
    uses_backend=True,
)
resnet18_model = ModelSpec(
    implementation="ecg_diffusion.evaluation.resnet18:PictureResNet18",
    config="ecg_diffusion.evaluation.config:ResNet18Config",
    summary="ResNet-18, the classifier that samples are judged by",
)
monitor_task = TaskSpec(
    implementation="ecg_diffusion.tasks.monitor:run",
    config="ecg_diffusion.tasks.monitor:MonitorConfig",
    summary="How a training goes, what to expect, and what is wrong with it",
)
