"""The tasks of `ecg run`, one a file."""
