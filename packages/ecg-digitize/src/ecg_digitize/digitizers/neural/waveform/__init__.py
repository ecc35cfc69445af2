"""Stage 2: from a row of a page laid flat to the voltage of every column."""
