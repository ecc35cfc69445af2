"""What ecg-diffusion registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec, TaskSpec

area = AreaSpec(
    implementation="ecg_diffusion",
    summary="Latent diffusion on time-frequency images of ECGs",
    planned=(
        "diffusion.train_vae",
        "diffusion.check_latents",
        "diffusion.train",
        "diffusion.sample",
        "diffusion.evaluate",
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
