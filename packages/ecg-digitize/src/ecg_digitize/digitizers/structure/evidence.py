"""What was seen on a page that tells its structure, in millimetres on flat, upright paper, whoever saw it."""

from __future__ import annotations

from typing import Literal, Self

import attrs

MOSTLY_JOINED = 0.3
"""Share of a row's length over which the ink of traces hangs together, at least."""

IN_PIECES = 0.1
"""Ink that hangs together over less of its length is that of words."""

BEYOND_MM = 4.0
"""The line of a frame reaches over the traces by more at both ends."""

STROKE = "I"
"""A name that a steep wave, a bar or an edge may be taken for."""


@attrs.frozen
class NameMark:
    """A printed name of a lead.

    Attributes:
        name: the lead.
        x_mm: place of its middle, from any left edge.
        y_mm: the same, downwards.
        certainty: how certainly it was read, 0 to 1.
        width_mm: how wide it is, with some paper about it, as much for all; 0 where that is not known.
        others: what it may be as well, the likeliest first, each with its certainty.
    """

    name: str
    x_mm: float
    y_mm: float
    certainty: float = 1.0
    width_mm: float = 0.0
    others: tuple[tuple[str, float], ...] = ()

    @property
    def left_mm(self) -> float:
        """Where it begins."""
        return self.x_mm - self.width_mm / 2


@attrs.frozen
class InkRow:
    """A row of ink that may be a trace.

    Attributes:
        y_mm: height at which most of it lies.
        strength: share of the paper's width that is inked there.
        first_mm: where it begins.
        last_mm: where it ends.
        coverage: share of the columns in between that have ink near by; words have gaps, traces have few.
        waves: share of the columns in between that have ink away from that height, too; a line of a frame has none.
        joined: share of its length over which its ink hangs together for longer than words do.
        pulse_mm: height of the foot of its calibration pulse; None where none stands at an end of it.
        by_names: whether its names tell it, whatever its ink looks like.
        joined_mm: where ink of it that hangs together so begins and ends; None where that is not known.
        reads: whether a trace was read there, whatever its ink looks like.
    """

    y_mm: float
    strength: float
    first_mm: float
    last_mm: float
    coverage: float
    waves: float = 1.0
    joined: float = 1.0
    pulse_mm: float | None = None
    by_names: bool = False
    joined_mm: tuple[float, float] | None = None
    reads: bool = False

    @property
    def hangs_together(self) -> bool:
        """Whether its ink does over so much of its length that it is a trace, or the line of a frame, but no words."""
        return self.joined >= MOSTLY_JOINED

    @property
    def is_in_pieces(self) -> bool:
        """Whether hardly a part of its ink hangs together: it is words, however thick their letters are."""
        return self.joined < IN_PIECES

    def reaches_over(self, first_mm: float, last_mm: float) -> bool:
        """Whether it begins well before and ends well behind the traces of a page, as the line of a frame does.

        Words beside a trace that hangs together are no part of it.
        """
        ends_mm = self.joined_mm if self.hangs_together else None
        own_first_mm, own_last_mm = ends_mm or (self.first_mm, self.last_mm)
        return own_first_mm < first_mm - BEYOND_MM and own_last_mm > last_mm + BEYOND_MM

    @property
    def has_pulse(self) -> bool:
        """Whether it is a trace beyond doubt."""
        return self.pulse_mm is not None

    @property
    def level_mm(self) -> float:
        """Height of its zero line: where its pulse stands, or where most of its ink is."""
        return self.y_mm if self.pulse_mm is None else self.pulse_mm

    @property
    def length_mm(self) -> float:
        """Distance of its ends."""
        return self.last_mm - self.first_mm


@attrs.frozen
class PulseMark:
    """A calibration pulse.

    Attributes:
        left_mm: its left side.
        right_mm: its right side.
        top_mm: its top.
        foot_mm: its foot.
        certainty: how certainly it was seen, 0 to 1.
    """

    left_mm: float
    right_mm: float
    top_mm: float
    foot_mm: float
    certainty: float = 1.0

    @property
    def width_mm(self) -> float:
        """Distance of its sides."""
        return self.right_mm - self.left_mm

    @property
    def height_mm(self) -> float:
        """Distance of its top from its foot."""
        return self.foot_mm - self.top_mm

    def scaled(self, factor: float) -> Self:
        """The pulse on paper so many times as large."""
        return attrs.evolve(
            self,
            left_mm=factor * self.left_mm,
            right_mm=factor * self.right_mm,
            top_mm=factor * self.top_mm,
            foot_mm=factor * self.foot_mm,
        )


@attrs.frozen
class BarMark:
    """A bar, a tick or a dotted line between two leads.

    Attributes:
        x_mm: its place, across.
        top_mm: its top.
        foot_mm: its end.
    """

    x_mm: float
    top_mm: float
    foot_mm: float


@attrs.frozen
class PrintedScale:
    """A speed or a gain that is printed in words.

    Attributes:
        kind: which of the two.
        value: in mm/s or mm/mV.
        certainty: how certainly it was read, 0 to 1.
        place_mm: its middle, from any left edge and downwards; None where it is not known.
    """

    kind: Literal["speed", "gain"]
    value: float
    certainty: float = 1.0
    place_mm: tuple[float, float] | None = None
