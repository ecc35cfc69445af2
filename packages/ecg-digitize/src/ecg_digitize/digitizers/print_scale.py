"""Paper speed and gain of a page: what the user told of them, and what a page is read by."""

from __future__ import annotations

from typing import Literal

import attrs

from ecg_core.paper import (
    PULSE_MV,
    PULSE_S,
    USUAL_GAINS_MM_PER_MV,
    USUAL_SPEEDS_MM_PER_S,
    Layout,
    PaperSpec,
    fitting,
)

ScaleSource = Literal["given", "printed", "columns", "rows", "pulse", "beats", "assumed"]
"""Where a speed or a gain is known from: told by the user; printed in words; the length of the columns or, where rows
have one lead alone, of the rows; the calibration pulse; the distance of the beats; or taken for granted."""

NEARLY = 0.12
"""A pulse that is drawn or read so much too large or too small still means a usual speed or gain."""

CERTAIN = 0.9
"""Certainty from which on a speed or gain is no reason for doubt."""


@attrs.frozen(kw_only=True)
class PrintSettings:
    """How the recorder was set that printed a page, as far as the user told it; None is to be found out.

    Attributes:
        speed_mm_per_s: paper speed.
        gain_mm_per_mv: gain.
        duration_s: time from the left to the right end of a row; by default what fits on the paper, 10 s at most.
    """

    speed_mm_per_s: float | None = None
    gain_mm_per_mv: float | None = None
    duration_s: float | None = None

    def scale(self, *, pulse_mm: tuple[float, float] | None = None) -> PrintScale:
        """Speed and gain: as given, else as the calibration pulse says, else the usual ones.

        Args:
            pulse_mm: width and height of the pulse, where there is one.
        """
        width_mm, height_mm = pulse_mm or (0.0, 0.0)
        speed, speed_from = _chosen(self.speed_mm_per_s, width_mm / PULSE_S, USUAL_SPEEDS_MM_PER_S, 25.0)
        gain, gain_from = _chosen(self.gain_mm_per_mv, height_mm / PULSE_MV, USUAL_GAINS_MM_PER_MV, 10.0)
        return PrintScale(speed_mm_per_s=speed, speed_from=speed_from, gain_mm_per_mv=gain, gain_from=gain_from)

    def printed(self, layout: Layout, paper: PaperSpec) -> Layout:
        """A layout with the duration that its rows have at a paper speed."""
        return layout.lasting(self.duration_s) if self.duration_s else fitting(layout, paper)


def _rounded(certainty: float) -> float:
    return round(float(certainty), 3)


@attrs.frozen(kw_only=True)
class PrintScale:
    """Speed and gain of a page, and how they are known.

    Attributes:
        speed_mm_per_s: paper speed.
        speed_from: how the speed is known, see `ScaleSource`.
        speed_certainty: how certain it is, 0 to 1.
        gain_mm_per_mv: gain.
        gain_from: how the gain is known, likewise.
        gain_certainty: how certain it is, 0 to 1.
        disagreeing: what was seen that says otherwise, in words.
    """

    speed_mm_per_s: float
    speed_from: ScaleSource
    speed_certainty: float = attrs.field(default=1.0, converter=_rounded)
    gain_mm_per_mv: float
    gain_from: ScaleSource
    gain_certainty: float = attrs.field(default=1.0, converter=_rounded)
    disagreeing: tuple[str, ...] = ()

    @property
    def paper(self) -> PaperSpec:
        """Paper of this scale."""
        return PaperSpec(speed_mm_per_s=self.speed_mm_per_s, gain_mm_per_mv=self.gain_mm_per_mv)

    def doubts(self) -> list[str]:
        """What makes the scale uncertain: what is known of it hardly, and what is taken for granted."""
        every = (
            (self.speed_from, self.speed_certainty, f"a paper speed of {self.speed_mm_per_s:g} mm/s", "--speed"),
            (self.gain_from, self.gain_certainty, f"a gain of {self.gain_mm_per_mv:g} mm/mV", "--gain"),
        )
        assumed = [(text, option) for source, _, text, option in every if source == "assumed"]
        unknown = [
            f"{text} is taken for granted: nothing that tells it was read on the page ({option} tells it)"
            for text, option in assumed
        ]
        uncertain = [
            f"{text} is uncertain ({option} tells it)"
            for source, certainty, text, option in every
            if source != "assumed" and (certainty < CERTAIN or self._is_contradicted(source))
        ]
        doubts = [*unknown, *uncertain]
        return [*doubts, *self.disagreeing] if doubts else []

    def _is_contradicted(self, source: ScaleSource) -> bool:
        """Whether a speed is known from beats alone, and something says otherwise: hearts beat at any rate."""
        return source == "beats" and any(text.endswith("mm/s") for text in self.disagreeing)

    def notes(self) -> list[str]:
        """What a user should know of a scale that is certain: what says otherwise."""
        return [] if self.doubts() else list(self.disagreeing)


def _chosen(given: float | None, read: float, usual: tuple[float, ...], default: float) -> tuple[float, ScaleSource]:
    if given is not None:
        return given, "given"
    for value in usual:
        if abs(read / value - 1) <= NEARLY:
            return value, "pulse"
    return default, "assumed"
