"""People who walk, simulated, and what a radar sees of them: a data set whose truth is known."""
