"""Stage 1: the crossings of grid lines in a picture, put in order, and the paper laid flat by them."""
