"""Recordings of any source made ready for training: signals, labels, splits."""
