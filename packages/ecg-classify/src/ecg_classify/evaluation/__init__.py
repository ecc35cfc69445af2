"""How right a classifier is."""
