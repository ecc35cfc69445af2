"""How the processes of this package are started: fresh, and without the current folder on their path.

`multiprocessing` starts them by ``python -c``, which would take a ``socket.py`` of the current folder for the module.
"""

from __future__ import annotations

from multiprocessing.context import SpawnContext, SpawnProcess

from ecg_core.plugins.registry import registry
from ecg_core.safe_path import forget_start, safe_path_for_one_start


class SafeProcess(SpawnProcess):
    """A process that begins without the current folder on its path, and then takes over that of its parent."""

    def start(self) -> None:
        """Start it, and the process that tracks resources for all of them, where there is none yet."""
        with safe_path_for_one_start():
            super().start()

    def run(self) -> None:
        """Do the work, in the new process."""
        forget_start()
        registry()  # which sees to it that damaged lists of entry points stop no library here either
        super().run()


class SafeContext(SpawnContext):
    """What `multiprocessing.get_context` gives for ``spawn``, with such processes."""

    Process = SafeProcess
