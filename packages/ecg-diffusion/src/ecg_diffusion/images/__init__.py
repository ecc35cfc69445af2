"""Time-frequency images: made from signals, kept in class folders, split into training and test."""

SIDE_PX = 256
"""Side of every image, as the autoencoders of latent diffusion take them."""
