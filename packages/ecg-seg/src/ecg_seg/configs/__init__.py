"""Named configurations of the tasks, each one complete."""
