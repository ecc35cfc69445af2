"""Evaluation of samples: gain of a classifier, fidelity, diversity and memorisation."""
