"""Trained weights that come with the package, with their model card beside them."""
