"""The files that a digitized page becomes."""
