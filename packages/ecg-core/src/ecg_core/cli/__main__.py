"""``python -m ecg_core.cli``: the ``ecg`` command."""

from ecg_core.cli.main import main

main()
