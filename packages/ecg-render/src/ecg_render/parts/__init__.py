"""What stands on a page beside its traces: names, pulses, separators and words, each at its place."""
