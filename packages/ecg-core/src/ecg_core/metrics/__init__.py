"""Figures of merit on records and plain arrays."""
