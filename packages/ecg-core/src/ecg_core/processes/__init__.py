"""Other processes of this machine that work for this one: what each of them does, pools of them, and one for a device.

- `child`: what every such process does, and what its parent must know of it.
- `cores`, `memory`: how the processes share the cores, and how much memory they hold.
- `spawning`: how they are started.
- `worker`, `ahead`, `pool`: processes that take one call after another, and are watched.
- `ranks`: processes that run one function together, one process a device.

Nothing outside this package starts a process that computes.
"""
