"""The denoiser: it learns what latents of a class look like by taking noise away."""
