"""Latents of a data set: their range, and a file of them."""
