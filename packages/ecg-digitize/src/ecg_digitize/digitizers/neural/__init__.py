"""The neural digitizer: names and orientation, the grid laid flat, and every row read, by three small networks."""
