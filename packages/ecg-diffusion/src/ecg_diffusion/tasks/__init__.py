"""What `ecg run` runs, one task a file."""
