"""The ``ecg`` command: thin; the work of each command lives elsewhere."""
