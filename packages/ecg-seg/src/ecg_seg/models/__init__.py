"""Networks of segmentation, one architecture a file."""
