"""How long `ecg` takes to start, against a bare Python and a Python that imports click alone."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import click, attrs": [sys.executable, "-c", "import click, attrs"],
    "ecg --help": [sys.executable, "-m", "ecg_core.cli", "--help"],
    "ecg list": [sys.executable, "-m", "ecg_core.cli", "list"],
    "ecg list --long": [sys.executable, "-m", "ecg_core.cli", "list", "--long"],
}


def wall_s(command: list[str]) -> float:
    """Wall time of one run of a command."""
    start_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start_s


def main() -> None:
    """Time every command in turn, round by round, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    times_s: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds + 1):  # the first round warms the file cache
        for name, command in COMMANDS.items():
            times_s[name].append(wall_s(command))
    base_s = statistics.median(times_s["import click, attrs"][1:])
    print(f"{'command':24}{'median s':>10}{'min s':>10}{'/ click':>10}")
    for name, values in times_s.items():
        median_s = statistics.median(values[1:])
        print(f"{name:24}{median_s:10.3f}{min(values[1:]):10.3f}{median_s / base_s:10.2f}")


if __name__ == "__main__":
    main()
