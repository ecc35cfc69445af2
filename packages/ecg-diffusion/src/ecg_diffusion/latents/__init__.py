"""Latents of a data set: encoded once into a file, their range and normalisation, and batches of them."""
