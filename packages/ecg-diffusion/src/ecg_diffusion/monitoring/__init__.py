"""Monitoring: progress and faults of a training, read from its figures."""
