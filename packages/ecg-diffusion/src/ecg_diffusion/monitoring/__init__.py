"""What the figures of a training say of it."""
