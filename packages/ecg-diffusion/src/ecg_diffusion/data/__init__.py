"""Batches of training."""
