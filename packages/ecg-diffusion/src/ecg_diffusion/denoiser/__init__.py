"""The denoiser: what a class of latents looks like, learned by taking noise away."""
