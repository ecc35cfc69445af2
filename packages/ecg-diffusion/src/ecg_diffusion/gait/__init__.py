"""Simulated people who walk, and the radar echo of them: a data set whose truth is known."""
