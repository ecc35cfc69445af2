"""Finding, loading and explaining plugins."""
