"""The tasks of this area, one a file."""
