"""How well pages are read: scores against the recordings that they were printed from, as tables and plots."""
