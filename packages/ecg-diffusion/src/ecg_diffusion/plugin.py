"""The plugins that ecg-diffusion registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec, DatasetSpec, ModelSpec, TaskSpec

area = AreaSpec(
    implementation="ecg_diffusion",
    summary="Latent diffusion on time-frequency images of ECGs",
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
    summary="Split class folders into training and test",
)
train_vae_task = TaskSpec(
    implementation="ecg_diffusion.tasks.train_vae:run",
    config="ecg_diffusion.tasks.train_vae:TrainVaeConfig",
    summary="Train an autoencoder: pictures to small latents and back",
    uses_backend=True,
)
check_latents_task = TaskSpec(
    implementation="ecg_diffusion.tasks.check_latents:run",
    config="ecg_diffusion.tasks.check_latents:CheckLatentsConfig",
    summary="Measure the latents of an autoencoder, and say how to normalise them",
    uses_backend=True,
)
cache_latents_task = TaskSpec(
    implementation="ecg_diffusion.tasks.cache_latents:run",
    config="ecg_diffusion.tasks.cache_latents:CacheLatentsConfig",
    summary="Encode the pictures of training once, into one file",
    uses_backend=True,
)
train_task = TaskSpec(
    implementation="ecg_diffusion.tasks.train:run",
    config="ecg_diffusion.tasks.train:DiffusionTrainConfig",
    summary="Train a diffusion model of latents, class by class",
    uses_backend=True,
)
sample_task = TaskSpec(
    implementation="ecg_diffusion.tasks.sample:run",
    config="ecg_diffusion.tasks.sample:SampleConfig",
    summary="Draw pictures of every class from trained checkpoints",
    uses_backend=True,
)
vae_model = ModelSpec(
    implementation="ecg_diffusion.autoencoder.model:KlVae",
    config="ecg_diffusion.autoencoder.network:VaeConfig",
    summary="A KL autoencoder, diffusers' AutoencoderKL, a latent for 8 x 8 pixels",
)
unet_model = ModelSpec(
    implementation="ecg_diffusion.denoiser.model:LatentDiffusion",
    config="ecg_diffusion.denoiser.network:UNetConfig",
    summary="A denoiser of latents, diffusers' UNet2DModel, conditioned on a class or on none",
)
evaluate_task = TaskSpec(
    implementation="ecg_diffusion.tasks.evaluate:run",
    config="ecg_diffusion.tasks.evaluate:EvaluateConfig",
    summary="Measure whether samples help a classifier of real pictures",
    uses_backend=True,
)
resnet18_model = ModelSpec(
    implementation="ecg_diffusion.evaluation.resnet18:PictureResNet18",
    summary="ResNet-18, the classifier by which samples are evaluated",
)
pictures_data = DatasetSpec(
    implementation="ecg_diffusion.data.pictures:PictureData",
    config="ecg_diffusion.data.pictures:PictureDataConfig",
    summary="Pictures of class folders, the part of a split to train on, for diffusion.train_vae",
)
latents_data = DatasetSpec(
    implementation="ecg_diffusion.latents.data:LatentData",
    config="ecg_diffusion.latents.sources:LatentDataConfig",
    summary="Latents of a file, or pictures to encode, for diffusion.train",
)
monitor_task = TaskSpec(
    implementation="ecg_diffusion.tasks.monitor:run",
    config="ecg_diffusion.tasks.monitor:MonitorConfig",
    summary="Progress of a training, what to expect of it, and its faults",
)
