"""Figures, plots and reports of a classifier on recordings whose classes are known."""
