"""``python -m ecg_core.cli``: the ``ecg`` command."""

import os
import sys
from contextlib import suppress

with suppress(OSError):  # there is no current folder any more
    if not sys.flags.safe_path and sys.path[:1] == [os.getcwd()]:  # noqa: PTH109 - it is too early for pathlib
        del sys.path[0]  # `python -m` has put it there, and its files are none of our modules

from ecg_core.cli.main import main

main()
