"""Tasks: train, evaluate, predict."""
