"""What ecg-diffusion registers."""

from __future__ import annotations

from ecg_core.plugins.spec import AreaSpec

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
