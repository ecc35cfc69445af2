"""The classical method: image processing alone, no learned weights; `method` says in which order."""
