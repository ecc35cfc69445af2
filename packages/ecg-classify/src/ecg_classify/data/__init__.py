"""Batches of prepared recordings."""
