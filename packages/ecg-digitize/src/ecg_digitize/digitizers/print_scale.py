"""Paper speed and gain of a page: what the user told of them, and what a page is read by."""

from __future__ import annotations

from collections.abc import Mapping
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

ScaleSource = Literal["given", "printed", "pulse", "assumed"]

NEARLY = 0.12
"""A pulse that is drawn or read so much too large or too small still means a usual speed or gain."""


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

    def all_printed(self, layouts: Mapping[str, Layout], paper: PaperSpec) -> dict[str, Layout]:
        """Every layout as `printed` gives it, by name."""
        return {name: self.printed(layout, paper) for name, layout in layouts.items()}


@attrs.frozen(kw_only=True)
class PrintScale:
    """Speed and gain of a page, and how they are known.

    Attributes:
        speed_mm_per_s: paper speed.
        speed_from: how the speed is known: ``given`` by the user, ``printed`` on the page, read off the ``pulse``, or
            ``assumed``.
        gain_mm_per_mv: gain.
        gain_from: how the gain is known, likewise.
    """

    speed_mm_per_s: float
    speed_from: ScaleSource
    gain_mm_per_mv: float
    gain_from: ScaleSource

    @property
    def paper(self) -> PaperSpec:
        """Paper of this scale."""
        return PaperSpec(speed_mm_per_s=self.speed_mm_per_s, gain_mm_per_mv=self.gain_mm_per_mv)

    def notes(self) -> list[str]:
        """What a user should know of the scale; nothing where all was given or read."""
        assumed = [
            text
            for source, text in (
                (self.speed_from, f"{self.speed_mm_per_s:g} mm/s (--speed)"),
                (self.gain_from, f"{self.gain_mm_per_mv:g} mm/mV (--gain)"),
            )
            if source == "assumed"
        ]
        return [f"no calibration pulse was read; taken for granted: {' and '.join(assumed)}"] if assumed else []


def _chosen(given: float | None, read: float, usual: tuple[float, ...], default: float) -> tuple[float, ScaleSource]:
    if given is not None:
        return given, "given"
    for value in usual:
        if abs(read / value - 1) <= NEARLY:
            return value, "pulse"
    return default, "assumed"
