"""The tasks of ecg-digitize."""
