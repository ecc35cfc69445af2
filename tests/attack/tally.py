"""What came of the inputs, counted by kind, and which faults there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import attrs

from attack.watched import FAULTS, MAX_MB, Outcome

COLUMNS = ("read", "refused", "stopped", *FAULTS)


@attrs.define
class Tally:
    """The outcomes of one kind of input."""

    kind: str
    counts: Counter[str] = attrs.field(factory=Counter)
    faults: dict[tuple[str, str], list[str]] = attrs.field(factory=dict)
    slowest_s: float = 0.0
    largest_mb: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count an outcome; a fault is kept by its last line, with the names of the inputs that led to it."""
        self.counts[outcome.ended] += 1
        self.slowest_s = max(self.slowest_s, outcome.seconds)
        self.largest_mb = max(self.largest_mb, outcome.peak_mb)
        if outcome.ended in FAULTS:
            last_line = outcome.says.strip().rpartition("\n")[2][:300]
            self.faults.setdefault((outcome.ended, last_line), []).append(outcome.name)

    @property
    def num_faults(self) -> int:
        return sum(self.counts[fault] for fault in FAULTS)


def table(tallies: Iterable[Tally]) -> str:
    """The counts as text, a row a kind, and below them each fault once."""
    tallies = list(tallies)
    rows = [_row(["kind", "inputs", *COLUMNS, "slowest s", f"most MB of {MAX_MB}"])]
    for tally in tallies:
        counts = [tally.counts[column] for column in COLUMNS]
        rows.append(_row([tally.kind, sum(counts), *counts, f"{tally.slowest_s:.1f}", f"{tally.largest_mb:.0f}"]))
    total = [sum(tally.counts[column] for tally in tallies) for column in COLUMNS]
    rows.append(_row(["all", sum(total), *total, "", ""]))
    return "\n".join([*rows, "", *_faults(tallies)])


def _row(cells: Iterable[object]) -> str:
    first, *others = map(str, cells)
    return f"{first:<16}" + "".join(f"{cell:>10}" for cell in others)


def _faults(tallies: Iterable[Tally]) -> Iterable[str]:
    for tally in tallies:
        for (ended, says), names in tally.faults.items():
            yield f"{tally.kind}: {ended} {len(names)} times ({names[0]}): {says}"
