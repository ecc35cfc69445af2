"""The process that reads: it says of each input how it ended, how long it took, and how much memory at most.

Its standard input gives a path a line; its standard output answers with a line of JSON. ``/proc`` tells the memory.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import chdir
from importlib import import_module
from pathlib import Path

from ecg_core.errors import EcgError

ADDRESS_SPACE = 12 << 30
"""Bytes: what wants more ends here by itself, so that the machine lives on."""


def main(target: str) -> None:
    """Read what is asked until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    module, _, function = target.partition(":")
    read: Callable[[Path], None] = getattr(import_module(module), function)
    with tempfile.TemporaryDirectory(prefix="attack-here-") as here, chdir(here):
        print(json.dumps({}), file=answers, flush=True)
        for line in sys.stdin:
            print(json.dumps(_tried(read, Path(line.rstrip("\n")))), file=answers, flush=True)


def _tried(read: Callable[[Path], None], path: Path) -> dict[str, object]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    begun = time.perf_counter()
    ended, says = _ended(read, path)
    if strangers := sorted(each.name for each in Path.cwd().iterdir()):
        ended, says = "leaked", f"{', '.join(strangers)} came to lie in the current folder: input was executed"
        subprocess.run(["rm", "-r", "--", *strangers], check=True)
    return {"ended": ended, "says": says, "seconds": time.perf_counter() - begun, "peak_mb": _peak_mb()}


def _ended(read: Callable[[Path], None], path: Path) -> tuple[str, str]:
    try:
        read(path)
    except EcgError as error:
        return "refused", str(error)
    except BaseException:  # noqa: BLE001 - whatever it is, it is what is looked for
        return "leaked", traceback.format_exc()
    return "read", ""


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(sys.argv[1])
