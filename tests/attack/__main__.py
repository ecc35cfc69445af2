"""The long run: ``python -m attack --inputs 3000 --kills 20`` prints a table, and fails if anything leaked."""

from __future__ import annotations

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import click

from attack.kills import jobs, killed
from attack.kinds import kinds
from attack.tally import Tally, table
from attack.watched import read_all


@click.command()
@click.option("--inputs", default=3000, show_default=True, help="Inputs to try, of all kinds together.")
@click.option("--kills", default=20, show_default=True, help="How often each kind of run is killed.")
@click.option("--seed", default=0, show_default=True, help="Of every input and moment.")
@click.option("--kind", "chosen", multiple=True, help="Only these kinds, or runs, by name; all by default.")
def main(inputs: int, kills: int, seed: int, chosen: tuple[str, ...]) -> None:
    """Try bad inputs by the thousand, then kill runs, and count what comes of them."""
    faults = _try_inputs(inputs, seed, chosen) + (_kill_runs(kills, seed, chosen) if kills else 0)
    sys.exit(bool(faults))


def _try_inputs(number: int, seed: int, chosen: tuple[str, ...]) -> int:
    tallies = []
    for name, kind in kinds().items():
        if (chosen and name not in chosen) or not find_spec(kind.needs):
            continue
        tally = Tally(name)
        tallies.append(tally)
        for outcome in read_all(kind.mutations(seed, round(number * kind.share)), kind.target, command=kind.command):
            tally.add(outcome)
        click.echo(f"{name}: {sum(tally.counts.values())} inputs, {tally.num_faults} faults", err=True)
    click.echo(table(tallies))
    return sum(tally.num_faults for tally in tallies)


def _kill_runs(number: int, seed: int, chosen: tuple[str, ...]) -> int:
    faults = 0
    with tempfile.TemporaryDirectory(prefix="attack-") as inputs:
        for name, job in jobs(Path(inputs)).items():
            if (chosen and name not in chosen) or not find_spec(job.needs):
                continue
            ends = list(killed(job, number, seed))
            differing = sorted({file for end in ends for file in end.differing})
            orphans = sum(len(end.orphans) for end in ends)
            told = f"{sum(end.kills for end in ends)} kills in {len(ends)} runs, {orphans} processes left"
            click.echo(f"{name}: {told}, files that differ: {', '.join(differing) or 'none'}")
            faults += len(differing) + orphans
    return faults


if __name__ == "__main__":
    main()
