"""Named configurations of tasks."""
