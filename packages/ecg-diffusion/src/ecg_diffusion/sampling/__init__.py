"""The diffusion process: how noise is added, and how sampling takes it away again.

The sampler knows denoisers by the protocol `Denoiser` alone, because a denoiser draws grids of samples while it learns.
"""
