"""Stage 0: the printed names of leads, the way up, and the rows they make."""
