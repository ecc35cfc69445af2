"""Bad input by the thousand: what comes of each is a result or an `EcgError`, in bounded time and memory.

Each kind of input has a module with ``mutations(seed, number)``, which gives the same inputs for the same seed. `kinds`
says what reads each of them, `watched` reads them in a process that may hang, swell or die, and `tally` counts.
``python -m attack`` (``nox -s attack``) is the long run; the tests here are a short one.
"""
